-- One row per scan: those of the register, and the runs whose files landed. A register row whose
-- scan_id is a run's id is that run.
with registered as (
    select * from {{ ref('stg_program__scans') }}
),

garak_runs as (
    select * from {{ ref('stg_garak__runs') }}
),

targets as (
    select * from {{ ref('stg_identity__targets') }}
    where source = 'garak'
),

from_register as (
    select
        scan_id,
        system_id,
        started_at,
        completed_at,
        coalesce(tool, 'unknown') as tool,
        coalesce(status, 'unknown') as status,
        'register' as source
    from registered
),

from_garak as (
    select
        garak_runs.run_id as scan_id,
        coalesce(targets.system_id, 'unknown') as system_id,
        garak_runs.started_at,
        garak_runs.completed_at,
        'garak' as tool,
        case when garak_runs.is_complete then 'completed' else 'aborted' end as status,
        'garak' as source
    from garak_runs
    left join targets on garak_runs.target_name = targets.target_name
    left join registered on garak_runs.run_id = registered.scan_id
    where garak_runs.started_at is not null and registered.scan_id is null
),

scans as (
    select * from from_register
    union all
    select * from from_garak
)

select * from scans
