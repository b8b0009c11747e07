with landed as (
    select * from {{ source('program', 'assessment_runs') }}
),

assessment_runs as (
    select
        landed.assessment_id,
        landed.run_id
    from landed
)

select * from assessment_runs
