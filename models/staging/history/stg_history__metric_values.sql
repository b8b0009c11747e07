with published as (
    {{ published_history() }}
),

metric_values as (
    select
        metric_id,
        period_grain,
        period_start,
        period_end,
        is_partial_period,
        segment_dimension,
        segment_value,
        value,
        sample_size,
        target_low,
        target_high,
        generation,
        published_at,
        as_of,
        landing_sha256,
        definition_sha256
    from published
)

select * from metric_values
