"""Histories as dated deliveries of DefectDojo, and what they can tell of them.

DefectDojo keeps flags, not events. What happened between two deliveries is what their flags differ
in, at the time of the last change of a flag; what was undone before the next delivery is lost, and
so are retests, reasons of disputes, and whatever changes no flag: a second acceptance, a second
claim. ``shown_events`` is the history that is left: read off the deliveries by rules of its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.python.replay.desk import Desk
from tests.python.replay.histories import END, START, Event, Finding, Organisation

Json = dict[str, Any]
DAY = timedelta(days=1)
HOUR_OF_EXPORT = timedelta(hours=6)
SEVERITY_NAMES = {"informational": "Info"}


@dataclass(frozen=True, slots=True)
class State:
    """What a finding looks like in one delivery."""

    severity: str
    status_at: datetime
    updated_at: datetime
    active: bool = True
    verified: bool = False
    false_p: bool = False
    risk_accepted: bool = False
    under_review: bool = False
    is_duplicate: bool = False
    is_mitigated: bool = False
    mitigated_at: datetime | None = None
    accepted_at: datetime | None = None

    @property
    def is_closed(self) -> bool:
        """Mitigated, and not merely put away."""
        return self.is_mitigated and not self.false_p and not self.is_duplicate


@dataclass(slots=True)
class Shown:
    """What deliveries show of a finding: its first severity, and events."""

    severity: str
    events: list[Event] = field(default_factory=list)


def after(state: State, event: Event) -> State:
    """Return what the rules of DefectDojo leave when something happens."""
    at, kind = event.at, event.kind
    if kind == "severity_changed":
        return replace(state, severity=event.severity or "", updated_at=at)
    if kind in ("retest_passed", "retest_failed"):
        return state
    # A closed or a dismissed finding is activated by whatever says that it stands.
    open_again = replace(state, active=True, false_p=False, is_mitigated=False, mitigated_at=None)
    changed = {
        "accepted": replace(open_again if state.false_p else state, verified=True),
        "disputed": replace(open_again if state.false_p else state, under_review=True),
        "dispute_rejected": replace(open_again if state.false_p else state, under_review=False),
        "false_positive": replace(
            state,
            active=False,
            verified=False,
            false_p=True,
            is_mitigated=True,
            mitigated_at=state.mitigated_at or at,
        ),
        "risk_accepted": replace(
            open_again if state.false_p else state,
            active=False,
            risk_accepted=True,
            accepted_at=at,
        ),
        "risk_acceptance_expired": replace(
            open_again if not state.false_p else state, risk_accepted=False, accepted_at=None
        ),
        "remediation_claimed": replace(
            state,
            active=False,
            false_p=False,
            risk_accepted=False,
            accepted_at=None,
            is_mitigated=True,
            mitigated_at=at if state.false_p else state.mitigated_at or at,
        ),
        "reopened": state if state.false_p else open_again,
    }[kind]
    if changed == state:
        return state
    return replace(changed, status_at=at, updated_at=at)


def deliveries(organisation: Organisation) -> list[date]:
    """Return the days of deliveries, one every few weeks, on ends of months, too."""
    days = [START.date()]
    while days[-1] < END.date():
        days.append(days[-1] + DAY * organisation.chance.choice((1, 10, 30, 45)))
    known = [day for day in days if day < END.date()]
    return sorted({*known, date(2024, 2, 29), date(2024, 12, 31), END.date() - DAY})


def write_dojo(landing: Path, organisation: Organisation) -> dict[str, Shown]:
    """Write all deliveries; return what they show of each finding that any of them holds."""
    numbers = {one.finding_id: 100 + place for place, one in enumerate(organisation.findings)}
    tags = {one.finding_id: _tags(one) for one in organisation.findings}
    shown: dict[str, Shown] = {}
    before: dict[str, tuple[datetime, State]] = {}
    days = deliveries(organisation)
    for day in days:
        delivered_at = datetime.combine(day, datetime.min.time())
        export_at = delivered_at + HOUR_OF_EXPORT
        rows = []
        for finding in organisation.findings:
            if finding.reported_at > export_at:
                continue
            state = _state(finding, export_at)
            rows.append(_row(finding, state, numbers, tags[finding.finding_id]))
            if finding.finding_id not in shown:
                shown[finding.finding_id] = Shown(state.severity)
                blank = State(state.severity, finding.reported_at, finding.reported_at)
                before[finding.finding_id] = (finding.reported_at, blank)
            since, last = before[finding.finding_id]
            since = max(since, finding.reported_at)
            shown[finding.finding_id].events += _told(last, state, since, delivered_at)
            before[finding.finding_id] = (delivered_at, state)
        _write_pages(landing / "defectdojo", day, rows)
    systems = [system.system_id for system in organisation.systems]
    _write_places(landing / "defectdojo" / days[-1].isoformat(), systems)
    return shown


def _state(finding: Finding, at: datetime) -> State:
    state = State(finding.severity, finding.reported_at, finding.reported_at)
    state = replace(state, is_duplicate=finding.duplicate_of is not None)
    for event in finding.events:
        if event.at <= at:
            state = after(state, event)
    return state


def _told(last: State, state: State, since: datetime, delivered_at: datetime) -> list[Event]:
    """Return the events that two deliveries differ by; ``since`` is what came before them."""

    def moment(*ticks: datetime) -> datetime:
        for tick in ticks:
            if since <= tick < delivered_at + DAY:
                return tick
        return max(delivered_at, since)

    changed_at = moment(state.status_at, state.updated_at)
    accepted_at = changed_at
    if state.accepted_at and since <= state.accepted_at < delivered_at + DAY:
        accepted_at = state.accepted_at
    events: list[Event] = []
    verdicts: set[datetime] = set()
    if state.verified and not last.verified:
        events.append(Event(changed_at, "accepted"))
        verdicts.add(changed_at)
    if state.false_p and not last.false_p:
        events.append(Event(changed_at, "false_positive"))
        verdicts.add(changed_at)
    if state.under_review and not last.under_review:
        events.append(Event(changed_at, "disputed"))
        verdicts.add(changed_at)
    if state.risk_accepted and not last.risk_accepted:
        events.append(Event(accepted_at, "risk_accepted"))
        verdicts.add(accepted_at)
    if last.risk_accepted and not state.risk_accepted:
        events.append(Event(changed_at, "risk_acceptance_expired"))
    withdrawn = (last.under_review and not state.under_review) or (
        last.false_p and not state.false_p
    )
    if withdrawn and changed_at not in verdicts:
        events.append(Event(changed_at, "dispute_rejected"))
    if state.is_closed and not last.is_closed:
        closed_at = state.mitigated_at or changed_at
        events.append(Event(closed_at if since <= closed_at <= changed_at else changed_at, FIX))
    if last.is_closed and not state.is_closed and not state.is_mitigated:
        events.append(Event(changed_at, "reopened"))
    if state.severity != last.severity:
        events.append(Event(moment(state.updated_at), "severity_changed", state.severity))
    return events


FIX = "remediation_claimed"


def _tags(finding: Finding) -> list[str]:
    words = Desk.words_of(finding)
    return [word for word in words if word != "ai-security-finding"]


def _row(finding: Finding, state: State, numbers: dict[str, int], tags: list[str]) -> Json:
    number = int(finding.system_id[-2:])
    original = numbers.get(finding.duplicate_of or "")
    row: Json = {
        "id": numbers[finding.finding_id],
        "title": finding.title,
        "date": f"{finding.reported_at - 3 * DAY:%Y-%m-%d}",
        "created": _time(finding.reported_at),
        "updated": _time(state.updated_at),
        "last_status_update": _time(state.status_at),
        "severity": SEVERITY_NAMES.get(state.severity, state.severity.capitalize()),
        "active": state.active and not state.is_duplicate,
        "verified": state.verified,
        "false_p": state.false_p,
        "duplicate": state.is_duplicate,
        "duplicate_finding": original,
        "out_of_scope": False,
        "risk_accepted": state.risk_accepted,
        "under_review": state.under_review,
        "under_defect_review": False,
        "is_mitigated": state.is_mitigated,
        "mitigated": _time(state.mitigated_at) if state.mitigated_at else None,
        "accepted_risks": [],
        "tags": tags,
        "test": 1000 + number,
        "found_by": [1],
    }
    if state.accepted_at:
        row["accepted_risks"] = [{"id": row["id"], "created": _time(state.accepted_at)}]
    if number % 2:
        product = {"id": 3000 + number, "name": f"Product {finding.system_id}"}
        engagement = {"id": 2000 + number, "name": "yearly", "product": product}
        row["related_fields"] = {"test": {"id": 1000 + number, "engagement": engagement}}
    return row


def _write_pages(folder: Path, day: date, rows: list[Json]) -> None:
    size = 100
    pages = [
        {"count": len(rows), "next": None, "previous": None, "results": rows[start : start + size]}
        for start in range(0, max(len(rows), 1), size)
    ]
    _write(folder / f"findings-{day.isoformat()}.json", *pages)


def _write_places(folder: Path, systems: list[str]) -> None:
    numbered = [(int(name[-2:]), name) for name in systems if not int(name[-2:]) % 2]
    tables: dict[str, list[Json]] = {
        "tests": [
            {
                "id": 1000 + one,
                "title": None,
                "engagement": 2000 + one,
                "test_type": 1,
                "test_type_name": "Manual",
                "target_start": _time(START),
                "target_end": _time(END),
                "percent_complete": 100,
            }
            for one, _ in numbered
        ],
        "engagements": [
            {
                "id": 2000 + one,
                "name": "yearly",
                "product": 3000 + one,
                "target_start": f"{START:%Y-%m-%d}",
                "target_end": f"{END:%Y-%m-%d}",
                "engagement_type": "Interactive",
                "active": True,
            }
            for one, _ in numbered
        ],
        "products": [
            {"id": 3000 + one, "name": f"Product {name}", "prod_type": 1} for one, name in numbered
        ],
    }
    for table, rows in tables.items():
        _write(folder / f"{table}.json", {"count": len(rows), "results": rows})


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _write(path: Path, *documents: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(one) for one in documents))
