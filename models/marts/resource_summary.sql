-- What the team could do and what it was asked for, month by month. A register that nobody keeps,
-- and a month without a capacity row, is null, never 0.
with months as (
    select * from {{ ref('int_months') }}
),

periods as (
    select * from {{ ref('dim_periods') }}
    where period_grain = 'month'
),

capacity as (
    select * from {{ ref('stg_program__team_capacity') }}
),

effort as (
    select * from {{ ref('fct_effort') }}
),

assessments as (
    select * from {{ ref('fct_assessments') }}
),

metric_targets as (
    select * from {{ ref('metric_targets') }}
    where metric_id = 'time_to_assessment' and segment_dimension = 'assessment_tier'
),

present as (
    select
        max(case when needed = 'effort' then 1 end) as has_effort,
        max(case when needed = 'assessments' then 1 end) as has_assessments
    from {{ ref('int_present_sources') }}
),

first_records as (
    select month_start as happened_on from capacity
    union all
    select worked_on as happened_on from effort
    union all
    select cast(requested_at as date) as happened_on from assessments
),

worked as (
    select
        cast(date_trunc('month', worked_on) as date) as month_start,
        {{ exact_sum('hours') }} as hours,
        {{ exact_sum("case when mode = 'automated' then hours else 0 end") }} as automated_hours,
        {{ exact_sum("case when mode = 'automated' then 0 else hours end") }} as manual_hours
    from effort
    group by cast(date_trunc('month', worked_on) as date)
),

requested as (
    select
        cast(date_trunc('month', requested_at) as date) as month_start,
        count(*) as requests
    from assessments
    group by cast(date_trunc('month', requested_at) as date)
),

delivered as (
    select
        cast(date_trunc('month', report_delivered_at) as date) as month_start,
        count(*) as deliveries
    from assessments
    where is_delivered
    group by cast(date_trunc('month', report_delivered_at) as date)
),

-- Asked for and neither delivered nor called off when the month ends.
waiting as (
    select
        months.month_start,
        count(*) as backlog,
        sum(
            case
                when
                    {{ add_days('assessments.requested_at', 'metric_targets.target_high') }}
                    < months.judged_at
                    then 1
                else 0
            end
        ) as overdue,
        max({{ days_between('assessments.requested_at', 'months.judged_at') }}) as longest_wait
    from months
    inner join assessments
        on
            months.judged_at > assessments.requested_at
            and months.judged_at <= coalesce(assessments.report_delivered_at, months.judged_at)
            and months.judged_at <= coalesce(assessments.cancelled_at, months.judged_at)
    left join metric_targets on assessments.assessment_tier = metric_targets.segment_value
    group by months.month_start
),

summarised as (
    select
        periods.period_start,
        periods.period_end,
        periods.is_partial_period,
        capacity.fte_testers,
        capacity.capacity_hours,
        case when present.has_effort = 1 then coalesce(worked.hours, 0) end as hours_worked,
        case when present.has_effort = 1 then coalesce(worked.manual_hours, 0) end as manual_hours,
        case when present.has_effort = 1 then coalesce(worked.automated_hours, 0) end
            as automated_hours,
        case when present.has_assessments = 1 then coalesce(requested.requests, 0) end
            as requested_assessments,
        case when present.has_assessments = 1 then coalesce(delivered.deliveries, 0) end
            as delivered_assessments,
        case when present.has_assessments = 1 then coalesce(waiting.backlog, 0) end as backlog,
        case when present.has_assessments = 1 then coalesce(waiting.overdue, 0) end
            as overdue_requests,
        waiting.longest_wait
    from periods
    cross join present
    left join capacity on periods.period_start = capacity.month_start
    left join worked on periods.period_start = worked.month_start
    left join requested on periods.period_start = requested.month_start
    left join delivered on periods.period_start = delivered.month_start
    left join waiting on periods.period_start = waiting.month_start
    where periods.period_end > (select min(first_records.happened_on) from first_records)
)

select
    period_start,
    period_end,
    is_partial_period,
    fte_testers,
    capacity_hours,
    hours_worked,
    manual_hours,
    automated_hours,
    100 * hours_worked / nullif(capacity_hours, 0) as utilisation,
    100 * manual_hours / nullif(capacity_hours, 0) as manual_utilisation,
    cast(requested_assessments as bigint) as requested_assessments,
    cast(delivered_assessments as bigint) as delivered_assessments,
    cast(backlog as bigint) as backlog,
    cast(overdue_requests as bigint) as overdue_requests,
    longest_wait as longest_wait_days
from summarised
