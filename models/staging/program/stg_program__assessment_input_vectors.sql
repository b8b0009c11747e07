with landed as (
    select * from {{ source('program', 'assessment_input_vectors') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

assessment_input_vectors as (
    select
        landed.assessment_id,
        landed.input_vector_id,
        {{ known('landed.tested_at') }} as tested_at
    from landed
    cross join as_of
)

select * from assessment_input_vectors
