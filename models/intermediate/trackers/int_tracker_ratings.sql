-- Each severity that an item was given after the first one, from the field that tells its severity.
with attributes as (
    select * from {{ ref('int_tracker_attributes') }}
    where attribute = 'severity'
),

transitions as (
    select * from {{ ref('int_tracker_transitions') }}
    where is_taken
),

rules as (
    select * from {{ ref('stg_policy__finding_field_map') }}
    where attribute = 'severity'
),

snapshots as (
    select * from {{ ref('int_tracker_snapshots') }}
    where is_latest
),

fitting as (
    select
        transitions.source,
        transitions.item_id,
        transitions.element,
        transitions.happened_at,
        transitions.not_before,
        lower({{ tracker_rule_value('rules', 'transitions') }}) as severity,
        row_number() over (
            partition by
                transitions.source, transitions.item_id, transitions.element,
                transitions.happened_at
            order by {{ tracker_rule_order('rules', 'transitions') }}
        ) as choice
    from transitions
    inner join attributes
        on
            transitions.source = attributes.source
            and transitions.item_id = attributes.item_id
            and transitions.field = attributes.field
    inner join snapshots
        on transitions.source = snapshots.source and transitions.item_id = snapshots.item_id
    inner join rules on {{ tracker_rule_fits('rules', 'transitions', 'snapshots.project') }}
),

ordered as (
    select
        *,
        lag(severity) over (
            partition by source, item_id order by happened_at, severity
        ) as severity_before
    from fitting
    where choice = 1
),

ratings as (
    select
        source,
        item_id,
        severity as new_severity,
        happened_at as event_at,
        not_before as event_not_before
    from ordered
    where
        severity_before <> severity
        and severity in {{ severities() }}
)

select * from ratings
