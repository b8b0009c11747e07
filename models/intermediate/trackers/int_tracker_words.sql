-- The tracker's id of a value by its name within a project, as any delivery or change has it: some
-- payloads carry only names, and names of long ago. Projects give ids of their own to equal names.
with snapshots as (
    select * from {{ ref('int_tracker_snapshots') }}
),

field_values as (
    select * from {{ ref('stg_trackers__values') }}
    where value_id is not null
),

changes as (
    select * from {{ ref('stg_trackers__changes') }}
),

named as (
    select
        snapshots.source,
        snapshots.project,
        field_values.field,
        field_values.value,
        field_values.value_id
    from snapshots
    inner join field_values
        on
            snapshots.file_sha256 = field_values.file_sha256
            and snapshots.item_id = field_values.item_id

    union all

    select
        snapshots.source,
        snapshots.project,
        changes.field,
        changes.from_value as value,
        changes.from_id as value_id
    from changes
    inner join snapshots
        on
            changes.source = snapshots.source
            and changes.item_id = snapshots.item_id
            and snapshots.is_latest

    union all

    select
        snapshots.source,
        snapshots.project,
        changes.field,
        changes.to_value as value,
        changes.to_id as value_id
    from changes
    inner join snapshots
        on
            changes.source = snapshots.source
            and changes.item_id = snapshots.item_id
            and snapshots.is_latest
),

words as (
    select
        source,
        project,
        field,
        {{ tracker_word('value') }} as word,
        max(value_id) as value_id
    from named
    where value_id is not null and value is not null
    group by source, project, field, {{ tracker_word('value') }}
)

select * from words
