-- Sums of each period and segment value: a flow adds up the months of its period, a stock is that
-- of the last one; what has no value in a dimension counts for each of its values.
with metric_months as (
    select * from {{ ref('int_metric_months') }}
),

metrics as (
    select * from {{ ref('metric_catalog') }}
),

period_months as (
    select * from {{ ref('int_period_months') }}
),

by_period as (
    select
        metric_months.metric_id,
        period_months.period_grain,
        period_months.period_start,
        period_months.begun_months,
        metric_months.segment_dimension,
        metric_months.segment_value,
        {{ exact_sum('metric_months.numerator') }} as numerator,
        {{ exact_sum('metric_months.denominator') }} as denominator,
        sum(metric_months.sample_size) as sample_size,
        sum(metric_months.numerator_rows) as numerator_rows,
        sum(metric_months.denominator_rows) as denominator_rows,
        sum(metric_months.immature_rows) as immature_rows
    from metric_months
    inner join metrics on metric_months.metric_id = metrics.metric_id
    inner join period_months
        on
            metric_months.month_start = period_months.month_start
            and (metrics.measures = 'flow' or period_months.is_last_month)
    group by 1, 2, 3, 4, 5, 6
),

with_broadcast as (
    select
        metric_id,
        period_grain,
        period_start,
        begun_months,
        segment_dimension,
        segment_value,
        {{ with_broadcast('numerator') }} as numerator,
        {{ with_broadcast('denominator') }} as denominator,
        {{ with_broadcast('sample_size') }} as sample_size,
        {{ with_broadcast('numerator_rows') }} as numerator_rows,
        {{ with_broadcast('denominator_rows') }} as denominator_rows,
        {{ with_broadcast('immature_rows') }} as immature_rows
    from by_period
    window same_dimension as (
        partition by metric_id, period_grain, period_start, segment_dimension
    )
),

metric_sums as (
    select * from with_broadcast
    where segment_value is not null
)

select * from metric_sums
