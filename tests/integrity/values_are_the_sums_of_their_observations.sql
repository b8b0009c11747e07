-- Independent of the roll-up: for each month and segment, metric_values must hold the sums of the
-- observations that belong to it, rows without a segment key counting for every value.
{% set dimensions = segment_dimensions() %}
with observations as (
    select * from {{ ref('metric_observations') }}
),

metric_values as (
    select * from {{ ref('metric_values') }}
    where period_grain = 'month'
),

sums as (
    select
        metric_values.metric_id,
        metric_values.period_start,
        metric_values.segment_dimension,
        metric_values.segment_value,
        metric_values.numerator,
        metric_values.denominator,
        metric_values.sample_size,
        coalesce(sum(observations.numerator), 0) as expected_numerator,
        coalesce(sum(observations.denominator), 0) as expected_denominator,
        coalesce(sum(observations.sample_size), 0) as expected_sample_size
    from metric_values
    left join observations
        on
            metric_values.metric_id = observations.metric_id
            and observations.observed_on >= metric_values.period_start
            and observations.observed_on < metric_values.period_end
            and (
                metric_values.segment_dimension = 'all'
                {%- for name, key in dimensions.items() %}
                or (
                    metric_values.segment_dimension = '{{ name }}'
                    and coalesce(observations.{{ key }}, metric_values.segment_value)
                    = metric_values.segment_value
                )
                {%- endfor %}
            )
    group by 1, 2, 3, 4, 5, 6, 7
)

select *
from sums
where
    abs(numerator - expected_numerator) > 1e-9 * greatest(1, abs(expected_numerator))
    or abs(denominator - expected_denominator) > 1e-9 * greatest(1, abs(expected_denominator))
    or sample_size <> expected_sample_size
