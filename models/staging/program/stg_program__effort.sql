with landed as (
    select * from {{ source('program', 'effort') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

effort as (
    select
        landed.effort_id,
        landed.worked_on,
        landed.hours,
        landed.mode,
        landed.assessment_id
    from landed
    cross join as_of
    where {{ within_history('landed.worked_on') }}
)

select * from effort
