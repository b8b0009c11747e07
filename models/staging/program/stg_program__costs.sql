with landed as (
    select * from {{ source('program', 'costs') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

costs as (
    select
        landed.cost_id,
        landed.incurred_on,
        landed.amount,
        landed.currency,
        landed.category as cost_category
    from landed
    cross join as_of
    where {{ within_history('landed.incurred_on') }}
)

select * from costs
