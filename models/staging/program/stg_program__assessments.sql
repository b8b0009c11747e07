with landed as (
    select * from {{ source('program', 'assessments') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

assessments as (
    select
        landed.assessment_id,
        landed.system_id,
        landed.tier as assessment_tier,
        landed.requested_at,
        landed.deployment_id,
        landed.planned_start_at,
        {{ known('landed.started_at') }} as started_at,
        {{ known('landed.report_delivered_at') }} as report_delivered_at,
        {{ known('landed.cancelled_at') }} as cancelled_at
    from landed
    cross join as_of
    where {{ within_history('landed.requested_at') }}
)

select * from assessments
