with landed as (
    select * from {{ source('trackers', 'tracker_values') }}
),

field_values as (
    select
        file_sha256,
        item_id,
        field,
        value_id,
        coalesce(value, value_id) as value
    from landed
)

select * from field_values
