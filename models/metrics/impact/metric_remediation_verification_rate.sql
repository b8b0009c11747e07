with claims as (
    select * from {{ ref('fct_remediation_claims') }}
    where not is_excluded
),

-- One row per remediation claim; a retest of either outcome verifies it.
measured as (
    select
        cast(claimed_at as date) as observed_on,
        'claim' as entity_type,
        claim_id as entity_id,
        system_id,
        severity,
        detection_source,
        vulnerability_class,
        technique_id,
        tool,
        case when verified_at is not null then 1 else 0 end as numerator,
        1 as denominator
    from claims
)

select * from measured
