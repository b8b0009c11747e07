with landed as (
    select * from {{ source('program', 'annotations') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

annotations as (
    select
        landed.annotation_id,
        landed.metric_id,
        landed.period_start,
        {{ display_safe('landed.text') }} as text,
        {{ display_safe('landed.author') }} as author
    from landed
    cross join as_of
    where {{ within_history('landed.period_start') }}
)

select * from annotations
