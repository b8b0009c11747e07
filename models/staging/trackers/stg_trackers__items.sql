-- Items as each file has them. Where the tracker did not write when a row was made, the day of
-- discovery stands in.
with landed as (
    select * from {{ source('trackers', 'tracker_items') }}
),

files as (
    select * from {{ ref('stg_trackers__files') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

dated as (
    select
        files.source,
        files.file_name,
        files.file_sha256,
        files.delivery_number,
        files.delivered_at,
        files.is_dated,
        landed.record_path,
        landed.item_id,
        landed.item_key,
        landed.project,
        {{ display_safe('landed.title') }} as title,
        coalesce(landed.created_at, cast(landed.discovered_on as timestamp), files.delivered_at)
            as created_at,
        landed.updated_at,
        landed.status_at,
        landed.closed_at,
        landed.has_history
    from landed
    inner join files on landed.file_sha256 = files.file_sha256
),

items as (
    select dated.*
    from dated
    cross join as_of
    where {{ within_history('dated.created_at') }}
)

select * from items
