-- How many weakness classes stand behind a rate that reads classes, and how much the largest holds.
with observations as (
    select * from {{ ref('metric_observations') }}
    where vulnerability_class is not null
),

metrics as (
    select * from {{ ref('metric_catalog') }}
    where reads_classes
),

period_months as (
    select * from {{ ref('int_period_months') }}
),

by_class as (
    select
        observations.metric_id,
        period_months.period_grain,
        period_months.period_start,
        observations.vulnerability_class,
        sum(observations.sample_size) as things
    from observations
    inner join metrics on observations.metric_id = metrics.metric_id
    inner join period_months
        on cast(date_trunc('month', observations.observed_on) as date) = period_months.month_start
    group by
        observations.metric_id,
        period_months.period_grain,
        period_months.period_start,
        observations.vulnerability_class
),

metric_classes as (
    select
        metric_id,
        period_grain,
        period_start,
        count(*) as distinct_classes,
        count(*) < 20 or max(things) > 0.4 * sum(things) as is_saturated
    from by_class
    group by metric_id, period_grain, period_start
)

select * from metric_classes
