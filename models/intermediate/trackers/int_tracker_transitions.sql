-- One row each time a field of an item takes a value or loses it: from the tracker's own change log
-- where there is one, else from what differs between deliveries. `not_before` is set where the
-- moment is only known as an interval.
with snapshots as (
    select * from {{ ref('int_tracker_snapshots') }}
),

elements as (
    select * from {{ ref('int_tracker_elements') }}
),

changes as (
    select * from {{ ref('stg_trackers__changes') }}
),

words as (
    select * from {{ ref('int_tracker_words') }}
),

latest as (
    select * from snapshots
    where is_latest
),

with_history as (
    select distinct
        source,
        item_id
    from snapshots
    where has_history
),

-- DefectDojo dates an acceptance, not its end: that closes the bound, it is no change log.
acceptances as (
    select
        snapshots.source,
        snapshots.item_id,
        snapshots.snapshot_number,
        max(changes.changed_at) as accepted_at
    from snapshots
    inner join changes
        on
            snapshots.source = changes.source
            and snapshots.item_id = changes.item_id
            and snapshots.previous_at <= changes.changed_at
            and changes.changed_at < snapshots.delivered_at + interval '1 day'
    where changes.source = 'defectdojo' and changes.field = 'risk_accepted'
    group by snapshots.source, snapshots.item_id, snapshots.snapshot_number
),

-- A change is a value lost and another one taken.
sides as (
    select
        source,
        item_id,
        change_id,
        changed_at,
        field,
        false as is_taken,
        from_id as value_id,
        from_value as value
    from changes
    where from_value is not null and not (source = 'defectdojo' and field = 'risk_accepted')

    union all

    select
        source,
        item_id,
        change_id,
        changed_at,
        field,
        true as is_taken,
        to_id as value_id,
        to_value as value
    from changes
    where to_value is not null and not (source = 'defectdojo' and field = 'risk_accepted')
),

logged as (
    select distinct
        sides.source,
        sides.item_id,
        sides.change_id,
        sides.changed_at,
        sides.field,
        sides.is_taken,
        sides.value,
        coalesce(sides.value_id, words.value_id) as value_id,
        coalesce(sides.value_id, words.value_id, {{ tracker_word('sides.value') }}) as element,
        latest.created_at,
        latest.delivered_at,
        latest.state_seen_at
    from sides
    inner join latest
        on sides.source = latest.source and sides.item_id = latest.item_id
    left join words
        on
            sides.source = words.source
            and latest.project = words.project
            and sides.field = words.field
            and {{ tracker_word('sides.value') }} = words.word
),

numbered as (
    select
        *,
        row_number() over one_element as change_number,
        row_number() over (
            partition by source, item_id, field, element
            order by changed_at desc, case when is_taken then 0 else 1 end, change_id desc
        ) as recency
    from logged
    window one_element as (
        partition by source, item_id, field, element
        order by changed_at, case when is_taken then 1 else 0 end, change_id
    )
),

logged_elements as (
    select distinct
        source,
        item_id,
        field,
        element
    from logged
),

-- Trackers whose change logs tell every change of a field they tell any change of.
logged_items as (
    select distinct
        source,
        item_id
    from logged
    where source in ('jira', 'github')

    union

    select
        source,
        item_id
    from with_history
    where source in ('jira', 'github')
),

held_now as (
    select
        elements.source,
        elements.item_id,
        elements.field,
        elements.element,
        max(elements.value_id) as value_id,
        max(elements.value) as value
    from elements
    inner join latest
        on
            elements.source = latest.source
            and elements.item_id = latest.item_id
            and elements.snapshot_number = latest.snapshot_number
    group by elements.source, elements.item_id, elements.field, elements.element
),

seen as (
    select
        elements.source,
        elements.item_id,
        elements.field,
        elements.element,
        elements.value_id,
        elements.value,
        elements.snapshot_number,
        lag(elements.snapshot_number) over one_element as seen_before,
        lead(elements.snapshot_number) over one_element as seen_after
    from elements
    left join logged_elements
        on
            elements.source = logged_elements.source
            and elements.item_id = logged_elements.item_id
            and elements.field = logged_elements.field
            and elements.element = logged_elements.element
    where logged_elements.element is null
    window one_element as (
        partition by elements.source, elements.item_id, elements.field, elements.element
        order by elements.snapshot_number
    )
),

