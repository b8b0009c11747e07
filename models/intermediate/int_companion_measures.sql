-- Metrics and companion signals in one shape, months and quarters of `all`, each with what its
-- comparison needs: compared_by proportion (events in trials), mean (a standard error) or rate
-- (events in an exposure; sign -1 where the value is exposure per event, as a cost).
with metric_values as (
    select * from {{ ref('metric_values') }}
    where segment_dimension = 'all' and period_grain in ('month', 'quarter')
),

metrics as (
    select * from {{ ref('metric_catalog') }}
),

metric_errors as (
    select * from {{ ref('int_companion_metric_errors') }}
),

metric_sums as (
    select * from {{ ref('int_metric_sums') }}
),

clusters as (
    select * from {{ ref('int_metric_clusters') }}
),

periods as (
    select * from {{ ref('dim_periods') }}
),

signals_long as (
    select * from {{ ref('int_companion_signals_long') }}
),

of_metrics as (
    select
        metric_values.metric_id as measure,
        'metric' as measure_kind,
        metric_values.period_grain,
        metric_values.period_start,
        metric_values.period_end,
        case
            when metrics.measures = 'flow' then metric_values.period_start
            else periods.last_month_start
        end as rows_from,
        metric_values.unit,
        metric_values.value,
        metric_values.sample_size,
        metric_sums.immature_rows > 0 as is_immature,
        not metrics.is_like_for_like or metric_values.previous_value is not null
            as is_comparable,
        metric_values.target_low,
        metric_values.target_high,
        case
            when metric_values.unit = 'days' or metric_errors.standard_error is not null
                then 'mean'
            when metric_values.unit = 'percent' then 'proportion'
            else 'rate'
        end as compared_by,
        case when metric_values.unit = 'currency' then -1 else 1 end as sign,
        metric_errors.standard_error,
        case
            when metric_values.unit = 'currency' then metric_values.denominator
            when metrics.interval_method = 'wilson_clustered'
                then metric_values.value / 100.0 * clusters.effective_n
            else metric_values.numerator
        end as events,
        case
            when metric_values.unit = 'currency' then metric_values.numerator
            when metric_values.unit = 'count' then 1
            when metrics.interval_method = 'wilson_clustered' then clusters.effective_n
            else metric_values.denominator
        end as exposure
    from metric_values
    inner join metrics on metric_values.metric_id = metrics.metric_id
    inner join periods
        on
            metric_values.period_grain = periods.period_grain
            and metric_values.period_start = periods.period_start
    left join metric_sums
        on
            {{ same_number('metric_values', 'metric_sums') }}
    left join clusters
        on
            {{ same_number('metric_values', 'clusters') }}
    left join metric_errors
        on
            metric_values.metric_id = metric_errors.metric_id
            and metric_values.period_grain = metric_errors.period_grain
            and metric_values.period_start = metric_errors.period_start
),

of_signals as (
    select
        signal as measure,
        'signal' as measure_kind,
        period_grain,
        period_start,
        period_end,
        case when measures = 'flow' then period_start else last_month_start end as rows_from,
        unit,
        value,
        sample_size,
        false as is_immature,
        true as is_comparable,
        cast(null as {{ type_double() }}) as target_low,
        cast(null as {{ type_double() }}) as target_high,
        case
            when kind = 'share' then 'proportion'
            when kind in ('mean', 'median') then 'mean'
            else 'rate'
        end as compared_by,
        1 as sign,
        standard_error,
        case
            when kind = 'share' then value / 100.0 * trials
            when kind = 'rate' then numerator
            else value
        end as events,
        case
            when kind = 'share' then trials
            when kind = 'rate' then denominator
            else 1
        end as exposure
    from signals_long
),

measures as (
    select * from of_metrics
    union all
    select * from of_signals
)

select
    measure,
    measure_kind,
    period_grain,
    period_start,
    period_end,
    rows_from,
    unit,
    cast(value as {{ type_double() }}) as value,
    cast(sample_size as bigint) as sample_size,
    coalesce(is_immature, false) as is_immature,
    is_comparable,
    cast(target_low as {{ type_double() }}) as target_low,
    cast(target_high as {{ type_double() }}) as target_high,
    compared_by,
    sign,
    cast(standard_error as {{ type_double() }}) as standard_error,
    cast(events as {{ type_double() }}) as events,
    cast(exposure as {{ type_double() }}) as exposure
from measures
