with landed as (
    select * from {{ source('program', 'deployments') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

deployments as (
    select
        landed.deployment_id,
        landed.system_id,
        landed.deployment_type,
        landed.deployed_at,
        landed.system_version
    from landed
    cross join as_of
    where {{ within_history('landed.deployed_at') }}
)

select * from deployments
