"""The registers of a landing folder: what all formats share, and findings with their events."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from tests.python.replay.histories import CLASSES, Event, Organisation

TRACKERS = ("defectdojo", "jira", "github")


def project_of(system_id: str) -> str:
    """Return the key of a system's Jira project."""
    return "H" + system_id.removeprefix("history-")


def repository_of(system_id: str) -> str:
    """Return a system's GitHub repository."""
    return f"org/{system_id}"


def put(landing: Path, register: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Write a register; None is an empty cell."""
    kept = list(rows)
    header = list(dict.fromkeys(column for row in kept for column in row))
    path = landing / "program" / f"{register}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        writer.writerows({**row} for row in kept)


def write_shared(landing: Path, organisation: Organisation) -> None:
    """Write everything that is no finding; the same in every format."""
    put(
        landing,
        "systems",
        (
            {
                "system_id": one.system_id,
                "system_name": one.system_id,
                "risk_tier": one.risk_tier,
                "provider": one.provider,
                "owner_team": one.owner_team,
                "onboarded_at": one.onboarded_at,
                "in_production_from": one.in_production_from,
                "retired_at": one.retired_at,
            }
            for one in organisation.systems
        ),
    )
    put(
        landing,
        "system_aliases",
        (
            {"source": source, "external_name": name, "system_id": system.system_id}
            for system in organisation.systems
            for source, name in (
                ("jira", project_of(system.system_id)),
                ("github", repository_of(system.system_id)),
                ("defectdojo", f"Product {system.system_id}"),
            )
        ),
    )
    put(
        landing,
        "assessments",
        (
            {
                "assessment_id": f"A-{system.system_id}",
                "system_id": system.system_id,
                "tier": "standard",
                "requested_at": system.onboarded_at,
                "report_delivered_at": system.onboarded_at + timedelta(days=30),
            }
            for system in organisation.systems
        ),
    )
    put(
        landing,
        "regression_tests",
        (
            {
                "regression_test_id": f"T-{number}",
                "finding_id": finding.finding_id,
                "added_at": finding.reported_at + timedelta(days=20 * (number % 7)),
                "removed_at": finding.reported_at + timedelta(days=300) if not number % 9 else None,
            }
            for number, finding in enumerate(organisation.findings)
            if number % 3
        ),
    )
    put(
        landing,
        "incidents",
        (
            {
                "incident_id": f"I-{number}",
                "system_id": system.system_id,
                "occurred_at": system.in_production_from + timedelta(days=40 * (number % 5)),
                "vulnerability_class": CLASSES[number % len(CLASSES)],
            }
            for number, system in enumerate(organisation.systems)
        ),
    )
    put(
        landing,
        "costs",
        (
            {
                "cost_id": f"C-{year}-{month}",
                "incurred_on": f"{year}-{month:02}-10",
                "amount": 1000 + 10 * month,
                "currency": "EUR",
            }
            for year in (2024, 2025)
            for month in range(1, 13)
        ),
    )


def write_findings(
    landing: Path,
    organisation: Organisation,
    events: Mapping[str, Iterable[Event]] | None = None,
    reported: Mapping[str, datetime] | None = None,
) -> None:
    """Write findings and events; ``events`` by finding go before those of the histories."""
    put(
        landing,
        "findings",
        (
            {
                "finding_id": one.finding_id,
                "system_id": one.system_id,
                "title": one.title,
                "severity": one.severity,
                "vulnerability_class": one.vulnerability_class,
                "reported_at": (reported or {}).get(one.finding_id, one.reported_at),
                "assessment_id": one.assessment_id,
                "technique_id": one.technique_id,
                "owasp_id": one.owasp_id,
                "detection_source": one.detection_source,
                "impact_claimed": "true" if one.is_impact_claimed else None,
                "impact_confirmed": "true" if one.is_impact_confirmed else None,
                "duplicate_of": one.duplicate_of,
                "tool": one.tool,
                "attack": one.attack,
            }
            for one in organisation.findings
        ),
    )
    put(
        landing,
        "finding_events",
        (
            {
                "finding_id": one.finding_id,
                "event_type": event.kind,
                "event_at": event.at,
                "new_severity": event.severity,
                "reason": event.reason,
            }
            for one in organisation.findings
            for event in (one.events if events is None else events.get(one.finding_id, ()))
        ),
    )
