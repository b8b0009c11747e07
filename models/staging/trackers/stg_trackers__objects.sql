-- What ids stand for: of every object the last delivery that names it.
with landed as (
    select * from {{ source('trackers', 'tracker_objects') }}
),

files as (
    select * from {{ ref('stg_trackers__files') }}
),

ranked as (
    select
        files.source,
        landed.kind,
        landed.object_id,
        landed.name,
        landed.parent_kind,
        landed.parent_id,
        landed.category,
        row_number() over (
            partition by files.source, landed.kind, landed.object_id
            order by
                files.delivery_number desc,
                case when landed.parent_id is null and landed.category is null then 1 else 0 end,
                files.file_name desc
        ) as recency
    from landed
    inner join files on landed.file_sha256 = files.file_sha256
),

objects as (
    select
        source,
        kind,
        object_id,
        name,
        parent_kind,
        parent_id,
        category
    from ranked
    where recency = 1
)

select * from objects
