{{ config(meta={'dimension': 'accuracy'}) }}

-- Independent of the roll-up: for each month and segment, metric_values must hold the sums of the
-- observations that belong to it, rows without a segment key counting for every value.
with observations as (
    select
        observations.*,
        'all' as whole,
        cast(date_trunc('month', observations.observed_on) as date) as period_start
    from {{ ref('metric_observations') }} as observations
),

metric_values as (
    select * from {{ ref('metric_values') }}
    where period_grain = 'month'
),

sums as (
    {%- for name, key in dict(segment_dimensions(), all='whole').items() %}
    {%- if not loop.first %}
    union all
    {%- endif %}
    select
        metric_id,
        period_start,
        '{{ name }}' as segment_dimension,
        {{ key }} as segment_value,
        coalesce(sum(numerator), 0) as numerator,
        coalesce(sum(denominator), 0) as denominator,
        sum(sample_size) as sample_size
    from observations
    group by metric_id, period_start, {{ key }}
    {%- endfor %}
),

expected as (
    select
        own.metric_id,
        own.period_start,
        own.segment_dimension,
        own.segment_value,
        own.numerator + coalesce(everywhere.numerator, 0) as numerator,
        own.denominator + coalesce(everywhere.denominator, 0) as denominator,
        own.sample_size + coalesce(everywhere.sample_size, 0) as sample_size
    from sums as own
    left join sums as everywhere
        on
            own.metric_id = everywhere.metric_id
            and own.period_start = everywhere.period_start
            and own.segment_dimension = everywhere.segment_dimension
            and everywhere.segment_value is null
    where own.segment_value is not null
)

select
    metric_values.*,
    expected.numerator as expected_numerator,
    expected.denominator as expected_denominator,
    expected.sample_size as expected_sample_size
from metric_values
full outer join expected
    on
        metric_values.metric_id = expected.metric_id
        and metric_values.period_start = expected.period_start
        and metric_values.segment_dimension = expected.segment_dimension
        and metric_values.segment_value = expected.segment_value
where
    -- A month without observations is published for `all` alone, as nothing.
    (expected.metric_id is null and metric_values.sample_size <> 0)
    or (metric_values.metric_id is null)
    or abs(metric_values.numerator - expected.numerator)
    > 1e-9 * greatest(1, abs(expected.numerator))
    or abs(metric_values.denominator - expected.denominator)
    > 1e-9 * greatest(1, abs(expected.denominator))
    or metric_values.sample_size <> expected.sample_size
