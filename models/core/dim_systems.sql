-- Missing attributes are the text `unknown`, never null: a null key "counts for every value".
with systems as (
    select * from {{ ref('stg_program__systems') }}
),

described as (
    select
        system_id,
        system_name,
        risk_tier,
        provider,
        coalesce(owner_team, 'unknown') as owner_team,
        coalesce(business_unit, 'unknown') as business_unit,
        coalesce(system_type, 'unknown') as system_type,
        onboarded_at,
        in_production_from,
        retired_at
    from systems
),

-- What a scanner or tracker names and no alias knows is kept here, and reported.
unknown_system as (
    select
        'unknown' as system_id,
        'Unknown system' as system_name,
        'unknown' as risk_tier,
        'unknown' as provider,
        'unknown' as owner_team,
        'unknown' as business_unit,
        'unknown' as system_type,
        cast(null as timestamp) as onboarded_at,
        cast(null as timestamp) as in_production_from,
        cast(null as timestamp) as retired_at
),

all_systems as (
    select * from described
    union all
    select * from unknown_system
    where system_id not in (select described.system_id from described)
)

select * from all_systems
