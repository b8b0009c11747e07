-- Dated changes, each once however many files repeat it.
with landed as (
    select * from {{ source('trackers', 'tracker_changes') }}
),

files as (
    select * from {{ ref('stg_trackers__files') }}
),

changes as (
    select distinct
        files.source,
        landed.item_id,
        landed.change_id,
        landed.changed_at,
        landed.field,
        landed.from_id,
        coalesce(landed.from_value, landed.from_id) as from_value,
        landed.to_id,
        coalesce(landed.to_value, landed.to_id) as to_value
    from landed
    inner join files on landed.file_sha256 = files.file_sha256
)

select * from changes
