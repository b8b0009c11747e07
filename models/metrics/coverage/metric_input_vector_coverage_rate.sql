with input_vectors as (
    select * from {{ ref('int_input_vector_months') }}
),

-- One row per month and input vector of a system in production.
measured as (
    select
        observed_on,
        'input_vector' as entity_type,
        input_vector_id as entity_id,
        system_id,
        case when tests_last_12_months > 0 then 1 else 0 end as numerator,
        1 as denominator
    from input_vectors
)

select * from measured
