-- The first finding of each weakness class in each system, and what was known of the class before.
with findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded and verdict <> 'false_positive' and vulnerability_class <> 'unknown'
),

systems as (
    select * from {{ ref('dim_systems') }}
),

-- A finding of the class that is strictly earlier than a system's first one is another system's,
-- and so is a confirmed fix: no fix comes before its report.
ranked as (
    select
        finding_id,
        system_id,
        vulnerability_class,
        severity,
        detection_source,
        technique_id,
        tool,
        reported_at,
        row_number() over (
            partition by system_id, vulnerability_class order by reported_at, finding_id
        ) as report_number,
        min(reported_at) over (partition by vulnerability_class) as class_first_reported_at,
        min(confirmed_fix_at) over (partition by vulnerability_class) as class_first_fixed_at
    from findings
),

first_findings as (
    select
        ranked.finding_id,
        ranked.system_id,
        ranked.vulnerability_class,
        ranked.severity,
        ranked.detection_source,
        ranked.technique_id,
        ranked.tool,
        ranked.reported_at,
        coalesce(
            ranked.reported_at
            < least(
                coalesce(systems.onboarded_at, systems.in_production_from),
                coalesce(systems.in_production_from, systems.onboarded_at)
            ) + interval '12 months',
            false
        ) as is_new_system,
        ranked.class_first_reported_at < ranked.reported_at as is_known_class,
        coalesce(ranked.class_first_fixed_at < ranked.reported_at, false) as is_fixed_class
    from ranked
    inner join systems on ranked.system_id = systems.system_id
    where ranked.report_number = 1
)

select * from first_findings
