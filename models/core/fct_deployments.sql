-- A deployment was assessed in time when a report on it was delivered at or before it went live.
with deployments as (
    select * from {{ ref('stg_program__deployments') }}
),

assessments as (
    select * from {{ ref('fct_assessments') }}
),

first_reports as (
    select
        deployment_id,
        min(report_delivered_at) as first_report_at
    from assessments
    where is_delivered and deployment_id is not null
    group by deployment_id
),

judged_deployments as (
    select
        deployments.deployment_id,
        deployments.system_id,
        deployments.deployment_type,
        deployments.system_version,
        deployments.deployed_at,
        deployments.deployment_type in ('new_system', 'major_update') as requires_assessment,
        first_reports.first_report_at,
        coalesce(first_reports.first_report_at <= deployments.deployed_at, false)
            as is_assessed_before_launch
    from deployments
    left join first_reports on deployments.deployment_id = first_reports.deployment_id
)

select * from judged_deployments
