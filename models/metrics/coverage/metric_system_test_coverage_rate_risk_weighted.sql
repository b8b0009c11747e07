with systems_in_production as (
    select * from {{ ref('int_systems_in_production') }}
),

systems as (
    select * from {{ ref('dim_systems') }}
),

weights as (
    select * from {{ ref('risk_tier_weights') }}
),

-- As system_test_coverage_rate, each system weighing what its risk tier weighs.
measured as (
    select
        systems_in_production.observed_on,
        'system' as entity_type,
        systems_in_production.system_id as entity_id,
        systems_in_production.system_id,
        case
            when systems_in_production.assessments_last_12_months > 0 then weights.weight
            else 0
        end as numerator,
        weights.weight as denominator
    from systems_in_production
    inner join systems on systems_in_production.system_id = systems.system_id
    inner join weights on systems.risk_tier = weights.risk_tier
)

select * from measured
