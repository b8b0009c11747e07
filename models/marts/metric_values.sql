-- The one roll-up: sum numerators, sum denominators, divide once. No metric is named here.
with metric_sums as (
    select * from {{ ref('int_metric_sums') }}
),

metrics as (
    select * from {{ ref('metric_catalog') }}
),

periods as (
    select * from {{ ref('dim_periods') }}
),

clusters as (
    select * from {{ ref('int_metric_clusters') }}
),

quantiles as (
    select * from {{ ref('int_metric_quantiles') }}
),

targets as (
    select * from {{ ref('metric_targets') }}
),

-- A side without any row is not measured, and 0/0 is neither 0 nor 100 %.
divided as (
    select
        metric_sums.metric_id,
        metric_sums.period_grain,
        metric_sums.period_start,
        metric_sums.segment_dimension,
        metric_sums.segment_value,
        metric_sums.numerator,
        case when metrics.unit <> 'count' then metric_sums.denominator end as denominator,
        metric_sums.sample_size,
        metric_sums.immature_rows > 0 as is_immature,
        metrics.unit,
        metrics.interval_method,
        metrics.is_like_for_like,
        case
            when metrics.unit = 'count' then metric_sums.numerator
            when
                metric_sums.numerator_rows > 0
                and (
                    not metrics.needs_every_month
                    or metric_sums.denominator_rows >= metric_sums.begun_months
                )
                then metric_sums.numerator / nullif(metric_sums.denominator, 0)
        end as ratio
    from metric_sums
    inner join metrics on metric_sums.metric_id = metrics.metric_id
),

trials as (
    select
        divided.metric_id,
        divided.period_grain,
        divided.period_start,
        divided.segment_dimension,
        divided.segment_value,
        divided.numerator,
        divided.denominator,
        divided.sample_size,
        divided.is_immature,
        divided.unit,
        divided.interval_method,
        divided.ratio,
        case divided.interval_method
            when 'wilson' then divided.denominator
            when 'wilson_clustered' then clusters.effective_n
        end as trials,
        coalesce(clusters.critical_value, 1.959963984540054) as critical_value,
        case when divided.is_like_for_like then clusters.comparison_set end as comparison_set,
        case when divided.unit = 'percent' then 100 else 1 end as scale
    from divided
    left join clusters
        on
            {{ same_number('divided', 'clusters') }}
),

valued as (
    select
        metric_id,
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        numerator,
        denominator,
        sample_size,
        is_immature,
        unit,
        comparison_set,
        scale * ratio as value,
        100 * {{ wilson_bound('ratio', 'trials', '-', 'critical_value') }} as interval_low,
        100 * {{ wilson_bound('ratio', 'trials', '+', 'critical_value') }} as interval_high,
        case when ratio is not null and trials > 0 then interval_method end as interval_method
    from trials
),

-- What lies on the good side: the value itself, or the ends of its interval where it has one.
judged as (
    select
        valued.metric_id,
        valued.period_grain,
        valued.period_start,
        periods.period_end,
        periods.is_partial_period,
        valued.segment_dimension,
        valued.segment_value,
        valued.numerator,
        valued.denominator,
        valued.value,
        valued.sample_size,
        valued.is_immature,
        valued.interval_low,
        valued.interval_high,
        valued.interval_method,
        quantiles.median,
        quantiles.p90,
        valued.unit,
        valued.comparison_set,
        targets.metric_id is not null as has_target,
        targets.target_low,
        targets.target_high,
        coalesce(targets.low_is_strict, false) as low_is_strict,
        coalesce(targets.high_is_strict, false) as high_is_strict,
        coalesce(valued.interval_low, valued.value) as least,
        coalesce(valued.interval_high, valued.value) as greatest
    from valued
    inner join periods
        on
            valued.period_grain = periods.period_grain
            and valued.period_start = periods.period_start
    left join quantiles
        on
            {{ same_number('valued', 'quantiles') }}
    left join targets
        on
            valued.metric_id = targets.metric_id
            and valued.segment_dimension = targets.segment_dimension
            and valued.segment_value = targets.segment_value
),

-- The period before, of the same grain and segment, where both measured the same things.
compared as (
    select
        judged.*,
        previous.value as previous_value
    from judged
    left join judged as previous
        on
            judged.metric_id = previous.metric_id
            and judged.period_grain = previous.period_grain
            and judged.segment_dimension = previous.segment_dimension
            and judged.segment_value = previous.segment_value
            and previous.period_start = case judged.period_grain
                when 'quarter' then {{ add_months('judged.period_start', -3) }}
                else {{ add_months('judged.period_start', -1) }}
            end
            and coalesce(judged.comparison_set, '') = coalesce(previous.comparison_set, '')
)

select
    metric_id,
    period_grain,
    period_start,
    period_end,
    is_partial_period,
    segment_dimension,
    segment_value,
    cast(numerator as {{ type_double() }}) as numerator,
    cast(denominator as {{ type_double() }}) as denominator,
    cast(value as {{ type_double() }}) as value,
    cast(sample_size as bigint) as sample_size,
    cast(interval_low as {{ type_double() }}) as interval_low,
    cast(interval_high as {{ type_double() }}) as interval_high,
    interval_method,
    cast(median as {{ type_double() }}) as median,
    cast(p90 as {{ type_double() }}) as p90,
    unit,
    target_low,
    target_high,
    case
        when not has_target then 'no_target'
        when value is null then 'not_measured'
        when sample_size < 5 or is_immature then 'undecided'
        when
            (target_low is null or least > target_low or (least = target_low and not low_is_strict))
            and (
                target_high is null
                or greatest < target_high
                or (greatest = target_high and not high_is_strict)
            )
            then 'met'
        when
            greatest < target_low
            or (greatest = target_low and low_is_strict)
            or least > target_high
            or (least = target_high and high_is_strict)
            then 'missed'
        else 'undecided'
    end as target_status,
    previous_value,
    value - previous_value as change
from compared
