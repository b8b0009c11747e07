-- One row per companion signal and period, months and quarters, from the signal's first thing on.
-- 0/0 is not measured; a count of nothing is 0.
with things as (
    select * from {{ ref('int_companion_things') }}
),

definitions as (
    {{ companion_signal_rows() }}
),

period_months as (
    select * from {{ ref('int_period_months') }}
    where period_grain in ('month', 'quarter')
),

in_period as (
    select
        things.signal,
        definitions.kind,
        period_months.period_grain,
        period_months.period_start,
        things.entity_id,
        things.numerator,
        things.denominator,
        things.sample_size
    from things
    inner join definitions on things.signal = definitions.signal
    inner join period_months
        on
            cast(date_trunc('month', things.observed_on) as date) = period_months.month_start
            and (definitions.measures = 'flow' or period_months.is_last_month)
),

sums as (
    select
        signal,
        period_grain,
        period_start,
        {{ exact_sum('numerator') }} as numerator,
        {{ exact_sum('denominator') }} as denominator,
        sum(sample_size) as sample_size,
        {{ sorted_aggregate('var_samp', 'numerator') }} as variance
    from in_period
    group by signal, period_grain, period_start
),

-- Attempts of one prompt are alike, and so are their errors.
entities as (
    select
        signal,
        period_grain,
        period_start,
        entity_id,
        {{ exact_sum('numerator') }} as numerator,
        {{ exact_sum('denominator') }} as denominator
    from in_period
    where signal in ('attack_error_share', 'attack_prompts')
    group by signal, period_grain, period_start, entity_id
),

clusters as (
    select
        entities.signal,
        entities.period_grain,
        entities.period_start,
        count(*) as clusters,
        sum(case when entities.numerator > 0 then 1 else 0 end) as seen,
        {{ squared_residuals(
            'entities.numerator', 'entities.denominator', 'sums.numerator', 'sums.denominator'
        ) }} as squared_residuals
    from entities
    inner join sums
        on
            entities.signal = sums.signal
            and entities.period_grain = sums.period_grain
            and entities.period_start = sums.period_start
    group by entities.signal, entities.period_grain, entities.period_start
),

ordered as (
    select
        signal,
        period_grain,
        period_start,
        numerator,
        count(*) over (partition by signal, period_grain, period_start) as things,
        row_number() over (
            partition by signal, period_grain, period_start order by numerator
        ) as place
    from in_period
    where kind = 'median'
),

medians as (
    select
        signal,
        period_grain,
        period_start,
        percentile_cont(0.5) within group (order by numerator) as median,
        max(
            case when place = {{ median_error_rank('things') }} then numerator end
        ) as lower_value,
        max(
            case when place = things - {{ median_error_rank('things') }} + 1 then numerator end
        ) as upper_value
    from ordered
    group by signal, period_grain, period_start
),

first_periods as (
    select
        signal,
        period_grain,
        min(period_start) as period_start
    from in_period
    group by signal, period_grain
),

periods as (
    select * from {{ ref('dim_periods') }}
),

spine as (
    select
        first_periods.signal,
        definitions.kind,
        definitions.unit,
        definitions.measures,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_partial_period,
        periods.last_month_start
    from first_periods
    inner join definitions on first_periods.signal = definitions.signal
    inner join periods
        on
            first_periods.period_grain = periods.period_grain
            and first_periods.period_start <= periods.period_start
),

measured as (
    select
        spine.signal,
        spine.kind,
        spine.unit,
        spine.measures,
        spine.period_grain,
        spine.period_start,
        spine.period_end,
        spine.is_partial_period,
        spine.last_month_start,
        coalesce(sums.numerator, 0) as numerator,
        coalesce(sums.denominator, 0) as denominator,
        coalesce(sums.sample_size, 0) as sample_size,
        coalesce(clusters.seen, 0) as seen,
        medians.median,
        case spine.kind
            when 'mean' then sqrt(sums.variance / nullif(sums.sample_size, 0))
            when 'median'
                then {{ median_error(
                    'medians.lower_value', 'medians.upper_value', 'medians.median',
                    'sums.sample_size'
                ) }}
        end as standard_error,
        case
            when spine.signal = 'attack_error_share'
                then {{ effective_n(
                    'sums.numerator', 'sums.denominator', 'clusters.clusters',
                    'clusters.squared_residuals'
                ) }}
            else coalesce(sums.denominator, 0)
        end as trials
    from spine
    left join sums
        on
            spine.signal = sums.signal
            and spine.period_grain = sums.period_grain
            and spine.period_start = sums.period_start
    left join clusters
        on
            spine.signal = clusters.signal
            and spine.period_grain = clusters.period_grain
            and spine.period_start = clusters.period_start
    left join medians
        on
            spine.signal = medians.signal
            and spine.period_grain = medians.period_grain
            and spine.period_start = medians.period_start
),

signals_long as (
    select
        signal,
        kind,
        unit,
        measures,
        period_grain,
        period_start,
        period_end,
        is_partial_period,
        last_month_start,
        numerator,
        denominator,
        sample_size,
        standard_error,
        trials,
        case kind
            when 'share' then 100 * numerator / nullif(denominator, 0)
            when 'count' then numerator
            when 'distinct' then seen
            when 'median' then median
            else numerator / nullif(denominator, 0)
        end as value
    from measured
)

select * from signals_long
