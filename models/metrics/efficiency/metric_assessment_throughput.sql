with assessments as (
    select * from {{ ref('fct_assessments') }}
    where is_delivered
),

capacity as (
    select * from {{ ref('stg_program__team_capacity') }}
),

-- Deliveries against the FTE-quarters of the months; capacity is known for the whole team only.
-- A month with capacity and no delivery is a throughput of 0, not unmeasured.
measured as (
    select
        cast(report_delivered_at as date) as observed_on,
        'assessment' as entity_type,
        assessment_id as entity_id,
        system_id,
        assessment_tier,
        1 as numerator,
        null as denominator,
        1 as sample_size
    from assessments

    union all

    select
        month_start as observed_on,
        'capacity_month' as entity_type,
        cast(month_start as {{ dbt.type_string() }}) as entity_id,
        null as system_id,
        null as assessment_tier,
        0 as numerator,
        fte_testers / 3.0 as denominator,
        0 as sample_size
    from capacity
)

select * from measured
