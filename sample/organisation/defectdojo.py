"""The legal team's DefectDojo: what its REST interface answered at the ends of six months.

A finding is a handful of flags. What happened between two deliveries leaves no trace but the last
change of its status, the notes of imports and the risks that were accepted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from sample.organisation.calendar import stamp
from sample.organisation.lifecycles import Event
from sample.organisation.tracked import (
    DEFECTDOJO_PRODUCT,
    DEFECTDOJO_SYSTEM,
    DEFECTDOJO_TEST_TYPE,
    Tracked,
    made_up_hex,
    tracked,
)

DELIVERIES = (
    date(2026, 1, 31),
    date(2026, 2, 28),
    date(2026, 4, 30),
    date(2026, 6, 30),
    date(2026, 8, 31),
    date(2026, 10, 31),
)
CLAIM_TAG = "ready-for-retest"
CLOSED_NOTE = f"Mitigated by {DEFECTDOJO_TEST_TYPE} re-upload."
REACTIVATED_NOTE = f"Re-activated by {DEFECTDOJO_TEST_TYPE} re-upload."
PRODUCT_ID, PRODUCT_TYPE_ID, TEST_TYPE_ID = 14, 3, 210
FIRST_ENGAGEMENT, FIRST_TEST, FIRST_FINDING = 61, 88, 5_201
SEVERITY_NAMES = {
    "critical": ("Critical", "S0"),
    "high": ("High", "S1"),
    "medium": ("Medium", "S2"),
    "low": ("Low", "S3"),
    "informational": ("Info", "S4"),
}


@dataclass(frozen=True)
class _Row:
    """A finding as DefectDojo knows it at a moment."""

    finding_id: int
    test: int
    title: str
    severity: str
    created: datetime
    updated: datetime
    status_at: datetime
    tags: tuple[str, ...] = ()
    verified: bool = False
    under_review: bool = False
    false_p: bool = False
    duplicate_of: int | None = None
    mitigated: datetime | None = None
    accepted: tuple[datetime, datetime] | None = None
    notes: tuple[tuple[datetime, str], ...] = ()

    @property
    def is_active(self) -> bool:
        return not (self.false_p or self.duplicate_of or self.mitigated or self.accepted)


@dataclass(frozen=True)
class _Extra:
    """A row that is no finding of the register, and the days on which it is there."""

    title: str
    severity: str
    created: datetime
    until: date = date.max
    duplicate_of: str = ""
    tags: tuple[str, ...] = field(default=())


# A report was imported twice, and somebody tried out the template and cleaned up behind himself.
EXTRAS = (
    _Extra(
        "Role play as a retired auditor unlocks refused topics in Contract Reviewer",
        "medium",
        datetime(2026, 8, 17, 8, 5),
        duplicate_of="F-0302",
        tags=("class:llm01.jailbreak.persona", "automated"),
    ),
    _Extra(
        "Import check of the new report template",
        "informational",
        datetime(2026, 2, 16, 10, 40),
        until=date(2026, 5, 12),
    ),
)


def deliveries() -> dict[str, dict[str, object]]:
    """Return the pages of every delivery by `<date>/<name>`."""
    pages: dict[str, dict[str, object]] = {}
    for day in DELIVERIES:
        for name, records in (
            ("findings", [_finding_record(row, day) for row in _rows(day)]),
            ("tests", _test_records(day)),
            ("engagements", _engagement_records(day)),
            ("products", [_product_record()]),
        ):
            pages[f"{day.isoformat()}/{name}"] = {
                "count": len(records),
                "next": None,
                "previous": None,
                "results": records,
            }
    return pages


def _assessments() -> list[tuple[str, datetime]]:
    """Return the reports that were imported, in their order."""
    reports = {one.finding.assessment_id: one.finding.reported for one in _tracked()}
    return sorted(reports.items(), key=lambda report: report[1])


def _tracked() -> tuple[Tracked, ...]:
    return tracked(DEFECTDOJO_SYSTEM)


def _rows(day: date) -> list[_Row]:
    """Return all rows as they stand at the end of a day; ids count rows ever made."""
    made: list[tuple[datetime, str, Tracked | _Extra]] = [
        (one.finding.reported, one.finding.finding_id, one) for one in _tracked()
    ]
    made += [(one.created, one.title, one) for one in EXTRAS]
    made.sort(key=lambda entry: entry[:2])
    ids = {name: FIRST_FINDING + place for place, (_, name, _) in enumerate(made)}
    tests = {name: FIRST_TEST + place for place, (name, _) in enumerate(_assessments())}
    now = datetime.combine(day, time.max)
    rows = []
    for created, name, one in made:
        if created > now:
            continue
        if isinstance(one, _Extra):
            if day < one.until:
                test = max(tests[key] for key, at in _assessments() if at <= created)
                rows.append(_extra_row(one, ids[name], test, ids.get(one.duplicate_of)))
        else:
            rows.append(_row(one, ids[name], tests[one.finding.assessment_id], now))
    return rows


def _extra_row(extra: _Extra, finding_id: int, test: int, original: int | None) -> _Row:
    return _Row(
        finding_id,
        test,
        extra.title,
        extra.severity,
        extra.created,
        extra.created,
        extra.created,
        extra.tags,
        duplicate_of=original,
    )


def _row(one: Tracked, finding_id: int, test: int, now: datetime) -> _Row:
    finding = one.finding
    row = _Row(
        finding_id,
        test,
        finding.title,
        finding.severity,
        finding.reported,
        finding.reported,
        finding.reported,
        tuple(one.labels),
    )
    for event in one.events:
        if event.at <= now:
            row = _after(row, event)
    return row


def _after(row: _Row, event: Event) -> _Row:
    """Return the row after an event; one that the team does not write down is an error."""
    at = event.at
    row = replace(row, updated=at)
    moved = replace(row, status_at=at, under_review=False)
    unclaimed = tuple(tag for tag in row.tags if tag != CLAIM_TAG)
    match event.event_type:
        case "accepted":
            return replace(moved, verified=True)
        case "disputed":
            return replace(moved, under_review=True)
        case "severity_changed":
            return replace(moved, severity=event.new_severity)
        case "false_positive":
            return replace(moved, false_p=True, verified=False, mitigated=at)
        case "risk_accepted" if event.expires:
            return replace(moved, accepted=(at, event.expires))
        case "remediation_claimed":
            return replace(row, tags=(*unclaimed, CLAIM_TAG))
        case "retest_failed":
            return replace(row, tags=unclaimed)
        case "retest_passed":
            return replace(moved, mitigated=at, notes=((at, CLOSED_NOTE), *row.notes))
        case "reopened":
            notes = ((at, REACTIVATED_NOTE), *row.notes)
            return replace(moved, mitigated=None, notes=notes, tags=unclaimed)
    raise ValueError(event.event_type)


def _finding_record(row: _Row, day: date) -> dict[str, object]:
    name, numerical = SEVERITY_NAMES[row.severity]
    ended = row.mitigated.date() if row.mitigated else day
    return {
        "id": row.finding_id,
        "tags": list(row.tags),
        "age": (ended - row.created.date()).days,
        "accepted_risks": _accepted_risks(row),
        "found_by": [TEST_TYPE_ID],
        "vulnerability_ids": [],
        "test": row.test,
        "title": row.title,
        "date": row.created.date().isoformat(),
        "created": stamp(row.created),
        "updated": stamp(row.updated),
        "severity": name,
        "numerical_severity": numerical,
        "active": row.is_active,
        "verified": row.verified,
        "false_p": row.false_p,
        "duplicate": row.duplicate_of is not None,
        "duplicate_finding": row.duplicate_of,
        "out_of_scope": False,
        "risk_accepted": row.accepted is not None,
        "under_review": row.under_review,
        "under_defect_review": False,
        "last_status_update": stamp(row.status_at),
        "is_mitigated": row.mitigated is not None,
        "mitigated": stamp(row.mitigated) or None,
        "hash_code": made_up_hex(64, "hash", row.title),
        "static_finding": False,
        "dynamic_finding": True,
        "notes": [
            {
                "id": 40_000 + 10 * row.finding_id + len(row.notes) - place,
                "entry": entry,
                "date": stamp(at),
                "private": False,
            }
            for place, (at, entry) in enumerate(row.notes)
        ],
    }


def _accepted_risks(row: _Row) -> list[dict[str, object]]:
    if row.accepted is None:
        return []
    created, expires = row.accepted
    return [
        {
            "id": 700 + row.finding_id % 100,
            "name": "Accepted by the owner of the system",
            "decision": "A",
            "expiration_date": stamp(expires),
            "expiration_date_handled": None,
            "created": stamp(created),
            "updated": stamp(created),
        }
    ]


def _test_records(day: date) -> list[dict[str, object]]:
    return [
        {
            "id": FIRST_TEST + place,
            "title": None,
            "engagement": FIRST_ENGAGEMENT + place,
            "test_type": TEST_TYPE_ID,
            "test_type_name": DEFECTDOJO_TEST_TYPE,
            "target_start": stamp(reported),
            "target_end": stamp(reported),
        }
        for place, (_, reported) in enumerate(_assessments())
        if reported.date() <= day
    ]


def _engagement_records(day: date) -> list[dict[str, object]]:
    return [
        {
            "id": FIRST_ENGAGEMENT + place,
            "name": assessment_id,
            "product": PRODUCT_ID,
            "engagement_type": "Interactive",
            "status": "Completed",
            "target_start": (reported.date() - timedelta(days=14)).isoformat(),
            "target_end": reported.date().isoformat(),
        }
        for place, (assessment_id, reported) in enumerate(_assessments())
        if reported.date() <= day
    ]


def _product_record() -> dict[str, object]:
    return {
        "id": PRODUCT_ID,
        "name": DEFECTDOJO_PRODUCT,
        "prod_type": PRODUCT_TYPE_ID,
        "business_criticality": "medium",
        "lifecycle": "production",
    }
