with findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded
),

-- One row per reported finding.
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
        case when verdict = 'disputed' then 1 else 0 end as numerator,
        1 as denominator
    from findings
)

select * from measured
