-- Dated changes, each once however many files repeat it.
with landed as (
    select * from {{ source('trackers', 'tracker_changes') }}
),

files as (
    select * from {{ ref('stg_trackers__files') }}
),

-- A page of changes may know only the key of its issue, one of those that it had.
keys as (
    select
        files.source,
        items.item_key,
        max(items.item_id) as item_id
    from {{ source('trackers', 'tracker_items') }} as items
    inner join files on items.file_sha256 = files.file_sha256
    group by files.source, items.item_key
),

changes as (
    select distinct
        files.source,
        coalesce(keys.item_id, landed.item_id) as item_id,
        landed.change_id,
        landed.changed_at,
        landed.field,
        landed.from_id,
        coalesce(landed.from_value, landed.from_id) as from_value,
        landed.to_id,
        coalesce(landed.to_value, landed.to_id) as to_value
    from landed
    inner join files on landed.file_sha256 = files.file_sha256
    left join keys on files.source = keys.source and landed.item_id = keys.item_key
)

select * from changes
