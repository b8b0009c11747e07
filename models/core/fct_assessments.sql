with assessments as (
    select * from {{ ref('stg_program__assessments') }}
),

judged_assessments as (
    select
        assessment_id,
        system_id,
        assessment_tier,
        deployment_id,
        requested_at,
        planned_start_at,
        started_at,
        report_delivered_at,
        cancelled_at,
        report_delivered_at is not null and cancelled_at is null as is_delivered
    from assessments
)

select * from judged_assessments
