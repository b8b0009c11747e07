with claims as (
    select * from {{ ref('fct_remediation_claims') }}
    where not is_excluded and verified_at is not null
),

-- One row per verified claim, by the first retest after it.
measured as (
    select
        cast(verified_at as date) as observed_on,
        'claim' as entity_type,
        claim_id as entity_id,
        system_id,
        severity,
        detection_source,
        vulnerability_class,
        technique_id,
        tool,
        case when verified_by = 'retest_passed' then 1 else 0 end as numerator,
        1 as denominator
    from claims
)

select * from measured
