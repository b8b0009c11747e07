with landed as (
    select * from {{ source('scanners', 'attempts') }}
),

standing_runs as (
    select * from {{ source('identity', 'standing_runs') }}
    where source = 'attempts'
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

attempts as (
    select
        standing_runs.file_name,
        landed.file_sha256,
        landed.line_number,
        landed.run_id,
        landed.target_name,
        landed.target_version,
        landed.configuration,
        landed.attack,
        landed.judge,
        landed.outcome,
        landed.attempted_at,
        landed.is_control,
        landed.prompt_id,
        landed.technique_id,
        landed.vulnerability_class,
        landed.tool
    from landed
    inner join standing_runs on {{ standing_rows('landed') }}
    cross join as_of
    where landed.attempted_at is null or ({{ within_history('landed.attempted_at') }})
)

select * from attempts
