with systems_in_production as (
    select * from {{ ref('int_systems_in_production') }}
),

-- One row per month and system in production, third party included; any tier covers it.
measured as (
    select
        observed_on,
        'system' as entity_type,
        system_id as entity_id,
        system_id,
        case when assessments_last_12_months > 0 then 1 else 0 end as numerator,
        1 as denominator
    from systems_in_production
)

select * from measured
