-- Standard error, in the metric's unit, of the means of days and of the percentages that weigh
-- their things: of the ratio of two sums, from what each thing adds beyond its share. Things that
-- all count once need none: two proportions compare by their counts.
with observations as (
    select * from {{ ref('metric_observations') }}
),

metric_values as (
    select * from {{ ref('metric_values') }}
    where
        segment_dimension = 'all'
        and period_grain in ('month', 'quarter')
        and unit in ('days', 'percent')
        and denominator > 0
),

metrics as (
    select * from {{ ref('metric_catalog') }}
),

periods as (
    select * from {{ ref('dim_periods') }}
),

weighed as (
    select
        observations.metric_id,
        bool_or(observations.denominator <> 1) as weighs_things
    from observations
    inner join metrics on observations.metric_id = metrics.metric_id
    where
        metrics.unit = 'percent'
        and coalesce(metrics.interval_method, 'none') <> 'wilson_clustered'
    group by observations.metric_id
),

needing as (
    select
        metrics.metric_id,
        metrics.measures,
        case when metrics.unit = 'percent' then 100 else 1 end as scale
    from metrics
    left join weighed on metrics.metric_id = weighed.metric_id
    where metrics.unit = 'days' or weighed.weighs_things
),

residuals as (
    select
        metric_values.metric_id,
        metric_values.period_grain,
        metric_values.period_start,
        metric_values.denominator,
        needing.scale,
        observations.numerator
        - observations.denominator * metric_values.numerator / metric_values.denominator as residual
    from metric_values
    inner join needing on metric_values.metric_id = needing.metric_id
    inner join periods
        on
            metric_values.period_grain = periods.period_grain
            and metric_values.period_start = periods.period_start
    inner join observations
        on
            metric_values.metric_id = observations.metric_id
            and metric_values.period_end > observations.observed_on
            and case
                when needing.measures = 'flow' then metric_values.period_start
                else periods.last_month_start
            end <= observations.observed_on
),

metric_errors as (
    select
        metric_id,
        period_grain,
        period_start,
        max(scale)
        * sqrt({{ exact_sum('residual * residual') }} * count(*) / nullif(count(*) - 1, 0))
        / max(denominator) as standard_error
    from residuals
    group by metric_id, period_grain, period_start
)

select * from metric_errors
