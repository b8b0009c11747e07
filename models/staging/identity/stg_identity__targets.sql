with landed as (
    select * from {{ source('identity', 'targets') }}
),

targets as (
    select
        source,
        target_name,
        system_id,
        system_version,
        configuration,
        match as matched_by
    from landed
)

select * from targets
