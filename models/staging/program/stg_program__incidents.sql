with landed as (
    select * from {{ source('program', 'incidents') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

incidents as (
    select
        landed.incident_id,
        landed.system_id,
        landed.occurred_at,
        landed.vulnerability_class,
        landed.severity,
        {{ display_safe('landed.title') }} as title
    from landed
    cross join as_of
    where {{ within_history('landed.occurred_at') }}
)

select * from incidents
