with events as (
    select * from {{ ref('int_finding_events') }}
),

finding_events as (
    select
        finding_id,
        event_type,
        event_at,
        event_not_before,
        source,
        new_severity,
        reason,
        run_id,
        expires_at
    from events
)

select * from finding_events
