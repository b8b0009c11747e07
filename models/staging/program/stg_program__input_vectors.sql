with landed as (
    select * from {{ source('program', 'input_vectors') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

input_vectors as (
    select
        landed.input_vector_id,
        landed.system_id,
        landed.vector_type,
        landed.identified_at,
        {{ known('landed.removed_at') }} as removed_at
    from landed
    cross join as_of
    where {{ within_history('landed.identified_at') }}
)

select * from input_vectors
