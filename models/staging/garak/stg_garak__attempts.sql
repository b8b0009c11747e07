with landed as (
    select * from {{ source('scanners', 'garak_attempts') }}
),

standing_runs as (
    select * from {{ source('identity', 'standing_runs') }}
    where source = 'garak'
),

attempts as (
    select
        landed.file_sha256,
        landed.run_id,
        landed.line_number,
        landed.attempt_id,
        landed.seq,
        landed.status,
        landed.attack,
        landed.judge,
        landed.prompt_id,
        landed.score,
        landed.outputs
    from landed
    inner join standing_runs on {{ standing_rows('landed') }}
)

select * from attempts
