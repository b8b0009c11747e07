-- Values of tracker fields that no line of policy reads, with the items that hold or held them. Of
-- items that are no findings only what could make them one is asked for.
with transitions as (
    select
        source,
        item_id,
        field,
        value_id,
        value
    from {{ ref('int_tracker_transitions') }}
    where is_taken

    union

    select
        source,
        item_id,
        field,
        value_id,
        value
    from {{ ref('int_tracker_closings') }}
    where is_taken
),

tracker_findings as (
    select * from {{ ref('int_tracker_findings') }}
),

rules as (
    select
        source,
        project,
        field,
        value
    from {{ ref('stg_policy__finding_state_map') }}

    union

    select
        source,
        project,
        field,
        value
    from {{ ref('stg_policy__finding_field_map') }}
),

-- Fields that policy reads value by value.
asked as (
    select distinct
        source,
        field
    from rules
    where value <> '*' and value not in ('true', 'false')
),

held as (
    select
        transitions.source,
        tracker_findings.project,
        transitions.item_id,
        transitions.field,
        transitions.value_id,
        transitions.value
    from transitions
    inner join asked on transitions.source = asked.source and transitions.field = asked.field
    inner join tracker_findings
        on
            transitions.source = tracker_findings.source
            and transitions.item_id = tracker_findings.item_id
    where tracker_findings.is_finding or transitions.field = 'issuetype'
),

unmapped as (
    select
        held.source,
        held.field,
        held.value,
        count(distinct held.item_id) as items
    from held
    left join rules on {{ tracker_rule_fits('rules', 'held', 'held.project') }}
    where rules.source is null
    group by held.source, held.field, held.value
)

select * from unmapped
