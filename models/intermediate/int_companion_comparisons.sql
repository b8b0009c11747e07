-- Each metric against each of its companions, in the latest complete month and quarter: did the one
-- get better while the other got worse? A companion that only settles some days after a period's
-- end is compared in the latest period that has settled.
with companions as (
    select * from {{ ref('metric_companions') }}
),

metrics as (
    select * from {{ ref('metric_catalog') }}
),

periods as (
    select * from {{ ref('dim_periods') }}
    where period_grain in ('month', 'quarter')
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

movements as (
    select * from {{ ref('int_companion_movements') }}
),

latest_periods as (
    select
        companions.metric_id,
        companions.companion,
        periods.period_grain,
        max(periods.period_start) as period_start
    from companions
    cross join as_of
    inner join periods
        on
            {{ add_days('cast(periods.period_end as timestamp)', 'companions.settles_after_days') }}
            <= as_of.as_of_end
    group by companions.metric_id, companions.companion, periods.period_grain
),

sides as (
    select
        companions.metric_id,
        companions.companion,
        others.measure_kind as companion_kind,
        latest_periods.period_grain,
        latest_periods.period_start,
        own.period_end,
        own.previous_period_start,
        own.value as metric_value,
        own.previous_value as metric_previous_value,
        own.sample_size as metric_sample_size,
        own.previous_sample_size as metric_previous_sample_size,
        own.z as metric_z,
        own.unit as metric_unit,
        own.rows_from as metric_rows_from,
        own.previous_rows_from as metric_previous_rows_from,
        others.value as companion_value,
        others.previous_value as companion_previous_value,
        others.sample_size as companion_sample_size,
        others.previous_sample_size as companion_previous_sample_size,
        others.z as companion_z,
        others.unit as companion_unit,
        others.rows_from as companion_rows_from,
        others.previous_rows_from as companion_previous_rows_from,
        companions.worse_when,
        companions.why,
        own.is_immature or others.is_immature as is_immature,
        -- The catalog says which way is better; of a metric that only shows a trend, the seed.
        case
            when metrics.direction = 'none' then companions.better_when
            else metrics.direction
        end as better_when,
        -- How far outside its band a value lies.
        greatest(
            coalesce(own.target_low - own.value, 0), coalesce(own.value - own.target_high, 0), 0
        ) as outside,
        greatest(
            coalesce(own.target_low - own.previous_value, 0),
            coalesce(own.previous_value - own.target_high, 0),
            0
        ) as previously_outside
    from companions
    inner join latest_periods
        on
            companions.metric_id = latest_periods.metric_id
            and companions.companion = latest_periods.companion
    inner join metrics on companions.metric_id = metrics.metric_id
    inner join movements as own
        on
            companions.metric_id = own.measure
            and latest_periods.period_grain = own.period_grain
            and latest_periods.period_start = own.period_start
    inner join movements as others
        on
            companions.companion = others.measure
            and latest_periods.period_grain = others.period_grain
            and latest_periods.period_start = others.period_start
),

judged as (
    select
        *,
        coalesce(
            least(metric_sample_size, metric_previous_sample_size) >= 10
            and abs(metric_z) >= 1.96
            and case better_when
                when 'up' then metric_z > 0
                when 'down' then metric_z < 0
                when 'band' then outside < previously_outside
            end,
            false
        ) as is_metric_better,
        coalesce(
            least(companion_sample_size, companion_previous_sample_size) >= 10
            and abs(companion_z) >= 1.96
            and case worse_when
                when 'up' then companion_z > 0
                when 'down' then companion_z < 0
            end,
            false
        ) as is_companion_worse
    from sides
),

comparisons as (
    select
        *,
        is_metric_better and is_companion_worse as is_alarm
    from judged
)

select * from comparisons
