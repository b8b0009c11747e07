with incidents as (
    select * from {{ ref('fct_incidents') }}
    where vulnerability_class <> 'unknown'
),

findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded and verdict <> 'false_positive'
),

first_reports as (
    select
        vulnerability_class,
        min(reported_at) as first_reported_at
    from findings
    group by vulnerability_class
),

-- One row per incident: had we found its weakness, in any system, before it happened?
measured as (
    select
        cast(incidents.occurred_at as date) as observed_on,
        'incident' as entity_type,
        incidents.incident_id as entity_id,
        incidents.system_id,
        incidents.severity,
        incidents.vulnerability_class,
        case when first_reports.first_reported_at < incidents.occurred_at then 1 else 0 end
            as numerator,
        1 as denominator
    from incidents
    left join first_reports
        on incidents.vulnerability_class = first_reports.vulnerability_class
)

select * from measured
