-- Mann-Kendall over the last 12 complete periods of a series (Mann 1945, corrected for ties
-- and for continuity; pymannkendall original_test): does it rise or fall beyond chance?
with metric_values as (
    select * from {{ ref('metric_values') }}
    where not is_partial_period
),

ranked as (
    select
        metric_id,
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        value,
        row_number() over (
            partition by metric_id, period_grain, segment_dimension, segment_value
            order by period_start desc
        ) as recency
    from metric_values
    where
        period_grain in ('month', 'quarter')
        and (
            segment_dimension = 'all'
            or target_status <> 'no_target'
        )
),

-- A period that was not measured takes its place and gives no point.
points as (
    select * from ranked
    where recency <= 12 and value is not null
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
