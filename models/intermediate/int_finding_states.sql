-- What was known of a finding after each of its events. A state holds from its event (not included,
-- events count when strictly earlier) to the next: judged at T means valid_from < T <= valid_to.
with findings as (
    select * from {{ ref('int_findings') }}
),

events as (
    select * from {{ ref('int_finding_events') }}
),

event_types as (
    select * from {{ ref('finding_event_types') }}
),

timeline as (
    select
        finding_id,
        reported_at as event_at,
        'reported' as event_type,
        0 as event_order,
        cast(null as {{ dbt.type_string() }}) as verdict,
        true as restarts_fix,
        cast(null as boolean) as sets_risk_acceptance
    from findings

    union all

    select
        events.finding_id,
        events.event_at,
        events.event_type,
        event_types.event_order,
        event_types.verdict,
        event_types.restarts_fix,
        event_types.sets_risk_acceptance
    from events
    inner join findings on events.finding_id = findings.finding_id
    inner join event_types on events.event_type = event_types.event_type
),

numbered as (
    select
        finding_id,
        event_at,
        event_type,
        verdict,
        restarts_fix,
        sets_risk_acceptance,
        row_number() over (
            partition by finding_id order by event_at, event_order
        ) as event_number
    from timeline
),

-- The number of the last event that decided each question so far.
decided as (
    select
        finding_id,
        event_number,
        event_at,
        event_type,
        verdict,
        sets_risk_acceptance,
        max(case when verdict is not null then event_number end)
            over so_far as verdict_number,
        max(case when restarts_fix then event_number end)
            over so_far as restart_number,
        max(case when sets_risk_acceptance is not null then event_number end)
            over so_far as acceptance_number
    from numbered
    window so_far as (
        partition by finding_id order by event_number rows unbounded preceding
    )
),

judged as (
    select
        finding_id,
        event_number,
        event_at,
        event_type,
        -- Of a group of events only the first one decides, the others carry nothing.
        coalesce(
            max(verdict) over (partition by finding_id, verdict_number), 'undecided'
        ) as verdict,
        coalesce(
            bool_or(sets_risk_acceptance) over (partition by finding_id, acceptance_number), false
        ) as is_risk_accepted,
        -- The first pass since the last restart; later passes do not move it.
        min(case when event_type = 'retest_passed' then event_at end) over (
            partition by finding_id, restart_number
            order by event_number
            rows unbounded preceding
        ) as passed_at
    from decided
),

states as (
    select
        finding_id,
        event_number,
        event_type,
        event_at as valid_from,
        coalesce(
            lead(event_at) over (partition by finding_id order by event_number),
            cast('9999-12-31' as timestamp)
        ) as valid_to,
        verdict,
        is_risk_accepted,
        -- Nothing dismissed counts as fixed.
        case
            when verdict <> 'false_positive' and not is_risk_accepted then passed_at
        end as confirmed_fix_at
    from judged
)

select * from states
