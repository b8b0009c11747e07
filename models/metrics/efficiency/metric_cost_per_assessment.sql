with costs as (
    select * from {{ ref('fct_costs') }}
),

assessments as (
    select * from {{ ref('fct_assessments') }}
    where is_delivered
),

-- Program cost against delivered assessments of any tier.
measured as (
    select
        incurred_on as observed_on,
        'cost' as entity_type,
        cost_id as entity_id,
        amount as numerator,
        null as denominator,
        0 as sample_size
    from costs

    union all

    select
        cast(report_delivered_at as date) as observed_on,
        'assessment' as entity_type,
        assessment_id as entity_id,
        null as numerator,
        1 as denominator,
        1 as sample_size
    from assessments
)

select * from measured
