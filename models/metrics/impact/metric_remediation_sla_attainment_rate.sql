with findings as (
    select * from {{ ref('fct_findings') }}
    where
        not is_excluded
        and verdict <> 'false_positive'
        and due_at is not null
        and not is_not_yet_due
),

-- One row per finding that is due: open and overdue is a miss, not yet due is not counted.
measured as (
    select
        cast(due_at as date) as observed_on,
        'finding' as entity_type,
        finding_id as entity_id,
        system_id,
        severity,
        detection_source,
        vulnerability_class,
        technique_id,
        tool,
        case when confirmed_fix_at <= due_at then 1 else 0 end as numerator,
        1 as denominator
    from findings
)

select * from measured
