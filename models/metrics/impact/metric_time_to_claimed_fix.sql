with findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded and verdict <> 'false_positive' and claimed_fix_at is not null
),

-- One row per finding with a remediation claim, to its last claim.
measured as (
    select
        cast(claimed_fix_at as date) as observed_on,
        'finding' as entity_type,
        finding_id as entity_id,
        system_id,
        severity,
        detection_source,
        vulnerability_class,
        technique_id,
        tool,
        {{ days_between('reported_at', 'claimed_fix_at') }} as numerator,
        1 as denominator
    from findings
)

select * from measured
