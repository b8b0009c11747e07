with landed as (
    select * from {{ source('trackers', 'tracker_pages') }}
),

files as (
    select * from {{ ref('stg_trackers__files') }}
),

pages as (
    select
        files.source,
        files.delivery_number,
        files.is_changes_only,
        landed.file_sha256,
        landed.items,
        landed.stated_total
    from landed
    inner join files on landed.file_sha256 = files.file_sha256
    where landed.document in ('findings', 'issues')
)

select * from pages
