-- Sums of each period and segment value: a flow adds up the months of its period, a stock is that of the
-- last one; what has no value in a dimension counts for each of its values.
{% set sums = [
    'numerator', 'denominator', 'sample_size', 'numerator_rows', 'denominator_rows', 'immature_rows'
] %}
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
        metric_months.segment_value
        {%- for name in sums %},
        sum(metric_months.{{ name }}) as {{ name }}
        {%- endfor %}
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
        segment_value
        {%- for name in sums %},
        coalesce({{ name }}, 0)
        + coalesce(sum(case when segment_value is null then {{ name }} end) over same_dimension, 0)
            as {{ name }}
        {%- endfor %}
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
