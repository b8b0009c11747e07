-- What is asked for and not yet delivered or called off, as of the as-of date. Due is the request
-- plus what the targets of time_to_assessment allow for the tier; the instant itself is in time.
with assessments as (
    select * from {{ ref('fct_assessments') }}
    where report_delivered_at is null and cancelled_at is null
),

systems as (
    select * from {{ ref('dim_systems') }}
),

deployments as (
    select * from {{ ref('fct_deployments') }}
),

metric_targets as (
    select * from {{ ref('metric_targets') }}
    where metric_id = 'time_to_assessment' and segment_dimension = 'assessment_tier'
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

waiting as (
    select
        assessments.assessment_id,
        assessments.system_id,
        coalesce(systems.system_name, assessments.system_id) as system_name,
        coalesce(systems.risk_tier, 'unknown') as risk_tier,
        coalesce(systems.owner_team, 'unknown') as owner_team,
        coalesce(systems.business_unit, 'unknown') as business_unit,
        assessments.assessment_tier,
        assessments.deployment_id,
        deployments.system_version,
        deployments.deployed_at,
        assessments.requested_at,
        assessments.planned_start_at,
        assessments.started_at,
        metric_targets.target_high as target_days,
        {{ add_days('assessments.requested_at', 'metric_targets.target_high') }} as due_at,
        as_of.as_of_end
    from assessments
    cross join as_of
    left join systems on assessments.system_id = systems.system_id
    left join deployments on assessments.deployment_id = deployments.deployment_id
    left join metric_targets on assessments.assessment_tier = metric_targets.segment_value
)

select
    assessment_id,
    system_id,
    system_name,
    risk_tier,
    owner_team,
    business_unit,
    assessment_tier,
    deployment_id,
    system_version,
    deployed_at,
    case
        when started_at is not null then 'in progress'
        when planned_start_at < as_of_end then 'start missed'
        when planned_start_at is not null then 'planned'
        else 'not planned'
    end as state,
    requested_at,
    planned_start_at,
    started_at,
    {{ days_between('requested_at', 'as_of_end') }} as days_waiting,
    target_days,
    due_at,
    coalesce(due_at < as_of_end, false) as is_overdue,
    case when due_at < as_of_end then {{ days_between('due_at', 'as_of_end') }} end as days_overdue
from waiting
