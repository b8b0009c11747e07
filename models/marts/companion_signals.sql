-- Signals that stand against a metric and are no metric themselves, one row per month and quarter.
with signals_long as (
    select * from {{ ref('int_companion_signals_long') }}
),

-- Side by side; a signal that was not measured in a period leaves its columns empty.
pivoted as (
    select
        {%- for column in companion_signal_columns() %}
        max(
            case when signal = '{{ column.signal }}' then {{ column.shown }} end
        ) as {{ column.name }},
        {%- endfor %}
        period_grain,
        period_start,
        max(period_end) as period_end,
        bool_or(is_partial_period) as is_partial_period
    from signals_long
    group by period_grain, period_start
)

select
    {%- for column in companion_signal_columns() %}
    cast({{ column.name }} as {{ column.type }}) as {{ column.name }},
    {%- endfor %}
    period_grain,
    period_start,
    period_end,
    is_partial_period
from pivoted
