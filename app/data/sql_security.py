"""Statements of the page for security leadership."""

from __future__ import annotations

from typing import Final

SECURITY: Final = {
    "risk_by": """
        with parts as (
            select
                case $dimension when 'risk_tier' then risk_tier else business_unit end as part,
                count(*) as systems,
                count(*) filter (where gate_verdict = 'fail') as gates_failed
            from marts.system_scorecards
            where is_in_production
            group by part
        ),

        findings as (
            select
                case $dimension when 'risk_tier' then risk_tier else business_unit end as part,
                count(*) as open_findings,
                count(*) filter (where current_severity in ('critical', 'high')) as serious,
                count(*) filter (where is_overdue) as overdue,
                count(*) filter (where is_risk_accepted) as risk_accepted,
                cast(floor(max(days_open)) as bigint) as oldest_days
            from marts.open_findings
            group by part
        )

        select
            part, coalesce(parts.systems, 0) as systems,
            coalesce(parts.gates_failed, 0) as gates_failed,
            coalesce(findings.open_findings, 0) as open_findings,
            coalesce(findings.serious, 0) as serious,
            coalesce(findings.overdue, 0) as overdue,
            coalesce(findings.risk_accepted, 0) as risk_accepted,
            findings.oldest_days
        from parts
        full join findings using (part)
        order by serious desc, overdue desc, part
    """,
    "open_findings_of_part": """
        select
            finding_id, title, system_name, owner_team, risk_tier, business_unit,
            current_severity, state, days_open, reported_at, due_at, is_overdue,
            risk_acceptance_expires_at
        from marts.open_findings
        where $of is null or risk_tier = $of or business_unit = $of
        order by
            list_position(['critical', 'high', 'medium', 'low'], current_severity),
            days_open desc, finding_id
    """,
    "coverage_gaps": """
        with untried as (
            select
                system_id,
                count(*) filter (where state = 'untested') as untested_techniques,
                count(*) filter (where state = 'thin') as thin_techniques
            from marts.technique_coverage_matrix
            group by system_id
        )

        select
            cards.system_name, cards.risk_tier, cards.owner_team,
            cards.last_assessment_at, cards.system_test_coverage_rate_value = 100 as is_tested,
            untried.untested_techniques, untried.thin_techniques,
            cards.technique_coverage_rate_value, cards.input_vector_coverage_rate_value,
            cards.input_vector_coverage_rate_numerator as vectors_tested,
            cards.input_vector_coverage_rate_denominator as vectors,
            cards.automated_scan_frequency_value, cards.last_launch_at,
            cards.is_last_launch_tested, cards.system_id
        from marts.system_scorecards as cards
        left join untried on cards.system_id = untried.system_id
        where cards.is_in_production and ($of is null or cards.system_id = $of)
        order by
            list_position(['high', 'medium', 'low'], cards.risk_tier) nulls last,
            cards.system_test_coverage_rate_value nulls first,
            cards.technique_coverage_rate_value nulls first, cards.system_name
    """,
    "companion_alerts": """
        select
            metrics.name as metric_name, coalesce(others.name, alerts.companion) as companion_name,
            alerts.why, alerts.period_grain, alerts.period_start, alerts.metric_previous_value,
            alerts.metric_value, alerts.metric_unit, alerts.metric_sample_size,
            alerts.companion_previous_value, alerts.companion_value, alerts.companion_unit,
            alerts.companion_sample_size, alerts.is_immature, alerts.metric_id
        from marts.metric_companion_alerts as alerts
        left join marts.metric_catalog as metrics on alerts.metric_id = metrics.metric_id
        left join marts.metric_catalog as others on alerts.companion = others.metric_id
        order by alerts.period_start desc, metric_name, companion_name, alerts.period_grain
    """,
    "resources": """
        select
            period_start, is_partial_period, fte_testers, capacity_hours, hours_worked,
            manual_hours, automated_hours, utilisation, requested_assessments,
            delivered_assessments, backlog, overdue_requests, longest_wait_days
        from marts.resource_summary
        order by period_start desc
        limit 13
    """,
    "pipeline": """
        select
            assessment_id, system_name, assessment_tier, state, owner_team, risk_tier,
            requested_at, days_waiting, planned_start_at, started_at, due_at, is_overdue,
            system_version
        from marts.assessment_pipeline
        order by is_overdue desc, due_at nulls last, requested_at, assessment_id
    """,
    "emerging_threats": """
        select
            threat_id, threat_name, verdict, findings, findings_before, incidents,
            incidents_before, systems, system_names, owner_teams, first_seen_at, last_seen_at,
            threat_type
        from marts.emerging_threats
        order by
            list_position(['rising', 'new'], verdict) nulls last,
            coalesce(incidents, 0) desc, coalesce(findings, 0) desc, threat_id
    """,
    "benchmarks": """
        select
            coalesce(metric_name, metric_id) as metric_name, segment_value, statistic,
            own_value, own_sample_size, public_value, unit, publisher, year, population,
            caution, comparability_note, source, address, own_interval_low, own_interval_high,
            own_previous_value, difference, own_period_start, benchmark_id
        from marts.benchmark_comparison
        order by metric_name, segment_value, year desc, publisher, benchmark_id, population
    """,
    "incidents": """
        select
            incident_id, title, system_name, owner_team, severity, occurred_at,
            vulnerability_class, tested_before > 0 as tested_before,
            found_before > 0 as found_before, fixed_before > 0 as fixed_before,
            accepted_before > 0 as accepted_before,
            first_reported_at, days_known
        from marts.incident_correlation
        where level = 'incident'
        order by occurred_at desc, incident_id
    """,
    "incident_totals": """
        select
            incidents, classified_incidents, tested_before, found_before, fixed_before,
            accepted_before, still_open_before, found_before_percent, interval_low, interval_high
        from marts.incident_correlation
        where level = 'all' and incidents > 0
    """,
}
