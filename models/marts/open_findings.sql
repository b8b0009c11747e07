-- Findings without a confirmed fix, as they stand. Disputed findings and those whose risk is
-- accepted are open; a fix that nobody verified is a state of its own.
with findings as (
    select * from {{ ref('fct_findings') }}
    where is_open and not is_excluded
),

states as (
    select * from {{ ref('int_finding_states') }}
),

systems as (
    select * from {{ ref('dim_systems') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

-- The last word on the fix: claimed, failed its retest, or broken again.
fixes as (
    select
        finding_id,
        event_type,
        valid_from as said_at,
        row_number() over (partition by finding_id order by event_number desc) as recency
    from states
    where event_type in ('remediation_claimed', 'retest_failed', 'reopened')
),

described as (
    select
        findings.*,
        systems.system_name,
        systems.risk_tier,
        systems.owner_team,
        systems.business_unit,
        fixes.event_type as last_fix_event,
        fixes.said_at as last_fix_event_at,
        as_of.as_of_end
    from findings
    cross join as_of
    left join systems on findings.system_id = systems.system_id
    left join fixes on findings.finding_id = fixes.finding_id and fixes.recency = 1
)

select
    finding_id,
    source,
    source_key,
    title,
    system_id,
    coalesce(system_name, 'Unknown system') as system_name,
    coalesce(risk_tier, 'unknown') as risk_tier,
    coalesce(owner_team, 'unknown') as owner_team,
    coalesce(business_unit, 'unknown') as business_unit,
    severity,
    current_severity,
    vulnerability_class,
    technique_id,
    assessment_id,
    reported_at,
    {{ days_between('reported_at', 'as_of_end') }} as days_open,
    due_at,
    coalesce(due_at < as_of_end, false) as is_overdue,
    case when due_at < as_of_end then {{ days_between('due_at', 'as_of_end') }} end as days_overdue,
    verdict,
    case
        when is_risk_accepted then 'risk accepted'
        when verdict = 'disputed' then 'disputed'
        when last_fix_event = 'remediation_claimed' then 'fix claimed, not verified'
        when last_fix_event = 'retest_failed' then 'retest failed'
        when last_fix_event = 'reopened' then 'reopened'
        when verdict = 'undecided' then 'undecided'
        else 'accepted'
    end as state,
    claimed_fix_at,
    last_fix_event_at,
    is_risk_accepted,
    risk_acceptance_expires_at,
    coalesce(is_risk_accepted and risk_acceptance_expires_at < as_of_end, false)
        as is_acceptance_expired,
    reopen_count
from described
