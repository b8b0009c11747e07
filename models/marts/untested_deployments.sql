-- Launches that needed an assessment and had none: one row per new system or major update that went
-- live without a delivered report on it at or before that moment.
with deployments as (
    select * from {{ ref('fct_deployments') }}
    where requires_assessment
),

assessments as (
    select * from {{ ref('fct_assessments') }}
),

systems as (
    select * from {{ ref('dim_systems') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

-- Without a register of assessments nobody knows what was tested: no row rather than "untested".
needs as (
    select * from {{ ref('int_metric_needs') }}
    where metric_id = 'pre_deployment_test_rate' and is_measurable
),

followed as (
    select
        *,
        lead(deployed_at) over (
            partition by system_id order by deployed_at, deployment_id
        ) as replaced_at
    from deployments
),

untested as (
    select
        followed.deployment_id,
        followed.system_id,
        systems.system_name,
        systems.risk_tier,
        systems.provider,
        systems.owner_team,
        systems.business_unit,
        followed.deployment_type,
        followed.system_version,
        followed.deployed_at,
        followed.replaced_at,
        followed.first_report_at,
        as_of.as_of_end,
        -- Out of use from here on: the next launch of its kind, or the end of the system.
        least(
            coalesce(followed.replaced_at, as_of.as_of_end),
            coalesce(systems.retired_at, as_of.as_of_end),
            as_of.as_of_end
        ) as live_until
    from followed
    inner join systems on followed.system_id = systems.system_id
    cross join as_of
    where not followed.is_assessed_before_launch and exists (select 1 from needs)
),

late_reports as (
    select
        untested.deployment_id,
        min(assessments.assessment_id) as assessment_id
    from untested
    inner join assessments
        on
            untested.deployment_id = assessments.deployment_id
            and untested.first_report_at = assessments.report_delivered_at
            and assessments.is_delivered
    group by untested.deployment_id
),

-- What is asked for or under way while it is live: of this launch first, else of its system.
coming as (
    select
        untested.deployment_id,
        assessments.assessment_id,
        assessments.planned_start_at,
        coalesce(assessments.deployment_id = untested.deployment_id, false) as is_of_deployment,
        row_number() over (
            partition by untested.deployment_id
            order by
                case when assessments.deployment_id = untested.deployment_id then 0 else 1 end,
                assessments.planned_start_at nulls last,
                assessments.assessment_id
        ) as place
    from untested
    inner join assessments
        on
            untested.system_id = assessments.system_id
            and assessments.report_delivered_at is null
            and assessments.cancelled_at is null
    where
        untested.first_report_at is null
        and untested.live_until = untested.as_of_end
        and coalesce(assessments.deployment_id, untested.deployment_id) = untested.deployment_id
)

select
    untested.deployment_id,
    untested.system_id,
    untested.system_name,
    untested.risk_tier,
    untested.provider,
    untested.owner_team,
    untested.business_unit,
    untested.deployment_type,
    untested.system_version,
    untested.deployed_at,
    case
        when untested.first_report_at is not null then 'assessed late'
        when untested.live_until = untested.as_of_end then 'untested'
        when untested.live_until = untested.replaced_at then 'replaced'
        else 'retired'
    end as state,
    {{ days_between(
        'untested.deployed_at',
        'greatest(untested.deployed_at, '
        ~ 'least(coalesce(untested.first_report_at, untested.as_of_end), untested.live_until))'
    ) }} as days_live_untested,
    late_reports.assessment_id as late_assessment_id,
    untested.first_report_at as late_report_at,
    coming.assessment_id as planned_assessment_id,
    coming.planned_start_at,
    coming.is_of_deployment as is_planned_for_deployment,
    untested.replaced_at
from untested
left join late_reports on untested.deployment_id = late_reports.deployment_id
left join coming on untested.deployment_id = coming.deployment_id and coming.place = 1
