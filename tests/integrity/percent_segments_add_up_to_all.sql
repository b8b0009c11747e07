{{ config(meta={'dimension': 'consistency'}) }}

-- A missing attribute is the segment `unknown`, never dropped: the segments of a dimension are all of it.
with metric_values as (
    select * from {{ ref('metric_values') }}
    where unit = 'percent'
),

segments as (
    select
        metric_id,
        period_grain,
        period_start,
        segment_dimension,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from metric_values
    where segment_dimension <> 'all'
    group by 1, 2, 3, 4
)

select
    segments.*,
    whole.numerator as whole_numerator,
    whole.denominator as whole_denominator
from segments
inner join metric_values as whole
    on
        segments.metric_id = whole.metric_id
        and segments.period_grain = whole.period_grain
        and segments.period_start = whole.period_start
        and whole.segment_dimension = 'all'
where
    abs(segments.numerator - whole.numerator) > 1e-9 * greatest(1, abs(whole.numerator))
    or abs(segments.denominator - whole.denominator) > 1e-9 * greatest(1, abs(whole.denominator))
