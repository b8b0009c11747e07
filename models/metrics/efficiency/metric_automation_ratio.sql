with effort as (
    select * from {{ ref('fct_effort') }}
),

-- One row per effort entry, weighing its hours.
measured as (
    select
        worked_on as observed_on,
        'effort' as entity_type,
        effort_id as entity_id,
        system_id,
        assessment_tier,
        case when mode = 'automated' then hours else 0 end as numerator,
        hours as denominator
    from effort
)

select * from measured
