-- Median and 90th percentile of the metrics that are means of days.
with observations as (
    select * from {{ ref('metric_observations') }}
),

metrics as (
    select * from {{ ref('metric_catalog') }}
),

period_months as (
    select * from {{ ref('int_period_months') }}
),

dimensions as (
    {{ dimension_names() }}
),

segmented as (
    select
        observations.metric_id,
        period_months.period_grain,
        period_months.period_start,
        dimensions.segment_dimension,
        {{ segment_value('observations') }} as segment_value,
        observations.numerator as days
    from observations
    inner join metrics on observations.metric_id = metrics.metric_id and metrics.unit = 'days'
    inner join period_months
        on cast(date_trunc('month', observations.observed_on) as date) = period_months.month_start
    cross join dimensions
),

metric_quantiles as (
    select
        metric_id,
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        percentile_cont(0.5) within group (order by days) as median,
        percentile_cont(0.9) within group (order by days) as p90
    from segmented
    where segment_value is not null
    group by 1, 2, 3, 4, 5
)

select * from metric_quantiles
