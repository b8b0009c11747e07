-- Deliveries known at the as-of date, in their order. An undated file is the current state: last.
with landed as (
    select * from {{ source('identity', 'tracker_files') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

known as (
    select
        landed.source,
        landed.file_name,
        landed.file_sha256,
        landed.is_changes_only,
        landed.delivered_on is not null as is_dated,
        cast(coalesce(landed.delivered_on, as_of.as_of_date) as timestamp) as delivered_at
    from landed
    cross join as_of
    where landed.delivered_on is null or landed.delivered_on <= as_of.as_of_date
),

files as (
    select
        source,
        file_name,
        file_sha256,
        is_changes_only,
        is_dated,
        delivered_at,
        dense_rank() over (
            partition by source order by delivered_at, case when is_dated then 0 else 1 end
        ) as delivery_number
    from known
)

select * from files
