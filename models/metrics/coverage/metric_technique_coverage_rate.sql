with techniques as (
    select * from {{ ref('stg_program__assessment_techniques') }}
    where is_applicable
),

assessments as (
    select * from {{ ref('fct_assessments') }}
    where is_delivered
),

-- One row per applicable technique of a delivered assessment.
measured as (
    select
        cast(assessments.report_delivered_at as date) as observed_on,
        'assessment_technique' as entity_type,
        assessments.assessment_id || '|' || techniques.technique_id as entity_id,
        assessments.system_id,
        assessments.assessment_tier,
        assessments.tier_and_risk,
        techniques.technique_id,
        case when techniques.is_tested then 1 else 0 end as numerator,
        1 as denominator
    from techniques
    inner join assessments on techniques.assessment_id = assessments.assessment_id
)

select * from measured
