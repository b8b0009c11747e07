with landed as (
    select * from {{ source('scanners', 'scanner_results') }}
),

standing_runs as (
    select * from {{ source('identity', 'standing_runs') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

results as (
    select
        standing_runs.source,
        standing_runs.run_id,
        landed.line_number,
        landed.record_path,
        landed.attempt_id,
        coalesce(landed.target_name, 'unknown') as target_name,
        landed.target_version,
        landed.attempted_at,
        landed.attack,
        landed.strategy,
        landed.category,
        landed.technique_id,
        landed.prompt_id,
        landed.judge,
        landed.judge_version,
        landed.is_test_verdict,
        landed.verdict,
        landed.score,
        landed.reason
    from landed
    inner join standing_runs on {{ standing_rows('landed') }}
    cross join as_of
    where landed.attempted_at is null or ({{ within_history('landed.attempted_at') }})
)

select * from results
