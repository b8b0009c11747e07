"""One finding of DefectDojo as a row of items and its values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

import msgspec

from aism.land.json_lines import LineFault
from aism.land.readers.defectdojo_records import (
    Finding,
    Note,
    RelatedFields,
    VulnerabilityId,
    known,
)
from aism.land.readers.defectdojo_tables import (
    check_place,
    note_facts,
    risk_moments,
)
from aism.land.readers.tracker_rows import (
    MAX_VALUE,
    checked,
    id_of,
    label_names,
    moment,
    short,
    title_of,
)
from aism.land.values import ValueFault, parse_date

_FLAGS = (
    "active",
    "verified",
    "false_p",
    "duplicate",
    "out_of_scope",
    "risk_accepted",
    "under_review",
    "under_defect_review",
)
_TEXTS = (
    "severity",
    "hash_code",
    "component_name",
    "service",
)
_TOOL_IDS = ("vuln_id_from_tool", "unique_id_from_tool")
_CWE = "CWE-"

Value = tuple[str, str | None, str | None]
"""Field, id, value."""


@dataclass(slots=True)
class FindingRow:
    """A finding, checked: nothing of it can fail any more."""

    finding: int
    test: str
    title: str | None
    created_at: datetime | None
    discovered_on: date | None
    updated_at: datetime | None
    status_at: datetime | None
    closed_at: datetime | None
    duplicate_of: str | None
    related: RelatedFields | None
    values: dict[Value, None]
    targets: list[str]
    found_by: list[str]
    risks: list[tuple[int, tuple[datetime | None, datetime | None]]] = field(default_factory=list)
    notes: list[tuple[int, datetime, str]] = field(default_factory=list)
    note_ids: list[int] = field(default_factory=list)


def read_finding(finding: Finding, finding_id: int) -> FindingRow:
    """Check a finding and lay it out.

    Raises:
        LineFault: a timestamp, a text with NUL, a nested object without an id.

    """
    closed_at = moment(finding.mitigated, "mitigated")
    labels = _labels(finding.tags)
    related = finding.related_fields
    if related is not None:
        _check_related(related, finding.test)
    row = FindingRow(
        finding=finding_id,
        test="" if finding.test is None else str(finding.test),
        title=title_of(finding.title, "title"),
        created_at=moment(finding.created, "created"),
        discovered_on=_day_of(finding.date),
        updated_at=moment(finding.updated, "updated"),
        status_at=moment(finding.last_status_update, "last_status_update"),
        closed_at=closed_at,
        duplicate_of=None if finding.duplicate_finding is None else str(finding.duplicate_finding),
        related=related,
        values=dict.fromkeys(_values(finding, labels, is_closed=closed_at is not None)),
        targets=_targets(finding, labels),
        found_by=[str(test_type) for test_type in finding.found_by or []],
    )
    for risk in finding.accepted_risks or []:
        row.risks.append((known(risk.id, "accepted_risks.id"), risk_moments(risk)))
    notes = [note for note in finding.notes or [] if isinstance(note, Note)]
    row.notes = note_facts(notes, "notes")
    row.note_ids = [note for note in finding.notes or [] if isinstance(note, int)]
    return row


def _values(finding: Finding, labels: list[str], *, is_closed: bool) -> list[Value]:
    found: list[Value] = []
    for flag in _FLAGS:
        if (answer := getattr(finding, flag)) is not None:
            found.append((flag, None, str(answer).lower()))
    mitigated = finding.is_mitigated
    if mitigated is msgspec.UNSET:
        mitigated = is_closed
    if mitigated is not None:
        found.append(("is_mitigated", None, str(mitigated).lower()))
    texts = [(name, getattr(finding, name)) for name in _TEXTS]
    texts += [(name, _text_of(getattr(finding, name))) for name in _TOOL_IDS]
    texts += [("label", label) for label in labels]
    texts += [("cwe", weakness) for weakness in _weaknesses(finding)]
    texts += [("vulnerability_id", name) for name in _vulnerabilities(finding)]
    checked_texts = [(name, short(text, name)) for name, text in texts]
    found += [(name, None, text) for name, text in checked_texts if text]
    return found


def _text_of(value: str | int | None) -> str | None:
    """Spell an id of a tool: some tools number what they find."""
    return str(value) if isinstance(value, int) else value


def _weaknesses(finding: Finding) -> list[str]:
    """List CWE numbers without ``CWE-``; 0 is how DefectDojo says that there is none."""
    numbers = [str(finding.cwe)] if finding.cwe else []
    numbers += [str(weakness.cwe).upper().removeprefix(_CWE) for weakness in finding.cwes or []]
    return [number for number in numbers if number != "0"]


def _vulnerabilities(finding: Finding) -> list[str | None]:
    named = [
        entry.vulnerability_id if isinstance(entry, VulnerabilityId) else entry
        for entry in finding.vulnerability_ids or []
    ]
    return [*named] or [finding.cve]


def _labels(tags: list[str] | str | None) -> list[str]:
    """List tags; dumps may have them as one text with commas."""
    if isinstance(tags, str):
        tags = [part.strip(' "') for part in tags.split(",")]
    return [tag for tag in tags or [] if checked(tag, "tags")]


def _targets(finding: Finding, labels: list[str]) -> list[str]:
    names = [finding.component_name, finding.service]
    names += [name for label in labels for name in label_names(label)]
    return [name for name in names if name and len(name) <= MAX_VALUE]


def _check_related(related: RelatedFields, test: int | None) -> None:
    """Refuse nested objects without an id; a test without one is the test of the finding."""
    if related.test is not None:
        if related.test.id is None:
            related.test.id = test
        check_place(related.test, "related_fields.test")
    if related.jira is not None:
        id_of(related.jira.jira_id, "related_fields.jira.jira_id")
        checked(related.jira.jira_key, "related_fields.jira.jira_key")


def _day_of(text: str | None) -> date | None:
    try:
        return None if text is None else parse_date(text)
    except ValueFault as fault:
        raise LineFault(fault.reason, "date") from None
