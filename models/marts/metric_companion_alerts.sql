-- A metric got better while the one that keeps it honest got worse: one row per alarm.
with comparisons as (
    select * from {{ ref('int_companion_comparisons') }}
)

select
    metric_id,
    companion,
    companion_kind,
    period_grain,
    period_start,
    period_end,
    previous_period_start,
    'all' as segment_dimension,
    'all' as segment_value,
    metric_value,
    metric_previous_value,
    metric_sample_size,
    metric_previous_sample_size,
    metric_z,
    metric_unit,
    companion_value,
    companion_previous_value,
    companion_sample_size,
    companion_previous_sample_size,
    companion_z,
    companion_unit,
    worse_when,
    why,
    is_immature,
    metric_rows_from,
    metric_previous_rows_from,
    companion_rows_from,
    companion_previous_rows_from
from comparisons
where is_alarm