between_deliveries as (
    select
        source,
        item_id,
        field,
        element,
        value_id,
        value,
        true as is_taken,
        snapshot_number
    from seen
    where seen_before is null or seen_before < snapshot_number - 1

    union all

    select
        source,
        item_id,
        field,
        element,
        value_id,
        value,
        false as is_taken,
        snapshot_number + 1 as snapshot_number
    from seen
    where seen_after is null or seen_after > snapshot_number + 1
),

transitions as (
    select
        source,
        item_id,
        field,
        element,
        value_id,
        value,
        is_taken,
        changed_at as happened_at,
        cast(null as timestamp) as not_before,
        false as is_initial
    from numbered

    union all

    -- Lost without ever having been taken: it was there from the start.
    select
        source,
        item_id,
        field,
        element,
        value_id,
        value,
        true as is_taken,
        created_at as happened_at,
        cast(null as timestamp) as not_before,
        true as is_initial
    from numbered
    where change_number = 1 and not is_taken

    union all

    -- The log ends differently from what the last delivery shows: it was cut, the delivery wins.
    select
        numbered.source,
        numbered.item_id,
        numbered.field,
        numbered.element,
        numbered.value_id,
        numbered.value,
        not numbered.is_taken as is_taken,
        greatest(numbered.changed_at, numbered.state_seen_at) as happened_at,
        numbered.changed_at as not_before,
        false as is_initial
    from numbered
    inner join logged_items
        on numbered.source = logged_items.source and numbered.item_id = logged_items.item_id
    left join held_now
        on
            numbered.source = held_now.source
            and numbered.item_id = held_now.item_id
            and numbered.field = held_now.field
            and numbered.element = held_now.element
    where
        numbered.recency = 1
        and numbered.is_taken <> (held_now.element is not null)
        and numbered.changed_at < numbered.delivered_at + interval '1 day'
        -- What GitHub tells in events only, and a reason, which goes with its closing.
        and numbered.field not in (
            'duplicate', 'closed_by_commit', 'transferred', 'renamed', 'state_reason'
        )

    union all

    select
        between_deliveries.source,
        between_deliveries.item_id,
        between_deliveries.field,
        between_deliveries.element,
        between_deliveries.value_id,
        between_deliveries.value,
        between_deliveries.is_taken,
        case
            when
                between_deliveries.field = 'state_reason'
                and logged_items.item_id is not null
                and snapshots.closed_at is not null
                then snapshots.closed_at
            when snapshots.snapshot_number = 1 and logged_items.item_id is not null
                then snapshots.created_at
            when
                between_deliveries.field = 'risk_accepted'
                and between_deliveries.element = 'true'
                and between_deliveries.is_taken
                and acceptances.accepted_at is not null
                then acceptances.accepted_at
            when between_deliveries.field in ('label', 'severity') then snapshots.seen_at
            else snapshots.state_seen_at
        end as happened_at,
        case
            when snapshots.snapshot_number = 1 and logged_items.item_id is not null then null
            else snapshots.previous_at
        end as not_before,
        snapshots.snapshot_number = 1 as is_initial
    from between_deliveries
    inner join snapshots
        on
            between_deliveries.source = snapshots.source
            and between_deliveries.item_id = snapshots.item_id
            and between_deliveries.snapshot_number = snapshots.snapshot_number
    left join logged_items
        on
            between_deliveries.source = logged_items.source
            and between_deliveries.item_id = logged_items.item_id
    left join acceptances
        on
            between_deliveries.source = acceptances.source
            and between_deliveries.item_id = acceptances.item_id
            and between_deliveries.snapshot_number = acceptances.snapshot_number
)

select
    source,
    item_id,
    field,
    element,
    value_id,
    value,
    is_taken,
    greatest(happened_at, coalesce(not_before, happened_at)) as happened_at,
    case when not_before < happened_at then not_before end as not_before,
    is_initial
from transitions
