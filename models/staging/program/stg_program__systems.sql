with landed as (
    select * from {{ source('program', 'systems') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

systems as (
    select
        landed.system_id,
        landed.system_name,
        landed.risk_tier,
        landed.provider,
        landed.owner_team,
        landed.business_unit,
        landed.system_type,
        {{ known('landed.onboarded_at') }} as onboarded_at,
        {{ known('landed.in_production_from') }} as in_production_from,
        {{ known('landed.retired_at') }} as retired_at
    from landed
    cross join as_of
)

select * from systems
