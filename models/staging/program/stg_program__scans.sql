with landed as (
    select * from {{ source('program', 'scans') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

scans as (
    select
        landed.scan_id,
        landed.system_id,
        landed.started_at,
        {{ known('landed.completed_at') }} as completed_at,
        landed.tool,
        landed.status
    from landed
    cross join as_of
    where {{ within_history('landed.started_at') }}
)

select * from scans
