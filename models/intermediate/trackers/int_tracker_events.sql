-- What happened to items, in the words of the lifecycle, as policy reads their transitions.
with transitions as (
    select
        source,
        item_id,
        field,
        element,
        value_id,
        value,
        is_taken,
        happened_at,
        not_before,
        0 as is_closed_otherwise
    from {{ ref('int_tracker_transitions') }}

    union all

    select
        source,
        item_id,
        field,
        element,
        value_id,
        value,
        is_taken,
        happened_at,
        not_before,
        max(case when is_taken then 1 else 0 end)
            over (partition by source, item_id, happened_at) as is_closed_otherwise
    from {{ ref('int_tracker_closings') }}
),

snapshots as (
    select * from {{ ref('int_tracker_snapshots') }}
    where is_latest
),

rules as (
    select * from {{ ref('stg_policy__finding_state_map') }}
),

close_policy as (
    select * from {{ ref('stg_policy__finding_close_policy') }}
),

event_types as (
    select * from {{ ref('finding_event_types') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

fitting as (
    select
        transitions.source,
        transitions.item_id,
        transitions.field,
        transitions.element,
        transitions.is_taken,
        transitions.happened_at,
        transitions.not_before,
        transitions.is_closed_otherwise,
        snapshots.project,
        rules.on_enter,
        rules.on_leave,
        rules.reason,
        row_number() over (
            partition by
                transitions.source, transitions.item_id, transitions.field,
                transitions.element, transitions.is_taken, transitions.happened_at
            order by {{ tracker_rule_order('rules', 'transitions') }}
        ) as choice
    from transitions
    inner join snapshots
        on transitions.source = snapshots.source and transitions.item_id = snapshots.item_id
    inner join rules on {{ tracker_rule_fits('rules', 'transitions', 'snapshots.project') }}
    cross join as_of
    where transitions.happened_at < as_of.as_of_end
),

-- The meaning of closing: of a project's own line, else of the tracker's.
meanings as (
    select
        fitting.*,
        case when fitting.is_taken then fitting.on_enter else fitting.on_leave end as meaning,
        close_policy.close_means,
        row_number() over (
            partition by
                fitting.source, fitting.item_id, fitting.field,
                fitting.element, fitting.is_taken, fitting.happened_at
            order by close_policy.layer, case when close_policy.project = '*' then 1 else 0 end
        ) as policy_choice
    from fitting
    inner join close_policy
        on
            fitting.source = close_policy.source
            and {{ tracker_project_fits('close_policy', 'fitting.project') }}
    where fitting.choice = 1
),

-- Moving on from one value to another one of the same meaning, and losing one of two, say nothing.
-- What is closed in another way is not opened.
counted as (
    select
        *,
        sum(case when is_taken then 1 else -1 end) over (
            partition by source, item_id, coalesce(on_enter, field || element)
            order by happened_at
        ) as held_after,
        min(case when is_taken then 1 else 0 end) over (
            partition by
                source, item_id, field, coalesce(on_enter, field || element),
                coalesce(reason, ''), happened_at
        ) as only_taken
    from meanings
    where policy_choice = 1
),

-- Scopes are no events; a status that is declared closed is read in the closings.
candidates as (
    select
        counted.source,
        counted.item_id,
        counted.happened_at,
        counted.not_before,
        counted.meaning,
        counted.close_means,
        counted.reason,
        counted.is_taken and counted.field <> 'closing' as is_explicit,
        counted.is_taken,
        event_types.verdict,
        event_types.sets_risk_acceptance,
        row_number() over (
            partition by counted.source, counted.item_id
            order by
                counted.happened_at,
                case when counted.is_taken then 1 else 0 end,
                coalesce(event_types.event_order, 100)
        ) as event_number
    from counted
    left join event_types on counted.meaning = event_types.event_type
    where
        counted.meaning not in ('is_finding', 'not_a_finding', 'duplicate', 'out_of_scope')
        and not (counted.meaning = 'closed' and counted.field <> 'closing')
        and (counted.only_taken = 1 or not counted.is_taken)
        and (counted.held_after <= 0 or counted.is_taken)
        and not (counted.meaning = 'reopened' and counted.is_closed_otherwise = 1)
),

decided as (
    select
        *,
        max(case when verdict is not null then event_number end) over so_far as verdict_number,
        max(case when sets_risk_acceptance is not null then event_number end) over so_far
            as acceptance_number,
        sum(case when meaning = 'closed' then 1 else 0 end) over so_far as closing_number
    from candidates
    window so_far as (
        partition by source, item_id order by event_number rows unbounded preceding
    )
),

-- Of a group only its first row decides, the others carry nothing.
judged as (
    select
        *,
        coalesce(
            max(verdict) over (partition by source, item_id, verdict_number) = 'false_positive',
            false
        )
        or coalesce(
            bool_or(sets_risk_acceptance) over (partition by source, item_id, acceptance_number),
            false
        ) as is_dismissed
    from decided
),

-- What is closed while it is dismissed was not fixed, and is not broken when it is opened again. Of
-- DefectDojo its flags say that.
closed_for as (
    select
        *,
        max(case
            when meaning = 'closed' and is_dismissed and source <> 'defectdojo' then 1 else 0
        end)
            over (partition by source, item_id, closing_number) as is_put_away
    from judged
),

numbered as (
    select
        *,
        max(case when is_explicit and verdict is not null then 1 else 0 end)
            over (partition by source, item_id, happened_at) as verdict_beside,
        max(
            case
                when
                    is_explicit
                    and meaning in ('remediation_claimed', 'retest_passed', 'retest_failed')
                    then 1
                else 0
            end
        ) over (partition by source, item_id, happened_at) as fix_beside
    from closed_for
    where
        is_put_away = 0
        or not (meaning = 'closed' or (meaning = 'reopened' and not is_explicit))
),

preceded as (
    select
        *,
        coalesce(max(
            case
                when is_explicit and meaning in ('remediation_claimed', 'retest_passed')
                    then event_number
            end
        ) over before, 0) as last_fixed,
        coalesce(max(case when is_explicit and meaning = 'retest_passed' then event_number end)
            over before, 0) as last_passed,
        coalesce(max(case when meaning = 'closed' then event_number end) over before, 0)
            as last_closed,
        coalesce(max(
            case
                when meaning = 'reopened' or (is_explicit and meaning = 'retest_failed')
                    then event_number
            end
        ) over before, 0) as last_broken,
        coalesce(max(
            case when is_explicit and meaning in ('retest_failed', 'reopened') then event_number end
        ) over before, 0) as last_said_broken
    from numbered
    window before as (
        partition by source, item_id order by event_number
        rows between unbounded preceding and 1 preceding
    )
),

-- What a value says by itself goes before what closing and leaving imply.
kept as (
    select
        source,
        item_id,
        happened_at,
        not_before,
        reason,
        close_means,
        meaning,
        fix_beside = 0 and last_fixed <= last_broken as is_claim,
        fix_beside = 0 and last_passed <= last_broken as is_pass
    from preceded
    where
        case
            when meaning = 'reopened' and not is_explicit
                then fix_beside = 0 and greatest(last_fixed, last_closed) >= last_said_broken
            when meaning = 'dispute_rejected' and not is_taken then verdict_beside = 0
            else true
        end
),

spelled_out as (
    select
        source,
        item_id,
        case when meaning = 'closed' then 'remediation_claimed' else meaning end as event_type,
        happened_at,
        not_before,
        reason
    from kept
    where meaning <> 'closed' or is_claim

    union all

    select
        source,
        item_id,
        'retest_passed' as event_type,
        happened_at,
        not_before,
        reason
    from kept
    where meaning = 'closed' and close_means = 'verified' and is_pass
),

events as (
    select
        source,
        item_id,
        event_type,
        happened_at as event_at,
        max(not_before) as event_not_before,
        max(reason) as reason
    from spelled_out
    group by source, item_id, event_type, happened_at
)

select * from events
