with deployments as (
    select * from {{ ref('fct_deployments') }}
),

-- One row per new system or major update; minor updates need no assessment of their own.
measured as (
    select
        cast(deployed_at as date) as observed_on,
        'deployment' as entity_type,
        deployment_id as entity_id,
        system_id,
        case when is_assessed_before_launch then 1 else 0 end as numerator,
        1 as denominator
    from deployments
    where requires_assessment
)

select * from measured
