-- Cited figures carry no day of their own: they are known as soon as they landed.
with landed as (
    select * from {{ source('program', 'benchmarks') }}
),

benchmarks as (
    select
        benchmark_id,
        metric_id,
        value,
        year,
        {{ display_safe('source') }} as source,
        {{ display_safe('population') }} as population,
        {{ display_safe('comparability_note') }} as comparability_note
    from landed
)

select * from benchmarks
