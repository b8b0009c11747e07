with findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded and verdict <> 'false_positive'
),

-- One row per reported finding; the instant due_at itself is in time.
measured as (
    select
        cast(reported_at as date) as observed_on,
        'finding' as entity_type,
        finding_id as entity_id,
        system_id,
        severity,
        detection_source,
        vulnerability_class,
        technique_id,
        tool,
        case when confirmed_fix_at <= due_at then 1 else 0 end as numerator,
        1 as denominator,
        is_not_yet_due as is_immature
    from findings
)

select * from measured
