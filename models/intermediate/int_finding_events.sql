-- What happened to each finding. What is told of a time before its report happened to something
-- else; marts.inventory_gaps lists it.
with accounts as (
    select * from {{ ref('int_finding_accounts') }}
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
    from accounts
    where not is_before_report
)

select * from finding_events
