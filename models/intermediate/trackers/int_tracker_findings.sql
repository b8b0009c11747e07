-- One row per tracker item: what policy makes of it, whether it is a finding at all, and why not.
with snapshots as (
    select * from {{ ref('int_tracker_snapshots') }}
    where is_latest
),

transitions as (
    select * from {{ ref('int_tracker_transitions') }}

    union all

    select
        *,
        false as is_initial
    from {{ ref('int_tracker_closings') }}
),

rules as (
    select * from {{ ref('stg_policy__finding_state_map') }}
),

attributes as (
    select * from {{ ref('int_tracker_attributes') }}
),

pages as (
    select * from {{ ref('stg_trackers__pages') }}
),

files as (
    select * from {{ ref('stg_trackers__files') }}
),

ledger_files as (
    select * from {{ ref('stg_ledger__files') }}
),

every_snapshot as (
    select * from {{ ref('int_tracker_snapshots') }}
),

elements as (
    select * from {{ ref('int_tracker_elements') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

-- A delivery is whole if what nobody called changes only has as many items as its tracker says
-- there are, in files of which none was cut.
page_counts as (
    select
        source,
        delivery_number,
        -- Pages of one query state one total; two queries are whole together or not at all.
        sum(items) >= coalesce(sum(distinct stated_total), 0) as has_all_items
    from pages
    where not is_changes_only
    group by source, delivery_number
),

file_counts as (
    select
        files.source,
        files.delivery_number,
        bool_and(ledger_files.is_complete) as has_whole_files
    from files
    inner join ledger_files on files.file_name = ledger_files.file_name
    where not files.is_changes_only
    group by files.source, files.delivery_number
),

-- GitHub's list shows open issues only, unless it is asked for all: without any closed issue
-- it says nothing about those that are missing.
project_deliveries as (
    select
        every_snapshot.source,
        every_snapshot.project,
        every_snapshot.delivery_number,
        max(
            case
                when every_snapshot.source <> 'github' then 1
                when elements.value = 'closed' then 1
                else 0
            end
        ) as shows_closed
    from every_snapshot
    left join elements
        on
            every_snapshot.source = elements.source
            and every_snapshot.item_id = elements.item_id
            and every_snapshot.snapshot_number = elements.snapshot_number
            and elements.field = 'state'
    group by every_snapshot.source, every_snapshot.project, every_snapshot.delivery_number
),

last_whole_deliveries as (
    select
        project_deliveries.source,
        project_deliveries.project,
        max(project_deliveries.delivery_number) as delivery_number
    from project_deliveries
    inner join page_counts
        on
            project_deliveries.source = page_counts.source
            and project_deliveries.delivery_number = page_counts.delivery_number
    inner join file_counts
        on
            project_deliveries.source = file_counts.source
            and project_deliveries.delivery_number = file_counts.delivery_number
    where
        project_deliveries.shows_closed = 1
        and page_counts.has_all_items
        and file_counts.has_whole_files
    group by project_deliveries.source, project_deliveries.project
),

known as (
    select
        transitions.*,
        row_number() over (
            partition by
                transitions.source, transitions.item_id, transitions.field, transitions.element
            order by
                transitions.happened_at desc,
                case when transitions.is_taken then 0 else 1 end
        ) as recency
    from transitions
    cross join as_of
    where transitions.happened_at < as_of.as_of_end
),

meanings as (
    select
        known.source,
        known.item_id,
        rules.on_enter,
        row_number() over (
            partition by known.source, known.item_id, known.field, known.element
            order by {{ tracker_rule_order('rules', 'known') }}
        ) as choice
    from known
    inner join snapshots
        on known.source = snapshots.source and known.item_id = snapshots.item_id
    inner join rules on {{ tracker_rule_fits('rules', 'known', 'snapshots.project') }}
    where known.is_taken and known.recency = 1
),

scopes as (
    select
        source,
        item_id,
        max(case when on_enter = 'is_finding' then 1 else 0 end) as is_finding,
        max(case when on_enter = 'not_a_finding' then 1 else 0 end) as is_no_finding,
        max(case when on_enter = 'duplicate' then 1 else 0 end) as is_duplicate,
        max(case when on_enter = 'out_of_scope' then 1 else 0 end) as is_out_of_scope
    from meanings
    where choice = 1
    group by source, item_id
),

wide as (
    select
        source,
        {%- for attribute in [
            'finding_id', 'system', 'severity', 'vulnerability_class', 'technique_id', 'owasp_id',
            'detection_source', 'impact_claimed', 'impact_confirmed', 'assessment_id', 'tool',
            'attack', 'reported_at', 'acceptance_expires_at',
        ] %}
        max(case when attribute = '{{ attribute }}' then resolved_value end) as {{ attribute }},
        {%- endfor %}
        item_id
    from attributes
    group by source, item_id
),

tracker_findings as (
    select
        snapshots.source,
        snapshots.item_id,
        snapshots.item_key,
        snapshots.project,
        snapshots.title,
        snapshots.file_name,
        snapshots.record_path,
        snapshots.created_at,
        wide.finding_id as said_finding_id,
        coalesce(wide.system, 'unknown') as system_id,
        case
            when lower(wide.severity) in {{ severities() }} then lower(wide.severity) else 'unknown'
        end as severity,
        coalesce(wide.vulnerability_class, 'unknown') as vulnerability_class,
        wide.technique_id,
        wide.owasp_id,
        case when wide.detection_source in ('manual', 'automated') then wide.detection_source end
            as detection_source,
        lower(wide.impact_claimed) = 'true' as impact_claimed,
        lower(wide.impact_confirmed) = 'true' as impact_confirmed,
        wide.assessment_id,
        wide.tool,
        wide.attack,
        coalesce({{ safe_timestamp('wide.reported_at') }}, snapshots.created_at) as reported_at,
        {{ safe_timestamp('wide.acceptance_expires_at') }} as acceptance_expires_at,
        coalesce(scopes.is_finding, 0) = 1 and coalesce(scopes.is_no_finding, 0) = 0
            as is_finding,
        case
            when last_whole_deliveries.delivery_number > snapshots.delivery_number
                then 'deleted_at_source'
            when coalesce(scopes.is_finding, 0) = 0 or scopes.is_no_finding = 1 then 'not_a_finding'
            when scopes.is_duplicate = 1 then 'duplicate'
            when scopes.is_out_of_scope = 1 then 'out_of_scope'
        end as exclusion_reason
    from snapshots
    left join scopes
        on snapshots.source = scopes.source and snapshots.item_id = scopes.item_id
    left join wide
        on snapshots.source = wide.source and snapshots.item_id = wide.item_id
    left join last_whole_deliveries
        on
            snapshots.source = last_whole_deliveries.source
            and snapshots.project = last_whole_deliveries.project
)

select * from tracker_findings
