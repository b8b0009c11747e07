"""Columns in words, and what they hold."""

from __future__ import annotations

from typing import Final

UNDECIDED: Final = "is_immature"

LABELS: Final = {
    "baseline_configuration": "Guardrail before",
    "baseline_prompts": "Prompts before",
    "baseline_rate": "Rate before",
    "baseline_version": "Version before",
    "clean_prompts": "Clean prompts",
    "configuration": "Guardrail",
    "delta": "Change",
    "interval_high": "to",
    "interval_low": "95 % from",
    "q_value": "q",
    "smallest_detectable_change": "Could see",
    "acceptance": "Risk accepted until",
    "attack_success_rate": "Success rate",
    "assessment_id": "Assessment",
    "assessment_tier": "Depth",
    "business_unit": "Business unit",
    "check_name": "Check",
    "checked_as_of": "Judged as of",
    "column_name": "Column",
    "confirmed_fix_at": "Fix confirmed",
    "current_severity": "Severity now",
    "days_open": "Days open",
    "days_overdue": "Days over",
    "days_since_newest_row": "Age, days",
    "deployed_at": "Live since",
    "deployment_id": "Id",
    "deployment_type": "Launch",
    "due_at": "Due",
    "entity_id": "Id",
    "entity_type": "Kind",
    "expected_freshness": "Expected",
    "file_name": "File",
    "finding_id": "Id",
    "findings": "Findings",
    "further_prompts_needed": "More prompts needed",
    "guidance": "What to do",
    "independent_prompts": "Independent prompts",
    "first_report_at": "First report",
    "incomplete_files": "Cut short",
    "is_complete": "Complete",
    "is_overdue": "Overdue",
    "is_reproduced": "Same",
    "last_landed_at": "Delivered",
    "last_report_at": "Last report",
    "late_report_at": "Report came",
    "line_number": "Line",
    "may_be_chance": "May be chance",
    "metric_id": "Id",
    "metric_name": "Metric",
    "mitigation_names": "ATLAS mitigations",
    "new_value": "Now",
    "newest_row_at": "Newest entry",
    "not_applicable": "Not applicable",
    "observed_on": "Counts on",
    "owner_team": "Team",
    "planned_start_at": "Test planned",
    "previous_value": "Before",
    "published_value": "As published",
    "raw_text": "Row as delivered",
    "report_delivered_at": "Report",
    "reported_at": "Reported",
    "risk_acceptance_expires_at": "Accepted until",
    "risk_tier": "Risk tier",
    "rows_after_as_of": "After as-of",
    "rows_before_history": "Before history",
    "rows_loaded": "Rows",
    "rows_quarantined": "Held back",
    "rows_read": "Read",
    "rows_superseded": "Superseded",
    "run_id": "Run",
    "sample_size": "n",
    "schema_note": "Remarks",
    "severity": "Severity",
    "state": "State",
    "system_id": "System id",
    "system_name": "System",
    "system_version": "Version",
    "technique_id": "Technique",
    UNDECIDED: "Undecided",
    "value": "Value",
}

PERCENT: Final = frozenset(
    {
        "attack_success_rate",
        "baseline_rate",
        "lower_bound",
        "upper_bound",
        "attack_success_limit",
        "fixed_within_sla",
        "success_within_tries",
        "success_within_tries_high",
        "over_refusal_rate",
    }
)
"""Columns in percent."""

WHOLE_PERCENT: Final = frozenset(
    {
        "automated_scan_frequency_value",
        "disputed_percent",
        "input_vector_coverage_rate_value",
        "sla_attainment",
        "survival",
        "technique_coverage_rate_value",
    }
)
"""Columns in percent of so few that a decimal would say too much."""

POINTS: Final = frozenset({"delta", "over_refusal_delta"})
"""Columns in percentage points, with their sign."""

DAYS: Final = frozenset(
    {
        "days_open",
        "interval_low",
        "interval_high",
        "smallest_detectable_change",
        "days_overdue",
        "mean_days_to_decide",
        "days_live_untested",
    }
)
"""Columns in days, with one decimal."""

COUNTS: Final = frozenset(
    {
        "attempts",
        "prompts",
        "rows_loaded",
        "rows_quarantined",
        "rows_read",
        "rows_superseded",
        "sample_size",
        "size_bytes",
    }
)
"""Columns that can be large enough for thousands to be set apart."""

WIDE: Final = frozenset(
    {
        "title",
        "text",
        "guidance",
        "mitigation_names",
        "raw_text",
        "observed",
        "line_to_add",
        "schema_note",
        "difference",
    }
)
"""Columns of running text."""
