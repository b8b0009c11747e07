"""Statements of the engineering page, and the lists of open findings that others open too."""

from __future__ import annotations

from typing import Final

_OPEN: Final = """
        select
            finding_id, title, system_name, owner_team, current_severity, state, days_open,
            reported_at, due_at, is_overdue, days_overdue, claimed_fix_at, reopen_count,
            risk_acceptance_expires_at, severity, vulnerability_class, technique_id, source,
            source_key
        from marts.open_findings
"""

_WORST_FIRST: Final = """
        order by
            list_position(['critical', 'high', 'medium', 'low'], current_severity),
            days_overdue desc nulls last, reported_at, finding_id
"""

ENGINEERING: Final = {
    "open_findings": _OPEN + " where $of is null or owner_team = $of" + _WORST_FIRST,
    "overdue_findings": _OPEN
    + " where is_overdue and ($of is null or owner_team = $of)"
    + _WORST_FIRST,
    "severity_mix": """
        select period_start, severity, severity_order, findings, share
        from marts.severity_distribution
        where
            segment_dimension = $dimension and segment_value = $segment
            and period_start < $end and period_start >= $end - interval 12 months
        order by period_start, severity_order
    """,
    "survival": """
        select
            severity, day, at_risk, survival, sla_days,
            100 - fixed_within_sla as still_open_at_sla
        from marts.remediation_survival
        where severity <> 'all'
        order by
            list_position(['critical', 'high', 'medium', 'low'], severity), severity, day
    """,
    "survival_medians": """
        select
            severity, findings, fixed_findings, median_days, median_days_low, median_days_high,
            longest_days, sla_days, fixed_within_sla
        from marts.remediation_survival
        where day = 0
        order by
            list_position(['critical', 'high', 'medium', 'low'], severity) nulls last, severity
    """,
    "teams": """
        with open_findings as (
            select
                owner_team,
                count(*) as open_findings,
                count(*) filter (where current_severity in ('critical', 'high')) as serious,
                count(*) filter (where is_overdue) as overdue,
                max(days_overdue) as days_overdue
            from marts.open_findings
            group by owner_team
        ),

        attained as (
            select segment_value as owner_team, value, sample_size, interval_low, interval_high
            from marts.metric_values
            where
                metric_id = 'remediation_sla_attainment_rate'
                and period_grain = $grain and period_start = $start
                and segment_dimension = 'owner_team'
        ),

        reported as (
            select segment_value as owner_team, sum(findings) as findings
            from marts.severity_distribution
            where
                segment_dimension = 'owner_team'
                and period_start >= $start and period_start < $end
            group by segment_value
        )

        select
            owner_team,
            cast(coalesce(reported.findings, 0) as bigint) as reported,
            coalesce(open_findings.open_findings, 0) as open_findings,
            coalesce(open_findings.serious, 0) as serious,
            coalesce(open_findings.overdue, 0) as overdue,
            open_findings.days_overdue,
            attained.value as sla_attainment,
            attained.interval_low,
            attained.interval_high,
            attained.sample_size
        from open_findings
        full join attained using (owner_team)
        full join reported using (owner_team)
        order by overdue desc, open_findings desc, owner_team
    """,
    "disputes": """
        select
            value, disputes, findings, disputed_percent, upheld, rejected, undecided,
            mean_days_to_decide
        from marts.dispute_patterns
        where dimension = $dimension
        order by disputes desc, value
    """,
}
