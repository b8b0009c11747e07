-- One row per scan of a system: those of the register, and the runs whose files landed. A register
-- row whose scan_id is a run's id is that run.
with registered as (
    select * from {{ ref('stg_program__scans') }}
),

garak_runs as (
    select * from {{ ref('stg_garak__runs') }}
),

scanner_runs as (
    select * from {{ ref('stg_scanners__runs') }}
),

scanner_results as (
    select * from {{ ref('stg_scanners__results') }}
),

targets as (
    select * from {{ ref('stg_identity__targets') }}
),

run_targets as (
    select distinct
        source,
        run_id,
        target_name
    from scanner_results
),

runs as (
    select
        'garak' as source,
        run_id,
        target_name,
        started_at,
        completed_at,
        is_complete
    from garak_runs

    union all

    select
        scanner_runs.source,
        scanner_runs.run_id,
        run_targets.target_name,
        scanner_runs.started_at,
        scanner_runs.completed_at,
        scanner_runs.is_complete
    from scanner_runs
    left join run_targets
        on
            scanner_runs.source = run_targets.source
            and scanner_runs.run_id = run_targets.run_id
),

scanned_systems as (
    select
        runs.source,
        runs.run_id,
        coalesce(targets.system_id, 'unknown') as system_id,
        min(runs.started_at) as started_at,
        max(runs.completed_at) as completed_at,
        bool_and(runs.is_complete) as is_complete
    from runs
    left join targets on runs.source = targets.source and runs.target_name = targets.target_name
    left join registered on runs.run_id = registered.scan_id
    where runs.started_at is not null and registered.scan_id is null
    group by 1, 2, 3
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

-- A run against several systems is a scan of each of them.
from_runs as (
    select
        case
            when count(*) over (partition by run_id) = 1 then run_id
            else run_id || '|' || source || '|' || system_id
        end as scan_id,
        system_id,
        started_at,
        completed_at,
        source as tool,
        case when is_complete then 'completed' else 'aborted' end as status,
        source
    from scanned_systems
),

scans as (
    select * from from_register
    union all
    select * from from_runs
)

select * from scans
