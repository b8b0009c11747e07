"""Statements of the page for AI product teams; `$of` and `$system` are a system."""

# ruff: noqa: S608  # only the fixed expressions of this file are put together

from __future__ import annotations

from typing import Final

_SEVERITIES: Final = "['critical', 'high', 'medium', 'low']"


def _counted(metric_id: str) -> str:
    """Return the statement for what a coverage figure of the scorecard counts."""
    return f"""
        select
            cards.system_name, rows.entity_id, rows.technique_id,
            case when rows.numerator > 0 then 'tested' else 'untested' end as state,
            rows.observed_on, cards.owner_team, rows.entity_type, rows.system_id
        from marts.metric_observations as rows
        inner join marts.metric_catalog as catalog on rows.metric_id = catalog.metric_id
        inner join marts.system_scorecards as cards on rows.system_id = cards.system_id
        where
            rows.metric_id = '{metric_id}' and ($of is null or rows.system_id = $of)
            and rows.observed_on < cards.period_end
            and rows.observed_on >= case
                when catalog.measures = 'stock' then cards.period_end - interval 1 month
                else cards.period_start
            end
        order by cards.system_name, state desc, rows.observed_on desc, rows.entity_id
    """


PRODUCT: Final = {
    "teams_with_systems": """
        select owner_team, count(*) as systems
        from marts.system_scorecards
        group by owner_team
        order by count(*) filter (where is_in_production) = 0, owner_team
    """,
    "scorecards": """
        select
            cards.*, gates.attempts as gate_attempts, gates.successes as gate_successes,
            gates.resisted as gate_resisted, gates.independent_prompts as gate_prompts,
            gates.lower_bound as gate_lower_bound
        from marts.system_scorecards as cards
        left join marts.release_gates as gates
            on
                cards.system_id = gates.system_id
                and cards.gate_version = gates.system_version
                and cards.gate_configuration = gates.configuration
        where cards.owner_team = $team
        order by
            cards.is_in_production desc,
            list_position(['high', 'medium', 'low'], cards.risk_tier) nulls last,
            cards.system_name, cards.system_id
    """,
    "findings_with_guidance": f"""
        select
            findings.finding_id, findings.title, findings.current_severity, findings.state,
            findings.days_open, findings.due_at, findings.is_overdue, guidance.guidance,
            guidance.mitigation_names, guidance.technique_name, findings.vulnerability_class,
            findings.system_name, findings.owner_team, findings.reported_at,
            findings.risk_acceptance_expires_at, findings.assessment_id,
            guidance.mitigation_ids, findings.technique_id
        from marts.open_findings as findings
        left join marts.remediation_guidance as guidance
            on
                findings.vulnerability_class = guidance.vulnerability_class
                and findings.technique_id = guidance.technique_id
        where $of is null or findings.system_id = $of
        order by
            list_position({_SEVERITIES}, findings.current_severity) nulls last,
            not findings.is_overdue, findings.days_open desc, findings.finding_id
    """,
    "assessment_summaries": """
        select
            assessment_id, system_name, assessment_tier, system_version, report_delivered_at,
            findings, critical_findings, high_findings, medium_findings, low_findings,
            open_findings, fixed_findings, false_positives, techniques_tested,
            techniques_applicable, input_vectors_tested, owner_team, requested_at, started_at,
            deployed_at, deployment_id
        from marts.assessment_summaries
        where $of is null or system_id = $of
        order by report_delivered_at desc, assessment_id desc
    """,
    "residual_risks": """
        select
            rows.finding_id, rows.title, coalesce(cards.system_name, rows.system_id)
                as system_name,
            rows.current_severity, rows.state, rows.system_version, rows.attack,
            rows.attack_success_rate, rows.upper_bound, rows.success_within_tries,
            rows.success_within_tries_high, rows.tries, rows.prompts, rows.attempts,
            rows.last_attempt_on, rows.not_measured_because, rows.is_latest_version, rows.tool,
            rows.risk_acceptance_expires_at, cards.owner_team
        from marts.residual_risk as rows
        left join marts.system_scorecards as cards on rows.system_id = cards.system_id
        where $of is null or rows.system_id = $of
        order by
            rows.is_latest_version desc nulls last, rows.upper_bound desc nulls last,
            rows.finding_id, rows.system_version
    """,
    "residual_risk_totals": """
        select
            count(distinct finding_id) as findings,
            count(distinct finding_id) filter (where upper_bound is not null) as measured,
            count(distinct finding_id) filter (where state = 'risk accepted') as risk_accepted,
            max(tries) as tries
        from marts.residual_risk
        where system_id = $system
    """,
    "residual_risk_worst": """
        select
            finding_id, title, state, attack, system_version, prompts, attack_success_rate,
            upper_bound, success_within_tries_high
        from marts.residual_risk
        where system_id = $system and upper_bound is not null
        qualify row_number() over (
            partition by finding_id
            order by is_latest_version desc, last_attempt_on desc, system_version desc
        ) = 1
        order by upper_bound desc, finding_id
    """,
    "gates": """
        select
            coalesce(cards.system_name, rows.system_id) as system_name, rows.system_version,
            rows.configuration, rows.verdict, rows.reason, rows.further_prompts_needed,
            rows.attack_success_rate, rows.lower_bound, rows.upper_bound,
            rows.attack_success_limit, rows.attempts, rows.successes, rows.prompts,
            rows.independent_prompts, rows.min_prompts, rows.undetermined, rows.errors,
            rows.baseline_version, rows.baseline_verdict, rows.over_refusal_rate,
            rows.controls, rows.caution, rows.last_attempt_on
        from marts.release_gates as rows
        left join marts.system_scorecards as cards on rows.system_id = cards.system_id
        where $of is null or rows.system_id = $of
        order by
            system_name, rows.last_attempt_on desc nulls last, rows.system_version desc,
            rows.configuration
    """,
    "system_techniques": """
        select
            technique_id, technique_name, state, attempts, prompts, attack_success_rate,
            interval_low, interval_high
        from marts.technique_coverage_matrix
        where system_id = $system and attack_success_rate is not null
        order by interval_high desc nulls last, technique_id
    """,
    "techniques_counted": _counted("technique_coverage_rate"),
    "input_vectors_counted": _counted("input_vector_coverage_rate"),
    "launches_counted": _counted("pre_deployment_test_rate"),
}
