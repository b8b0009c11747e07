with landed as (
    select * from {{ source('scanners', 'garak_evals') }}
),

standing_runs as (
    select * from {{ source('identity', 'standing_runs') }}
    where source = 'garak'
),

evals as (
    select
        landed.run_id,
        landed.line_number,
        landed.attack,
        landed.judge,
        landed.passed,
        landed.fails,
        landed.nones,
        landed.confidence_method,
        landed.confidence_lower,
        landed.confidence_upper
    from landed
    inner join standing_runs on {{ standing_rows('landed') }}
)

select * from evals
