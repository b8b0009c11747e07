with first_findings as (
    select * from {{ ref('fct_first_findings') }}
    where is_new_system
),

-- As recurrence_rate, counting only classes that another system had already fixed.
measured as (
    select
        cast(reported_at as date) as observed_on,
        'system_class' as entity_type,
        finding_id as entity_id,
        system_id,
        severity,
        detection_source,
        vulnerability_class,
        technique_id,
        tool,
        case when is_fixed_class then 1 else 0 end as numerator,
        1 as denominator
    from first_findings
)

select * from measured
