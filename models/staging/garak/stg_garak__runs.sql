-- A run that started after the as-of date does not exist yet; one without a start does, undated.
with landed as (
    select * from {{ source('scanners', 'garak_runs') }}
),

standing_runs as (
    select * from {{ source('identity', 'standing_runs') }}
    where source = 'garak'
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

runs as (
    select
        standing_runs.file_name,
        landed.run_id,
        landed.garak_version,
        landed.target_type,
        coalesce(landed.target_name, 'unknown') as target_name,
        landed.started_at,
        {{ known('landed.completed_at') }} as completed_at,
        landed.generations,
        landed.seed,
        landed.is_complete
    from landed
    inner join standing_runs on {{ standing_rows('landed') }}
    cross join as_of
    where landed.started_at is null or ({{ within_history('landed.started_at') }})
)

select * from runs
