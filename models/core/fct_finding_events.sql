with events as (
    select * from {{ ref('stg_program__finding_events') }}
),

findings as (
    select * from {{ ref('stg_program__findings') }}
),

finding_events as (
    select
        events.finding_id,
        events.event_type,
        events.event_at,
        -- A register knows the moment; dated deliveries of a tracker know only an interval.
        cast(null as timestamp) as event_not_before,
        'register' as source,
        events.new_severity,
        events.reason,
        events.run_id,
        events.expires_at
    from events
    inner join findings on events.finding_id = findings.finding_id
)

select * from finding_events
