-- What each companion signal counts: one row per thing, dated as its metric dates it. Of a rate
-- sample_size counts the exposed things only.
with deployments as (
    select * from {{ ref('fct_deployments') }}
    where requires_assessment
),

assessments as (
    select * from {{ ref('fct_assessments') }}
    where is_delivered
),

techniques as (
    select * from {{ ref('stg_program__assessment_techniques') }}
),

technique_attempts as (
    select * from {{ ref('int_companion_technique_attempts') }}
),

-- A scan whose outcome nobody wrote down says nothing about errors.
scans as (
    select * from {{ ref('fct_scans') }}
    where status in ('completed', 'failed', 'aborted')
),

regression_runs as (
    select * from {{ ref('int_companion_regression_runs') }}
),

findings as (
    select * from {{ ref('int_companion_findings') }}
),

finding_months as (
    select * from {{ ref('int_finding_months') }}
    where verdict = 'undecided' and confirmed_fix_at is null
),

reports as (
    select * from {{ ref('fct_findings') }}
),

systems_in_production as (
    select * from {{ ref('int_systems_in_production') }}
),

incidents as (
    select * from {{ ref('fct_incidents') }}
),

attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where is_primary_judge and not is_control and attempted_on is not null
),

things as (
    select
        'untested_deployments' as signal,
        cast(deployed_at as date) as observed_on,
        deployment_id as entity_id,
        case when is_assessed_before_launch then 0 else 1 end as numerator,
        1 as denominator,
        1 as sample_size
    from deployments

    union all

    select
        'not_applicable_share' as signal,
        cast(assessments.report_delivered_at as date) as observed_on,
        assessments.assessment_id || '|' || techniques.technique_id as entity_id,
        case when techniques.is_applicable then 0 else 1 end as numerator,
        1 as denominator,
        1 as sample_size
    from techniques
    inner join assessments on techniques.assessment_id = assessments.assessment_id

    union all

    select
        'median_attempts_per_tested_technique' as signal,
        delivered_on as observed_on,
        assessment_id || '|' || technique_id as entity_id,
        attempts as numerator,
        1 as denominator,
        1 as sample_size
    from technique_attempts

    union all

    select
        'scan_error_share' as signal,
        cast(started_at as date) as observed_on,
        scan_id as entity_id,
        case when status = 'completed' then 0 else 1 end as numerator,
        1 as denominator,
        1 as sample_size
    from scans

    union all

    select
        'days_since_last_regression_run' as signal,
        observed_on,
        regression_test_id as entity_id,
        days_since_run as numerator,
        1 as denominator,
        1 as sample_size
    from regression_runs

    union all

    select
        'downgrade_share' as signal,
        reported_on as observed_on,
        finding_id as entity_id,
        case when is_downgraded then 1 else 0 end as numerator,
        1 as denominator,
        1 as sample_size
    from findings
    where severity in ('critical', 'high')

    union all

    select
        'undecided_age_days' as signal,
        finding_months.observed_on,
        finding_months.finding_id as entity_id,
        {{ days_between('reports.reported_at', 'finding_months.judged_at') }} as numerator,
        1 as denominator,
        1 as sample_size
    from finding_months
    inner join reports on finding_months.finding_id = reports.finding_id

    union all

    select
        'undecided_share' as signal,
        reported_on as observed_on,
        finding_id as entity_id,
        case when verdict = 'undecided' then 1 else 0 end as numerator,
        1 as denominator,
        1 as sample_size
    from findings

    union all

    select
        'quick_scan_share' as signal,
        cast(report_delivered_at as date) as observed_on,
        assessment_id as entity_id,
        case when assessment_tier = 'quick_scan' then 1 else 0 end as numerator,
        1 as denominator,
        1 as sample_size
    from assessments

    union all

    select
        'low_severity_share' as signal,
        reported_on as observed_on,
        finding_id as entity_id,
        case when severity = 'low' then 1 else 0 end as numerator,
        1 as denominator,
        1 as sample_size
    from findings
    where verdict = 'accepted'

    union all

    select
        'downgrades_before_due_share' as signal,
        reported_on as observed_on,
        finding_id as entity_id,
        case when is_downgraded_before_due then 1 else 0 end as numerator,
        1 as denominator,
        1 as sample_size
    from findings
    where verdict <> 'false_positive' and has_due_date

    union all

    select
        'late_risk_acceptance_share' as signal,
        reported_on as observed_on,
        finding_id as entity_id,
        case when is_accepted_late then 1 else 0 end as numerator,
        1 as denominator,
        1 as sample_size
    from findings
    where verdict <> 'false_positive' and has_due_date

    union all

    select
        'assessments_per_system' as signal,
        cast(report_delivered_at as date) as observed_on,
        assessment_id as entity_id,
        1 as numerator,
        0 as denominator,
        0 as sample_size
    from assessments

    union all

    select
        'assessments_per_system' as signal,
        observed_on,
        system_id as entity_id,
        0 as numerator,
        1 / 3.0 as denominator,
        1 as sample_size
    from systems_in_production

    union all

    select
        'unknown_class_share' as signal,
        reported_on as observed_on,
        finding_id as entity_id,
        case when vulnerability_class = 'unknown' then 1 else 0 end as numerator,
        1 as denominator,
        1 as sample_size
    from findings
    where verdict <> 'false_positive'

    union all

    select
        'unknown_class_incident_share' as signal,
        cast(occurred_at as date) as observed_on,
        incident_id as entity_id,
        case when vulnerability_class = 'unknown' then 1 else 0 end as numerator,
        1 as denominator,
        1 as sample_size
    from incidents

    union all

    select
        'attack_error_share' as signal,
        attempted_on as observed_on,
        cluster_id as entity_id,
        errors as numerator,
        attempts as denominator,
        attempts as sample_size
    from attack_results

    union all

    -- A prompt counts where at least one of its attempts was decided.
    select
        'attack_prompts' as signal,
        attempted_on as observed_on,
        cluster_id as entity_id,
        successes + resisted as numerator,
        attempts as denominator,
        attempts as sample_size
    from attack_results
),

definitions as (
    {{ companion_signal_rows() }}
),

needs as (
    {{ companion_signal_needs() }}
),

present as (
    select * from {{ ref('int_present_sources') }}
),

measurable as (
    select needs.signal
    from needs
    inner join present on needs.needed = present.needed
    inner join definitions on needs.signal = definitions.signal
    group by needs.signal, definitions.needed_sources
    having count(*) = definitions.needed_sources
)

select
    things.signal,
    things.observed_on,
    things.entity_id,
    cast(things.numerator as {{ type_double() }}) as numerator,
    cast(things.denominator as {{ type_double() }}) as denominator,
    cast(things.sample_size as bigint) as sample_size
from things
inner join measurable on things.signal = measurable.signal
