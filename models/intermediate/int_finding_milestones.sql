-- One row per finding: its present state and the milestones of its event log.
with states as (
    select * from {{ ref('int_finding_states') }}
),

events as (
    select * from {{ ref('int_finding_events') }}
),

present as (
    select
        finding_id,
        verdict,
        is_risk_accepted,
        confirmed_fix_at
    from states
    where valid_to = cast('9999-12-31' as timestamp)
),

milestones as (
    select
        finding_id,
        max(case when event_type = 'remediation_claimed' then valid_from end) as claimed_fix_at,
        min(case when event_type = 'retest_passed' then valid_from end) as first_fix_at,
        count(case when event_type = 'reopened' then 1 end) as reopen_count
    from states
    group by finding_id
),

ratings as (
    select
        finding_id,
        new_severity,
        row_number() over (partition by finding_id order by event_at desc) as recency
    from events
    where event_type = 'severity_changed' and new_severity is not null
),

acceptances as (
    select
        finding_id,
        expires_at,
        row_number() over (partition by finding_id order by event_at desc) as recency
    from events
    where event_type = 'risk_accepted'
),

finding_milestones as (
    select
        present.finding_id,
        present.verdict,
        present.is_risk_accepted,
        present.confirmed_fix_at,
        milestones.claimed_fix_at,
        milestones.first_fix_at,
        milestones.reopen_count,
        ratings.new_severity as last_severity,
        case when present.is_risk_accepted then acceptances.expires_at end
            as risk_acceptance_expires_at
    from present
    inner join milestones on present.finding_id = milestones.finding_id
    left join ratings on present.finding_id = ratings.finding_id and ratings.recency = 1
    left join acceptances
        on present.finding_id = acceptances.finding_id and acceptances.recency = 1
)

select * from finding_milestones
