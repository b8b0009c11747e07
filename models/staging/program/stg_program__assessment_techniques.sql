with landed as (
    select * from {{ source('program', 'assessment_techniques') }}
),

assessment_techniques as (
    select
        landed.assessment_id,
        landed.technique_id,
        landed.is_applicable,
        landed.is_tested,
        landed.not_applicable_reason
    from landed
)

select * from assessment_techniques
