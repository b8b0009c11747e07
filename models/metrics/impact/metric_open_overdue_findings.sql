with open_findings as (
    select * from {{ ref('int_finding_months') }}
    where confirmed_fix_at is null and verdict <> 'false_positive'
),

-- One row per month and open finding, overdue or not, so that none overdue is 0.
measured as (
    select
        observed_on,
        'finding' as entity_type,
        finding_id as entity_id,
        system_id,
        severity,
        detection_source,
        vulnerability_class,
        technique_id,
        tool,
        case when due_at < judged_at then 1 else 0 end as numerator,
        cast(null as integer) as denominator
    from open_findings
)

select * from measured
