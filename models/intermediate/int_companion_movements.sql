-- Each metric and signal against the period before it: the difference in standard errors, positive
-- where the value rose.
with measures as (
    select * from {{ ref('int_companion_measures') }}
),

paired as (
    select
        measures.measure,
        measures.measure_kind,
        measures.period_grain,
        measures.period_start,
        measures.period_end,
        previous.period_start as previous_period_start,
        measures.rows_from,
        previous.rows_from as previous_rows_from,
        measures.unit,
        measures.value,
        previous.value as previous_value,
        measures.sample_size,
        previous.sample_size as previous_sample_size,
        measures.is_immature,
        measures.target_low,
        measures.target_high,
        measures.compared_by,
        measures.sign,
        measures.standard_error,
        previous.standard_error as previous_standard_error,
        measures.events,
        previous.events as previous_events,
        measures.exposure,
        previous.exposure as previous_exposure
    from measures
    inner join measures as previous
        on
            measures.measure = previous.measure
            and measures.measure_kind = previous.measure_kind
            and measures.period_grain = previous.period_grain
            and previous.period_start = case measures.period_grain
                when 'quarter' then {{ add_months('measures.period_start', -3) }}
                else {{ add_months('measures.period_start', -1) }}
            end
    where
        measures.is_comparable
        and measures.value is not null
        and previous.value is not null
),

movements as (
    select
        measure,
        measure_kind,
        period_grain,
        period_start,
        period_end,
        previous_period_start,
        rows_from,
        previous_rows_from,
        unit,
        value,
        previous_value,
        sample_size,
        previous_sample_size,
        is_immature,
        target_low,
        target_high,
        case compared_by
            when 'proportion'
                then {{ two_proportions_z(
                    'events', 'exposure', 'previous_events', 'previous_exposure'
                ) }}
            when 'mean'
                then {{ two_means_z(
                    'value', 'standard_error', 'previous_value', 'previous_standard_error'
                ) }}
            when 'rate'
                then sign * {{ two_rates_z(
                    'events', 'exposure', 'previous_events', 'previous_exposure'
                ) }}
        end as z
    from paired
)

select * from movements
