with landed as (
    select * from {{ source('program', 'finding_events') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

finding_events as (
    select
        landed.finding_id,
        landed.event_type,
        landed.event_at,
        landed.new_severity,
        landed.reason,
        landed.run_id,
        landed.expires_at,
        landed.note
    from landed
    cross join as_of
    where {{ within_history('landed.event_at') }}
)

select * from finding_events
