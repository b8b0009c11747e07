with assessments as (
    select * from {{ ref('stg_program__assessments') }}
),

systems as (
    select * from {{ ref('dim_systems') }}
),

judged_assessments as (
    select
        assessments.assessment_id,
        assessments.system_id,
        assessments.assessment_tier,
        assessments.assessment_tier || '/' || coalesce(systems.risk_tier, 'unknown')
            as tier_and_risk,
        assessments.deployment_id,
        assessments.requested_at,
        assessments.planned_start_at,
        assessments.started_at,
        assessments.report_delivered_at,
        assessments.cancelled_at,
        assessments.report_delivered_at is not null
        and assessments.cancelled_at is null as is_delivered
    from assessments
    left join systems on assessments.system_id = systems.system_id
)

select * from judged_assessments
