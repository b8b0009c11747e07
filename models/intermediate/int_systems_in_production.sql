-- One row per month and system that is in production at the month's T.
with systems as (
    select * from {{ ref('dim_systems') }}
),

months as (
    select * from {{ ref('int_months') }}
),

assessments as (
    select * from {{ ref('fct_assessments') }}
),

in_production as (
    select
        months.month_start,
        months.judged_at,
        months.observed_on,
        months.year_before,
        systems.system_id
    from systems
    inner join months
        on
            systems.in_production_from < months.judged_at
            and coalesce(systems.retired_at, months.judged_at) >= months.judged_at
),

systems_in_production as (
    select
        in_production.month_start,
        in_production.judged_at,
        in_production.observed_on,
        in_production.system_id,
        count(assessments.assessment_id) as assessments_last_12_months
    from in_production
    left join assessments
        on
            in_production.system_id = assessments.system_id
            and assessments.is_delivered
            and in_production.year_before <= assessments.report_delivered_at
            and in_production.judged_at > assessments.report_delivered_at
    group by
        in_production.month_start,
        in_production.judged_at,
        in_production.observed_on,
        in_production.system_id
)

select * from systems_in_production
