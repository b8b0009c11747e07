-- The scanner runs that belong to each assessment, as registered.
with landed as (
    select * from {{ source('companion_registers', 'assessment_runs') }}
),

assessment_runs as (
    select
        landed.assessment_id,
        landed.run_id
    from landed
)

select * from assessment_runs
