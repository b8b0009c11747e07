with landed as (
    select * from {{ source('program', 'team_capacity') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

team_capacity as (
    select
        landed.month as month_start,
        landed.fte_testers,
        landed.capacity_hours
    from landed
    cross join as_of
    where {{ within_history('landed.month') }}
)

select * from team_capacity
