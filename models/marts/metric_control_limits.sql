-- Natural variation of each metric: the limits that its own first periods set. None over twelve
-- months, whose neighbours share eleven, and none where only like compares with like.
with metrics as (
    select * from {{ ref('metric_catalog') }}
    where not is_like_for_like
),

metric_values as (
    select * from {{ ref('metric_values') }}
    where
        period_grain in ('month', 'quarter')
        and not is_partial_period
        and value is not null
),

measured as (
    select
        metric_values.metric_id,
        metric_values.period_grain,
        metric_values.period_start,
        metric_values.segment_dimension,
        metric_values.segment_value,
        metric_values.value,
        metric_values.unit
    from metric_values
    inner join metrics on metric_values.metric_id = metrics.metric_id
),

charted as (
    {{ individuals_chart(
        'measured', ['metric_id', 'period_grain', 'segment_dimension', 'segment_value'],
        ordered_by='period_start', value='value', lowest='0',
        highest="case when unit = 'percent' then 100 else cast('infinity' as " ~ type_double() ~ ") end"
    ) }}
)

select
    metric_id,
    period_grain,
    period_start,
    segment_dimension,
    segment_value,
    value,
    centre,
    limit_low,
    limit_high,
    case
        when value > limit_high then 'above the limit'
        when value < limit_low then 'below the limit'
        when side_of_eight = 8 then 'eight in a row above the centre'
        when side_of_eight = -8 then 'eight in a row below the centre'
        else 'within limits'
    end as signal
from charted
where centre is not null
