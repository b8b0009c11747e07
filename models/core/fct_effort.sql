-- Hours belong to the system of their assessment; hours without one to nobody in particular.
with effort as (
    select * from {{ ref('stg_program__effort') }}
),

assessments as (
    select * from {{ ref('fct_assessments') }}
),

assigned_effort as (
    select
        effort.effort_id,
        effort.worked_on,
        effort.hours,
        effort.mode,
        effort.assessment_id,
        coalesce(assessments.system_id, 'unknown') as system_id,
        coalesce(assessments.assessment_tier, 'unknown') as assessment_tier
    from effort
    left join assessments on effort.assessment_id = assessments.assessment_id
)

select * from assigned_effort
