"""Statements that only a report asks: one assessment, `$of`."""

from __future__ import annotations

from typing import Final

REPORTS: Final = {
    "assessment_techniques": """
        with names as (
            select distinct technique_id, technique_name from marts.technique_coverage_matrix
        )

        select rows.technique_id, names.technique_name, rows.numerator > 0 as is_tested
        from marts.metric_observations as rows
        left join names on rows.technique_id = names.technique_id
        where
            rows.metric_id = 'technique_coverage_rate'
            and rows.entity_type = 'assessment_technique'
            and starts_with(rows.entity_id, $of || '|')
        order by rows.technique_id
    """,
    "assessment_runs": """
        select
            runs.run_id, runs.tool, runs.system_version, runs.attack, runs.strategy,
            runs.attempts, runs.undetermined + runs.errors as unscored, runs.prompts,
            runs.attack_success_rate, runs.interval_low, runs.interval_high
        from marts.attack_success_by_run as runs
        inner join marts.assessment_summaries as assessments
            on
                runs.system_id = assessments.system_id
                and runs.started_at >= assessments.started_at
                and runs.started_at < assessments.report_delivered_at
        where runs.is_primary_judge and assessments.assessment_id = $of
        order by
            runs.attack_success_rate desc nulls last, runs.attack, runs.strategy, runs.run_id,
            runs.system_version
    """,
    "open_findings_of_assessment": """
        select
            findings.finding_id, findings.title, findings.severity, findings.current_severity,
            findings.state, findings.days_open, findings.due_at, findings.is_overdue,
            findings.reported_at, guidance.guidance, guidance.mitigation_names
        from marts.open_findings as findings
        left join marts.remediation_guidance as guidance
            on
                findings.vulnerability_class = guidance.vulnerability_class
                and findings.technique_id = guidance.technique_id
        where findings.assessment_id = $of
        order by
            list_position(['critical', 'high', 'medium', 'low'], findings.severity) nulls last,
            findings.reported_at, findings.finding_id
    """,
}
