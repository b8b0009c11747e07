-- Mann-Kendall over the last 12 complete periods of a series (Mann 1945, corrected for ties
-- and for continuity; pymannkendall original_test): does it rise or fall beyond chance? A metric
-- that compares only like with like goes back as far as its periods measured what the latest did.
with metric_values as (
    select * from {{ ref('metric_values') }}
    where not is_partial_period
),

metrics as (
    select * from {{ ref('metric_catalog') }}
),

clusters as (
    select * from {{ ref('int_metric_clusters') }}
),

ranked as (
    select
        metric_values.metric_id,
        metric_values.period_grain,
        metric_values.period_start,
        metric_values.segment_dimension,
        metric_values.segment_value,
        metric_values.value,
        case when metrics.is_like_for_like then clusters.comparison_set end as comparison_set,
        row_number() over (
            partition by
                metric_values.metric_id,
                metric_values.period_grain,
                metric_values.segment_dimension,
                metric_values.segment_value
            order by metric_values.period_start desc
        ) as recency
    from metric_values
    inner join metrics on metric_values.metric_id = metrics.metric_id
    left join clusters
        on
            {{ same_number('metric_values', 'clusters') }}
    where
        metric_values.period_grain in ('month', 'quarter')
        and (
            metric_values.segment_dimension = 'all'
            or metric_values.target_status <> 'no_target'
        )
),

compared as (
    select
        *,
        first_value(comparison_set) over series as latest_set
    from ranked
    where recency <= 12
    window
        series as (
            partition by metric_id, period_grain, segment_dimension, segment_value order by recency
        )
),

-- A period that was not measured takes its place and gives no point.
measured as (
    select
        *,
        max(
            case when coalesce(comparison_set, '') <> coalesce(latest_set, '') then 1 else 0 end
        ) over series as is_unlike
    from compared
    where value is not null
    window
        series as (
            partition by metric_id, period_grain, segment_dimension, segment_value order by recency
        )
),

points as (
    select * from measured
    where is_unlike = 0
),

pairs as (
    select
        older.metric_id,
        older.period_grain,
        older.segment_dimension,
        older.segment_value,
        sum(sign(newer.value - older.value)) as score
    from points as older
    inner join points as newer
        on
            older.metric_id = newer.metric_id
            and older.period_grain = newer.period_grain
            and older.segment_dimension = newer.segment_dimension
            and older.segment_value = newer.segment_value
            and older.period_start < newer.period_start
    group by
        older.metric_id, older.period_grain, older.segment_dimension, older.segment_value
),

groups_of_ties as (
    select
        metric_id,
        period_grain,
        segment_dimension,
        segment_value,
        value,
        count(*) as tied
    from points
    group by metric_id, period_grain, segment_dimension, segment_value, value
),

sizes as (
    select
        metric_id,
        period_grain,
        segment_dimension,
        segment_value,
        sum(tied) as points,
        sum(tied * (tied - 1) * (2 * tied + 5)) as tie_correction
    from groups_of_ties
    group by metric_id, period_grain, segment_dimension, segment_value
),

metric_trends as (
    select
        sizes.metric_id,
        sizes.period_grain,
        sizes.segment_dimension,
        sizes.segment_value,
        sizes.points,
        case
            when sizes.points < 8 then null
            when pairs.score = 0 then 0
            else
                (pairs.score - sign(pairs.score))
                / sqrt(
                    (
                        sizes.points * (sizes.points - 1) * (2 * sizes.points + 5)
                        - sizes.tie_correction
                    ) / 18.0
                )
        end as z
    from sizes
    left join pairs
        on
            sizes.metric_id = pairs.metric_id
            and sizes.period_grain = pairs.period_grain
            and sizes.segment_dimension = pairs.segment_dimension
            and sizes.segment_value = pairs.segment_value
)

select * from metric_trends
