-- Where each metric stands: the latest complete month and quarter, for the program and for the
-- segments that have a target.
with metric_values as (
    select * from {{ ref('metric_values') }}
    where not is_partial_period and period_grain in ('month', 'quarter')
),

metrics as (
    select * from {{ ref('metric_catalog') }}
),

needs as (
    select * from {{ ref('int_metric_needs') }}
),

targets as (
    select * from {{ ref('metric_targets') }}
),

periods as (
    select * from {{ ref('dim_periods') }}
    where not is_partial_period and period_grain in ('month', 'quarter')
),

sums as (
    select * from {{ ref('int_metric_sums') }}
),

trends as (
    select * from {{ ref('int_metric_trends') }}
),

classes as (
    select * from {{ ref('int_metric_classes') }}
),

incomplete_metrics as (
    select * from {{ ref('int_incomplete_metrics') }}
),

-- A companion that settles late raises its alarm in an earlier period than the latest: the one
-- period of each pair that alerts are about.
alerts as (
    select
        metric_id,
        period_grain,
        segment_dimension,
        segment_value,
        {{ joined_text('companion', ', ') }} as alarmed_by
    from {{ ref('metric_companion_alerts') }}
    group by metric_id, period_grain, segment_dimension, segment_value
),

latest as (
    select
        period_grain,
        max(period_start) as period_start,
        max(period_end) as period_end
    from periods
    group by period_grain
),

segments as (
    select
        metric_id,
        'all' as segment_dimension,
        'all' as segment_value
    from metrics

    union

    select
        metric_id,
        segment_dimension,
        segment_value
    from targets
),

numbers as (
    select
        segments.metric_id,
        latest.period_grain,
        latest.period_start,
        latest.period_end,
        segments.segment_dimension,
        segments.segment_value
    from segments
    cross join latest
),

-- A metric that cannot be measured has its row too, and says what is missing.
standing as (
    select
        numbers.metric_id,
        numbers.period_grain,
        numbers.period_start,
        numbers.period_end,
        numbers.segment_dimension,
        numbers.segment_value,
        metric_values.value,
        metrics.unit,
        metrics.direction,
        metrics.is_like_for_like,
        metric_values.numerator,
        metric_values.denominator,
        metric_values.sample_size,
        metric_values.interval_low,
        metric_values.interval_high,
        targets.target_low,
        targets.target_high,
        metric_values.target_status,
        metric_values.previous_value,
        metric_values.change,
        coalesce(sums.immature_rows > 0, false) as is_immature,
        trends.points as trend_points,
        trends.z as trend_z,
        classes.distinct_classes,
        classes.is_saturated,
        incomplete_metrics.metric_id is not null as is_incomplete,
        alerts.alarmed_by,
        targets.metric_id is not null as has_target,
        needs.missing
    from numbers
    inner join metrics on numbers.metric_id = metrics.metric_id
    inner join needs on numbers.metric_id = needs.metric_id
    left join targets
        on
            numbers.metric_id = targets.metric_id
            and numbers.segment_dimension = targets.segment_dimension
            and numbers.segment_value = targets.segment_value
    left join metric_values
        on
            {{ same_number('numbers', 'metric_values') }}
    left join sums
        on
            {{ same_number('numbers', 'sums') }}
    left join trends
        on
            numbers.metric_id = trends.metric_id
            and numbers.period_grain = trends.period_grain
            and numbers.segment_dimension = trends.segment_dimension
            and numbers.segment_value = trends.segment_value
    left join classes
        on
            numbers.metric_id = classes.metric_id
            and numbers.period_grain = classes.period_grain
            and numbers.period_start = classes.period_start
            and numbers.segment_dimension = 'all'
    left join incomplete_metrics on numbers.metric_id = incomplete_metrics.metric_id
    left join alerts
        on
            numbers.metric_id = alerts.metric_id
            and numbers.period_grain = alerts.period_grain
            and numbers.segment_dimension = alerts.segment_dimension
            and numbers.segment_value = alerts.segment_value
)

select
    metric_id,
    period_grain,
    period_start,
    period_end,
    segment_dimension,
    segment_value,
    value,
    unit,
    numerator,
    denominator,
    sample_size,
    interval_low,
    interval_high,
    target_low,
    target_high,
    case
        when is_like_for_like and previous_value is null then null
        when target_status is not null then target_status
        when has_target then 'not_measured'
        else 'no_target'
    end as target_status,
    previous_value,
    change,
    is_immature,
    -- Fewer than 8 points, or periods measured unlike: nothing can be said.
    case
        when is_like_for_like and previous_value is null then null
        when is_immature then 'undecided'
        when trend_z is null then 'too few periods'
        when abs(trend_z) < 1.959963984540054 then 'no evidence'
        when direction not in ('up', 'down') and trend_z > 0 then 'rising'
        when direction not in ('up', 'down') then 'falling'
        when (direction = 'up') = (trend_z > 0) then 'better'
        else 'worse'
    end as trend,
    cast(trend_points as bigint) as trend_points,
    cast(trend_z as {{ type_double() }}) as trend_z,
    cast(distinct_classes as bigint) as distinct_classes,
    is_saturated,
    is_incomplete,
    alarmed_by is not null as has_alarm,
    alarmed_by,
    missing as missing_sources
from standing
