-- Every metric in the twelve months up to the latest complete month, against the twelve before. A
-- difference is called one where it exceeds what chance alone makes of so many things.
{% set z_needed = 1.959963984540054 %}
{% set things_needed = 10 %}
with metrics as (
    select * from {{ ref('metric_catalog') }}
),

metric_values as (
    select * from {{ ref('metric_values') }}
    where segment_dimension = 'all'
),

periods as (
    select * from {{ ref('dim_periods') }}
    where period_grain = 'trailing_12_months'
),

observations as (
    select * from {{ ref('metric_observations') }}
),

metric_sums as (
    select * from {{ ref('int_metric_sums') }}
    where period_grain = 'trailing_12_months' and segment_dimension = 'all'
),

clusters as (
    select * from {{ ref('int_metric_clusters') }}
    where period_grain = 'trailing_12_months' and segment_dimension = 'all'
),

latest as (
    select max(period_start) as period_start
    from periods
    where not is_partial_period
),

years as (
    select
        'now' as year,
        periods.period_start,
        periods.period_end,
        periods.last_month_start
    from periods
    inner join latest on periods.period_start = latest.period_start

    union all

    select
        'before' as year,
        periods.period_start,
        periods.period_end,
        periods.last_month_start
    from periods
    inner join latest on periods.period_start = {{ add_months('latest.period_start', -12) }}
),

-- The standard error of a ratio of sums, for days and for things that do not all weigh the same.
residuals as (
    select
        years.year,
        metric_values.metric_id,
        metric_values.denominator,
        case when metrics.unit = 'percent' then 100 else 1 end as scale,
        metrics.unit = 'days' or observations.denominator <> 1 as needs_error,
        observations.numerator
        - observations.denominator * metric_values.numerator / metric_values.denominator as residual
    from metric_values
    inner join metrics
        on
            metric_values.metric_id = metrics.metric_id
            and metrics.unit in ('days', 'percent')
            and not metrics.is_like_for_like
    inner join years
        on
            metric_values.period_grain = 'trailing_12_months'
            and metric_values.period_start = years.period_start
            and metric_values.denominator > 0
    inner join observations
        on
            metric_values.metric_id = observations.metric_id
            and years.period_end > observations.observed_on
            and case
                when metrics.measures = 'flow' then years.period_start
                else years.last_month_start
            end <= observations.observed_on
),

errors as (
    select
        year,
        metric_id,
        max(scale)
        * sqrt({{ exact_sum('residual * residual') }} * count(*) / nullif(count(*) - 1, 0))
        / max(denominator) as standard_error
    from residuals
    group by year, metric_id
    having bool_or(needs_error)
),

months as (
    select
        years.year,
        metric_values.metric_id,
        count(*) as months_measured
    from years
    inner join metric_values
        on
            metric_values.period_grain = 'month'
            and years.period_start <= metric_values.period_start
            and years.period_end > metric_values.period_start
    where metric_values.value is not null
    group by years.year, metric_values.metric_id
),

measured as (
    select
        years.year,
        years.period_start,
        years.period_end,
        metrics.metric_id,
        metric_values.value,
        metric_values.numerator,
        metric_values.denominator,
        metric_values.sample_size,
        metric_values.interval_low,
        metric_values.interval_high,
        metric_values.target_status,
        coalesce(months.months_measured, 0) as months_measured,
        coalesce(metric_sums.immature_rows > 0, false) as is_immature,
        errors.standard_error,
        clusters.comparison_set,
        coalesce(clusters.effective_n, metric_values.denominator) as trials
    from years
    cross join metrics
    left join metric_values
        on
            metrics.metric_id = metric_values.metric_id
            and metric_values.period_grain = 'trailing_12_months'
            and years.period_start = metric_values.period_start
    left join metric_sums
        on
            metrics.metric_id = metric_sums.metric_id
            and years.period_start = metric_sums.period_start
    left join clusters
        on metrics.metric_id = clusters.metric_id and years.period_start = clusters.period_start
    left join errors on metrics.metric_id = errors.metric_id and years.year = errors.year
    left join months on metrics.metric_id = months.metric_id and years.year = months.year
),

paired as (
    select
        metrics.metric_id,
        metrics.name,
        metrics.question,
        metrics.dimension,
        metrics.is_core,
        metrics.unit,
        metrics.direction,
        this_year.period_start,
        this_year.period_end,
        last_year.period_start as previous_period_start,
        last_year.period_end as previous_period_end,
        {%- for column in [
            'value', 'numerator', 'denominator', 'sample_size', 'interval_low', 'interval_high',
            'target_status', 'months_measured',
        ] %}
        this_year.{{ column }},
        last_year.{{ column }} as previous_{{ column }},
        {%- endfor %}
        this_year.is_immature or last_year.is_immature as is_immature,
        metrics.is_like_for_like
        and coalesce(this_year.comparison_set <> last_year.comparison_set, true) as is_unlike,
        case
            when this_year.standard_error is not null
                then {{ two_means_z(
                    'this_year.value', 'this_year.standard_error',
                    'last_year.value', 'last_year.standard_error'
                ) }}
            when metrics.unit = 'percent'
                then {{ two_proportions_z(
                    '(this_year.value / 100.0 * this_year.trials)', 'this_year.trials',
                    '(last_year.value / 100.0 * last_year.trials)', 'last_year.trials'
                ) }}
            when metrics.unit = 'count'
                then {{ two_rates_z('this_year.numerator', '1.0', 'last_year.numerator', '1.0') }}
            -- Money per thing rises as things per money fall.
            when metrics.unit = 'currency'
                then -({{ two_rates_z(
                    'this_year.denominator', 'this_year.numerator',
                    'last_year.denominator', 'last_year.numerator'
                ) }})
            else {{ two_rates_z(
                'this_year.numerator', 'this_year.denominator',
                'last_year.numerator', 'last_year.denominator'
            ) }}
        end as z
    from metrics
    inner join measured as this_year
        on metrics.metric_id = this_year.metric_id and this_year.year = 'now'
    left join measured as last_year
        on metrics.metric_id = last_year.metric_id and last_year.year = 'before'
)

select
    metric_id,
    name as metric_name,
    question,
    dimension,
    is_core,
    unit,
    direction,
    period_start,
    period_end,
    value,
    numerator,
    denominator,
    sample_size,
    interval_low,
    interval_high,
    target_status,
    months_measured,
    previous_period_start,
    previous_period_end,
    previous_value,
    previous_numerator,
    previous_denominator,
    previous_sample_size,
    previous_interval_low,
    previous_interval_high,
    previous_target_status,
    previous_months_measured,
    case when not is_unlike then value - previous_value end as change,
    case
        when not is_unlike and value is not null and previous_value is not null
            then cast(z as {{ type_double() }})
    end as change_z,
    case
        when value is null then 'not measured'
        when previous_value is null then 'not measured a year ago'
        when is_unlike then 'not comparable'
        when is_immature then 'undecided'
        when sample_size < {{ things_needed }} or previous_sample_size < {{ things_needed }}
            then 'too few'
        when coalesce(abs(z), 0) < {{ z_needed }} then 'no evidence'
        when direction not in ('up', 'down') and z > 0 then 'rising'
        when direction not in ('up', 'down') then 'falling'
        when (direction = 'up') = (z > 0) then 'better'
        else 'worse'
    end as verdict
from paired
