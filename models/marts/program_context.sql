-- What happened around a number: systems, assessments, findings, attempts, testers per period.
-- A register nobody keeps is null, never 0.
with periods as (
    select * from {{ ref('dim_periods') }}
),

systems as (
    select * from {{ ref('dim_systems') }}
),

assessments as (
    select * from {{ ref('fct_assessments') }}
    where is_delivered
),

findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded
),

attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where is_primary_judge and not is_control
),

capacity as (
    select * from {{ ref('stg_program__team_capacity') }}
),

present as (
    select
        max(case when needed = 'systems' then 1 end) as has_systems,
        max(case when needed = 'assessments' then 1 end) as has_assessments,
        max(case when needed = 'findings' then 1 end) as has_findings,
        max(case when needed = 'attempts' then 1 end) as has_attempts
    from {{ ref('int_present_sources') }}
),

happenings as (
    select
        cast(in_production_from as date) as happened_on,
        'new_systems' as what,
        1 as times
    from systems
    union all
    select
        cast(retired_at as date) as happened_on,
        'retired_systems' as what,
        1 as times
    from systems
    union all
    select
        cast(report_delivered_at as date) as happened_on,
        assessment_tier as what,
        1 as times
    from assessments
    union all
    select
        cast(reported_at as date) as happened_on,
        case when severity in ('critical', 'high') then 'serious_findings' else 'other_findings' end
            as what,
        1 as times
    from findings
    union all
    select
        attempted_on as happened_on,
        'attempts' as what,
        attempts as times
    from attack_results
),

daily as (
    select
        happened_on,
        sum(case when what = 'new_systems' then times else 0 end) as new_systems,
        sum(case when what = 'retired_systems' then times else 0 end) as retired_systems,
        sum(case when what = 'quick_scan' then times else 0 end) as quick_scans,
        sum(case when what = 'standard' then times else 0 end) as standard_assessments,
        sum(case when what = 'comprehensive' then times else 0 end) as comprehensive_assessments,
        sum(case when what = 'serious_findings' then times else 0 end) as serious_findings,
        sum(case when what = 'other_findings' then times else 0 end) as other_findings,
        sum(case when what = 'attempts' then times else 0 end) as attempts
    from happenings
    where happened_on is not null
    group by happened_on
),

summed as (
    select
        periods.period_grain,
        periods.period_start,
        coalesce(sum(daily.new_systems), 0) as new_systems,
        coalesce(sum(daily.retired_systems), 0) as retired_systems,
        coalesce(sum(daily.quick_scans), 0) as quick_scans,
        coalesce(sum(daily.standard_assessments), 0) as standard_assessments,
        coalesce(sum(daily.comprehensive_assessments), 0) as comprehensive_assessments,
        coalesce(sum(daily.serious_findings), 0) as serious_findings,
        coalesce(sum(daily.other_findings), 0) as other_findings,
        coalesce(sum(daily.attempts), 0) as attempts
    from periods
    left join daily
        on
            periods.period_start <= daily.happened_on
            and periods.period_end > daily.happened_on
    group by periods.period_grain, periods.period_start
),

staffed as (
    select
        periods.period_grain,
        periods.period_start,
        {{ exact_mean('capacity.fte_testers') }} as fte_testers
    from periods
    inner join capacity
        on
            periods.period_start <= capacity.month_start
            and periods.period_end > capacity.month_start
    group by periods.period_grain, periods.period_start
),

in_production as (
    select
        periods.period_grain,
        periods.period_start,
        count(*) as systems_in_production
    from periods
    inner join systems
        on
            periods.judged_at > systems.in_production_from
            and periods.judged_at <= coalesce(systems.retired_at, periods.judged_at)
    group by periods.period_grain, periods.period_start
),

first_day as (
    select min(happened_on) as first_happened_on
    from daily
),

context as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_partial_period,
        case when present.has_systems = 1 then coalesce(in_production.systems_in_production, 0) end
            as systems_in_production,
        case when present.has_systems = 1 then summed.new_systems end as new_systems,
        case when present.has_systems = 1 then summed.retired_systems end as retired_systems,
        case
            when present.has_assessments = 1
                then
                    summed.quick_scans
                    + summed.standard_assessments
                    + summed.comprehensive_assessments
        end as assessments_delivered,
        case when present.has_assessments = 1 then summed.quick_scans end as quick_scans,
        case when present.has_assessments = 1 then summed.standard_assessments end
            as standard_assessments,
        case when present.has_assessments = 1 then summed.comprehensive_assessments end
            as comprehensive_assessments,
        case
            when present.has_findings = 1 then summed.serious_findings + summed.other_findings
        end as findings_reported,
        case when present.has_findings = 1 then summed.serious_findings end
            as critical_high_findings,
        case when present.has_attempts = 1 then summed.attempts end as attempts,
        staffed.fte_testers
    from periods
    inner join first_day on periods.period_end > first_day.first_happened_on
    cross join present
    inner join summed
        on
            periods.period_grain = summed.period_grain
            and periods.period_start = summed.period_start
    left join staffed
        on
            periods.period_grain = staffed.period_grain
            and periods.period_start = staffed.period_start
    left join in_production
        on
            periods.period_grain = in_production.period_grain
            and periods.period_start = in_production.period_start
)

select
    period_grain,
    period_start,
    period_end,
    is_partial_period,
    cast(systems_in_production as bigint) as systems_in_production,
    cast(new_systems as bigint) as new_systems,
    cast(retired_systems as bigint) as retired_systems,
    cast(assessments_delivered as bigint) as assessments_delivered,
    cast(quick_scans as bigint) as quick_scans,
    cast(standard_assessments as bigint) as standard_assessments,
    cast(comprehensive_assessments as bigint) as comprehensive_assessments,
    cast(findings_reported as bigint) as findings_reported,
    cast(critical_high_findings as bigint) as critical_high_findings,
    cast(attempts as bigint) as attempts,
    cast(fte_testers as {{ type_double() }}) as fte_testers
from context
