-- One row per finding, as known at the as-of date. Missing attributes are the text `unknown`.
with findings as (
    select * from {{ ref('int_findings') }}
),

milestones as (
    select * from {{ ref('int_finding_milestones') }}
),

originals as (
    select * from {{ ref('int_finding_originals') }}
),

sla_periods as (
    select * from {{ ref('int_severity_sla_periods') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

classified as (
    select
        findings.finding_id,
        findings.source,
        findings.source_key,
        findings.system_id,
        findings.assessment_id,
        findings.title,
        findings.severity,
        coalesce(milestones.last_severity, findings.severity) as current_severity,
        findings.vulnerability_class,
        coalesce(findings.technique_id, 'unknown') as technique_id,
        coalesce(findings.owasp_id, 'unknown') as owasp_id,
        coalesce(findings.detection_source, 'unknown') as detection_source,
        coalesce(findings.tool, 'unknown') as tool,
        findings.attack,
        findings.source_run_id,
        findings.impact_claimed,
        findings.impact_confirmed,
        findings.reported_at,
        milestones.verdict,
        milestones.is_risk_accepted,
        milestones.risk_acceptance_expires_at,
        coalesce(
            findings.exclusion_reason,
            case when findings.severity = 'informational' then 'informational' end
        ) as exclusion_reason,
        {{ add_days('findings.reported_at', 'sla_periods.sla_days') }} as due_at,
        milestones.claimed_fix_at,
        milestones.confirmed_fix_at,
        milestones.first_fix_at,
        milestones.reopen_count,
        originals.original_id as duplicate_of,
        as_of.as_of_end
    from findings
    inner join milestones on findings.finding_id = milestones.finding_id
    cross join as_of
    left join originals on findings.finding_id = originals.finding_id
    left join sla_periods
        on
            findings.severity = sla_periods.severity
            and cast(findings.reported_at as date) >= sla_periods.valid_from
            and cast(findings.reported_at as date) < sla_periods.valid_to
),

reported_findings as (
    select
        finding_id,
        source,
        source_key,
        system_id,
        assessment_id,
        title,
        severity,
        current_severity,
        vulnerability_class,
        technique_id,
        owasp_id,
        detection_source,
        tool,
        attack,
        source_run_id,
        impact_claimed,
        impact_confirmed,
        reported_at,
        verdict,
        is_risk_accepted,
        risk_acceptance_expires_at,
        exclusion_reason is not null as is_excluded,
        exclusion_reason,
        duplicate_of,
        due_at,
        coalesce(due_at >= as_of_end, false) as is_not_yet_due,
        claimed_fix_at,
        confirmed_fix_at,
        first_fix_at,
        cast(reopen_count as integer) as reopen_count,
        confirmed_fix_at is null and verdict <> 'false_positive' as is_open
    from classified
)

select * from reported_findings
