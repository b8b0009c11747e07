{%- set fields = [
    'status',
    'resolution',
    'state',
    'state_reason',
    'is_mitigated',
    'false_p',
    'out_of_scope',
    'duplicate',
] -%}
-- One row each time an item is closed or opened again, with how it was closed: Jira's resolution in
-- a status of the category done, GitHub's reason of a closed issue, DefectDojo's mitigation of a
-- finding that is not dismissed. `(none)`: closed without a word.
with transitions as (
    select * from {{ ref('int_tracker_transitions') }}
    where field in {{ closing_fields() }} and field <> 'status_category'
),

snapshots as (
    select * from {{ ref('int_tracker_snapshots') }}
),

elements as (
    select * from {{ ref('int_tracker_elements') }}
),

objects as (
    select * from {{ ref('stg_trackers__objects') }}
    where kind = 'status' and category is not null
),

-- An organisation says itself which statuses are the end, where the tracker's category is wrong.
declared_done as (
    select * from {{ ref('stg_policy__finding_state_map') }}
    where field = 'status' and on_enter = 'closed'
),

-- The category that issues show beside their status; the list of statuses goes before them.
shown_categories as (
    select
        statuses.source,
        statuses.element as status,
        max(categories.value) as category
    from elements as statuses
    inner join elements as categories
        on
            statuses.source = categories.source
            and statuses.item_id = categories.item_id
            and statuses.snapshot_number = categories.snapshot_number
            and categories.field = 'status_category'
    where statuses.field = 'status'
    group by statuses.source, statuses.element
),

-- At one instant a field loses a value and takes another: what it took is what holds.
instants as (
    select
        source,
        item_id,
        happened_at,
        field,
        max(not_before) as not_before,
        max(case when is_taken then element end) as element,
        max(case when is_taken then value end) as value
    from transitions
    group by source, item_id, happened_at, field
),

placed as (
    select
        instants.source,
        instants.item_id,
        instants.happened_at,
        instants.not_before,
        instants.field,
        coalesce(instants.element, '') as element,
        instants.value,
        case
            when instants.field <> 'status' then null
            when declared_done.field is not null then 'done'
            else coalesce(objects.category, shown_categories.category, 'unknown')
        end as category,
        row_number() over (
            partition by instants.source, instants.item_id
            order by instants.happened_at, instants.field
        ) as place
    from instants
    left join objects
        on
            instants.source = objects.source
            and instants.field = 'status'
            and instants.element = objects.object_id
    left join shown_categories
        on
            instants.source = shown_categories.source
            and instants.field = 'status'
            and instants.element = shown_categories.status
    left join declared_done
        on
            instants.source = declared_done.source
            and instants.field = 'status'
            and (
                instants.element = declared_done.value
                or {{ tracker_word('declared_done.value') }}
                = {{ tracker_word('instants.value') }}
            )
),

-- The last word on each field so far: first its place, then what it says.
reached as (
    select
        *,
        {%- for field in fields %}
        max(case when field = '{{ field }}' then place end) over so_far as {{ field }}_place,
        {%- endfor %}
        max(case when field = 'state' then happened_at end) over so_far as state_since,
        max(case when field = 'state_reason' then happened_at end) over so_far as reason_since,
        row_number() over (
            partition by source, item_id, happened_at order by place desc
        ) as last_of_instant
    from placed
    window so_far as (
        partition by source, item_id order by place rows unbounded preceding
    )
),

standing as (
    select
        source,
        item_id,
        happened_at,
        not_before,
        last_of_instant,
        -- A reason goes with its closing: the next closing has its own, or none.
        reason_since >= state_since as has_reason,
        {%- for field in fields %}
        max(case when field = '{{ field }}' then element end)
            over (partition by source, item_id, {{ field }}_place) as {{ field }},
        {%- endfor %}
        max(case when field = 'status' then category end)
            over (partition by source, item_id, status_place) as status_category,
        max(case when field = 'resolution' then value end)
            over (partition by source, item_id, resolution_place) as resolution_value,
        max(case when field = 'state_reason' then value end)
            over (partition by source, item_id, state_reason_place) as state_reason_value
    from reached
),

judged as (
    select
        source,
        item_id,
        happened_at,
        not_before,
        case
            when source = 'jira' and status_category in ('new', 'indeterminate') then null
            when source = 'jira' and status_category = 'done'
                then coalesce(nullif(resolution, ''), '(none)')
            -- Of a status that no list names only a resolution tells.
            when source = 'jira' then nullif(resolution, '')
            when source = 'github' and state = 'closed' and has_reason
                then coalesce(nullif(nullif(state_reason, ''), 'reopened'), '(none)')
            when source = 'github' and state = 'closed' then '(none)'
            when source = 'github' then null
            when 'true' in (false_p, out_of_scope, duplicate) then 'dismissed'
            when is_mitigated = 'true' then 'mitigated'
        end as closing,
        case
            when source = 'jira' then resolution_value
            when source = 'github' and has_reason then state_reason_value
        end as closing_value
    from standing
    where last_of_instant = 1
),

followed as (
    select
        *,
        lag(closing) over one_item as closing_before,
        lag(closing_value) over one_item as value_before
    from judged
    window one_item as (partition by source, item_id order by happened_at)
),

-- A tracker that keeps no history still keeps the time of the last closing.
closed_times as (
    select distinct
        source,
        item_id,
        closed_at
    from snapshots
    where closed_at is not null
),

timed as (
    select
        followed.source,
        followed.item_id,
        followed.closing,
        followed.closing_value,
        followed.closing_before,
        followed.value_before,
        followed.happened_at,
        followed.not_before,
        max(closed_times.closed_at) as closed_at
    from followed
    left join closed_times
        on
            followed.source = closed_times.source
            and followed.item_id = closed_times.item_id
            and followed.closing <> 'dismissed'
            and followed.not_before <= closed_times.closed_at
            and followed.happened_at >= closed_times.closed_at
    where coalesce(followed.closing, '') <> coalesce(followed.closing_before, '')
    group by
        followed.source,
        followed.item_id,
        followed.closing,
        followed.closing_value,
        followed.closing_before,
        followed.value_before,
        followed.happened_at,
        followed.not_before
),

closings as (
    select
        source,
        item_id,
        'closing' as field,
        closing as element,
        closing as value_id,
        coalesce(closing_value, closing) as value,
        true as is_taken,
        coalesce(closed_at, happened_at) as happened_at,
        case when closed_at is null then not_before end as not_before
    from timed
    where closing is not null

    union all

    select
        source,
        item_id,
        'closing' as field,
        closing_before as element,
        closing_before as value_id,
        coalesce(value_before, closing_before) as value,
        false as is_taken,
        coalesce(closed_at, happened_at) as happened_at,
        case when closed_at is null then not_before end as not_before
    from timed
    where closing_before is not null
)

select * from closings
