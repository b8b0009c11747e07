"""Statements of the page for the board."""

from __future__ import annotations

from typing import Final

BOARD: Final = {
    "year_over_year": """
        select
            metric_name, verdict, value, previous_value, unit, sample_size, previous_sample_size,
            interval_low, interval_high, previous_interval_low, previous_interval_high,
            target_status, change, direction, dimension, is_core, months_measured,
            previous_months_measured, period_start, period_end, question, metric_id
        from marts.year_over_year
        order by
            not is_core,
            list_position(['coverage', 'effectiveness', 'efficiency', 'impact'], dimension),
            metric_name
    """,
    "frameworks": """
        select
            framework, max(edition) as edition, min(framework_met) as met,
            min(framework_partially_met) as partially_met, min(framework_not_met) as not_met,
            min(framework_stale) as stale, min(framework_not_assessed) as not_assessed,
            min(framework_controls) as controls
        from marts.compliance_coverage
        group by framework
        order by framework
    """,
    "controls": """
        select
            control_id, framework, control_title, status, is_stale, system_name, owner_team,
            evidenced_on, evidence_rows, assessment_id, is_listed
        from marts.compliance_coverage
        where $of is null or framework = $of
        order by
            framework, list_position(['not_met', 'partially_met', 'met'], status) nulls last,
            control_order, control_id
    """,
}
