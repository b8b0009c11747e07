with landed as (
    select * from {{ source('scanners', 'scanner_figures') }}
),

standing_runs as (
    select * from {{ source('identity', 'standing_runs') }}
),

figures as (
    select
        standing_runs.source,
        standing_runs.file_name,
        standing_runs.run_id,
        landed.target_name,
        landed.attack,
        landed.judge,
        landed.figure,
        landed.value,
        landed.counted
    from landed
    inner join standing_runs on {{ standing_rows('landed') }}
)

select * from figures
