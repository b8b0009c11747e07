with landed as (
    select * from {{ source('trackers', 'tracker_links') }}
),

links as (
    select
        file_sha256,
        item_id,
        link,
        target_id,
        target_key
    from landed
)

select * from links
