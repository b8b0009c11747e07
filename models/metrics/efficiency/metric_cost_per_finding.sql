with costs as (
    select * from {{ ref('fct_costs') }}
),

findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded and verdict = 'accepted'
),

-- Program cost against the findings somebody will act on.
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
        cast(reported_at as date) as observed_on,
        'finding' as entity_type,
        finding_id as entity_id,
        null as numerator,
        1 as denominator,
        1 as sample_size
    from findings
)

select * from measured
