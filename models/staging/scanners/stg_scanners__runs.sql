-- A run that started after the as-of date does not exist yet; one without a start does, undated.
with landed as (
    select * from {{ source('scanners', 'scanner_runs') }}
),

standing_runs as (
    select * from {{ source('identity', 'standing_runs') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

runs as (
    select
        standing_runs.source,
        standing_runs.file_name,
        standing_runs.run_id,
        landed.tool_version,
        landed.suite,
        landed.decoding,
        landed.started_at,
        {{ known('landed.completed_at') }} as completed_at,
        landed.status,
        landed.is_complete
    from landed
    inner join standing_runs on {{ standing_rows('landed') }}
    cross join as_of
    where landed.started_at is null or ({{ within_history('landed.started_at') }})
)

select * from runs
