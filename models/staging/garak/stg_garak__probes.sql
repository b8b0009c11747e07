with landed as (
    select * from {{ source('scanners', 'garak_probes') }}
),

standing_runs as (
    select * from {{ source('identity', 'standing_runs') }}
    where source = 'garak'
),

probes as (
    select
        landed.run_id,
        landed.attack,
        landed.primary_detector
    from landed
    inner join standing_runs on {{ standing_rows('landed') }}
)

select * from probes
