"""What the records of one DefectDojo file add up to: objects, changes, links and expiry dates.

Records are taken from the last to the first. What is known of an object stays, so the last record
of it in the file has the say, and earlier ones only fill in what it leaves open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from aism.land.json_lines import LineFault
from aism.land.model import LandedFile, ReadReport, Reason, Sink
from aism.land.readers.defectdojo_records import (
    AcceptedRisk,
    Engagement,
    GithubIssue,
    ImportAction,
    JiraIssue,
    Kind,
    Named,
    Note,
    NotesOfFinding,
    Product,
    Risk,
    Test,
    TestImport,
    known,
)
from aism.land.readers.tracker_rows import (
    MAX_TITLE,
    MAX_VALUE,
    checked,
    id_of,
    moment,
    required_moment,
)
from aism.land.rows import RowBuffer

_ACTIONS = {"N": "created", "C": "closed", "R": "reactivated", "U": "untouched"}
_SAID = (
    (re.compile(r"mitigated by .{1,300} re-upload\.?", re.IGNORECASE), "closed"),
    (
        re.compile(
            r"this finding has been automatically closed by the test:.{0,2000}"
            r"not present anymore in recent scans\.?",
            re.IGNORECASE | re.DOTALL,
        ),
        "closed",
    ),
    (re.compile(r"re-activated by .{1,300} re-upload\.?", re.IGNORECASE), "reactivated"),
    (
        re.compile(r"un-mitigated by .{1,300} re-upload but kept inactive\b.{0,200}", re.I),
        "reactivated",
    ),
)
"""Whole notes that DefectDojo itself writes when an import closes or reopens a finding."""
_GITHUB_URL = re.compile(r"https?://[^/]+/([^/?#]+/[^/?#]+)/issues/([0-9]+)/?(?:[?#].*)?")


class Place(NamedTuple):
    """An object of the tracker and what it is part of."""

    name: str | None
    parent_kind: str | None
    parent_id: str | None


class Chain(NamedTuple):
    """What a finding is part of: (field, id, name) from the test up, and the product's name."""

    values: list[tuple[str, str, str | None]]
    product: str | None


_NOWHERE = Place(None, None, None)


class Facts:
    """Collects what is no item and no value of one; ``write`` puts it into the lake."""

    def __init__(self, report: ReadReport) -> None:
        self.expiries: dict[str, datetime] = {}
        """Finding -> when the last of its risk acceptances ends."""
        self._report = report
        self._objects: dict[tuple[str, str], Place] = {}
        self._test_types: dict[str, str] = {}
        self._changes: dict[tuple[str, str], tuple[object, ...]] = {}
        self._links: dict[tuple[str, str, str | None, str | None], None] = {}
        self._notes: dict[int, tuple[str, datetime, str]] = {}

    def take(self, kind: Kind, record: object, record_id: int, record_path: str) -> None:
        """Keep what a record that is no finding says; raises LineFault before it keeps any."""
        match record:
            case Test() | Engagement() | Product():
                record.id = record_id
                check_place(record)
                self.add_place(record)
            case Named():
                checked(record.name, "name")
                object_kind = "product_type" if kind is Kind.PRODUCT_TYPE else "test_type"
                self._add_object(object_kind, record_id, record.name)
            case TestImport():
                self._take_actions(
                    record.test_import_finding_action_set or [], record_id, record_path
                )
            case ImportAction():
                self._take_actions([record], known(record.test_import, "test_import"), record_path)
            case Risk():
                self._take_risk(record, record_id, record_path)
            case Note():
                if said := read_note(record):
                    self._notes[record_id] = (record_path, *said)
            case NotesOfFinding():
                self.add_notes(record_id, note_facts(record.notes, "notes"), record_path)
            case JiraIssue():
                self.add_jira_issue(record.finding, record)
            case GithubIssue():
                self._take_github_issue(record)

    def add_place(self, place: Test | Engagement | Product | Named | int | None) -> str | None:
        """Keep an object that was checked, with all that it is nested in; return its id."""
        match place:
            case None:
                return None
            case int():
                return str(place)
            case Test():
                engagement = self.add_place(place.engagement)
                test_id = self._add_object("test", place.id, place.title, "engagement", engagement)
                test_type = _id_of(place.test_type)
                if isinstance(place.test_type, Named):
                    self._add_object("test_type", place.test_type.id, place.test_type.name)
                elif test_type and place.test_type_name:
                    self._add_object("test_type", int(test_type), place.test_type_name)
                if test_type:
                    self._test_types.setdefault(test_id, test_type)
                return test_id
            case Engagement():
                product = self.add_place(place.product)
                return self._add_object("engagement", place.id, place.name, "product", product)
            case Product():
                above = place.prod_type if place.prod_type is not None else place.organization
                product_type = self.add_place(above)
                return self._add_object(
                    "product", place.id, place.name, "product_type", product_type
                )
            case Named():
                return self._add_object("product_type", place.id, place.name)

    def chain_of(self, test_id: str) -> Chain:
        """Follow a test up to its product type, as far as the file says."""
        values: list[tuple[str, str, str | None]] = []
        product = None
        kind: str | None = "test"
        object_id: str | None = test_id
        while kind and object_id:
            place = self._objects.get((kind, object_id), _NOWHERE)
            values.append((kind, object_id, place.name))
            if kind == "product":
                product = place.name
            kind, object_id = place.parent_kind, place.parent_id
        if test_type := self._test_types.get(test_id):
            values.append(("test_type", test_type, self.name_of_test_type(test_type)))
        return Chain(values, product)

    def name_of_test_type(self, test_type: str) -> str | None:
        """Return the name that the file has for a test type."""
        return self._objects.get(("test_type", test_type), _NOWHERE).name

    def add_risk(
        self,
        finding: int,
        risk_id: int,
        moments: tuple[datetime | None, datetime | None],
        path: str,
    ) -> None:
        """Keep that a risk was accepted; ``moments`` are when, and when that ends."""
        created, expires = moments
        item_id = str(finding)
        if created is not None:
            self._add_change(
                item_id, f"risk:{risk_id}:{finding}", created, "risk_accepted", "true", path
            )
        if expires is not None:
            self.expiries[item_id] = max(self.expiries.get(item_id, expires), expires)

    def add_notes(
        self, finding: int, notes: list[tuple[int, datetime, str]], record_path: str
    ) -> None:
        """Keep the notes of a re-upload: (note, when, what the import did)."""
        for note_id, at, action in notes:
            self._add_change(
                str(finding), f"note:{note_id}", at, "import_action", action, record_path
            )

    def add_note_ids(self, finding: int, note_ids: list[int]) -> None:
        """Keep the re-uploads among notes that are records of their own."""
        for note_id in note_ids:
            if note_id in self._notes:
                record_path, at, action = self._notes[note_id]
                self.add_notes(finding, [(note_id, at, action)], record_path)

    def add_jira_issue(self, finding: int | None, issue: JiraIssue) -> None:
        """Keep which Jira issue a finding has; issues of engagements and groups are no links."""
        if finding is not None and (issue.jira_id or issue.jira_key):
            self.add_link(
                str(finding),
                "jira_issue",
                id_of(issue.jira_id, "jira_id"),
                checked(issue.jira_key, "jira_key"),
            )

    def add_link(
        self, item_id: str, link: str, target_id: str | None, target_key: str | None
    ) -> None:
        """Keep a link from a finding to another item."""
        self._links[item_id, link, target_id, target_key] = None

    def _take_actions(self, actions: list[ImportAction], import_id: int, path: str) -> None:
        changes = []
        for action in actions:
            if action.action is None:
                continue
            if action.action not in _ACTIONS:
                raise LineFault(Reason.UNKNOWN_VALUE, "action")
            changes.append(
                (action.finding, required_moment(action.created, "created"), action.action)
            )
        for finding, at, letter in changes:
            self._add_change(
                str(finding),
                f"import:{import_id}:{finding}",
                at,
                "import_action",
                _ACTIONS[letter],
                path,
            )

    def _take_risk(self, risk: Risk, risk_id: int, path: str) -> None:
        moments = risk_moments(risk)
        for finding in risk.accepted_findings:
            self.add_risk(finding, risk_id, moments, path)

    def _take_github_issue(self, issue: GithubIssue) -> None:
        found = _GITHUB_URL.fullmatch(checked(issue.issue_url, "issue_url") or "")
        if issue.finding is not None and found:
            key = f"{found[1]}#{found[2]}"
            self.add_link(str(issue.finding), "github_issue", key, key)

    def _add_object(
        self,
        kind: str,
        object_id: int | None,
        name: str | None,
        parent_kind: str | None = None,
        parent_id: str | None = None,
    ) -> str:
        key = kind, str(object_id)
        name = (name or "")[:MAX_TITLE] or None
        if kind == "product" and name and len(name) <= MAX_VALUE:
            self._report.targets.add(name)
        before = self._objects.get(key, _NOWHERE)
        if parent_id is None:
            parent_kind = None
        self._objects[key] = Place(
            before.name or name,
            before.parent_kind or parent_kind,
            before.parent_id or parent_id,
        )
        return key[1]

    def _add_change(
        self, item_id: str, change_id: str, at: datetime, field: str, to: str, path: str
    ) -> None:
        row = (path, item_id, change_id, at, field, None, None, None, to)
        self._changes.setdefault((item_id, change_id), row)

    def write(self, file: LandedFile, sink: Sink) -> None:
        """Write changes, links and objects in an order that does not depend on chance."""
        tables: dict[str, Iterable[tuple[object, ...]]] = {
            "tracker_changes": reversed(self._changes.values()),
            "tracker_links": reversed(self._links),
            "tracker_objects": (
                (*key, *place, None) for key, place in sorted(self._objects.items())
            ),
        }
        for table, rows in tables.items():
            buffer = RowBuffer(sink, table)
            for row in rows:
                buffer.add((file.sha256, *row))
            buffer.flush()


def read_note(note: Note) -> tuple[datetime, str] | None:
    """Tell when an import did what, if that is what a note says.

    Raises:
        LineFault: ``bad_timestamp``, or such a note has no date.

    """
    action = next(
        (act for said, act in _SAID if note.entry and said.fullmatch(note.entry.strip())), None
    )
    if action is None:
        return None
    return required_moment(note.date, "date"), action


def note_facts(notes: list[Note], column_name: str) -> list[tuple[int, datetime, str]]:
    """List the re-uploads among notes: note id, when, what; raises LineFault as ``read_note``."""
    facts = []
    for note in notes:
        if said := read_note(note):
            facts.append((known(note.id, f"{column_name}.id"), *said))
    return facts


def risk_moments(risk: AcceptedRisk) -> tuple[datetime | None, datetime | None]:
    """Tell when a risk was accepted and when that ends; raises LineFault ``bad_timestamp``."""
    created = moment(risk.created, "created")
    return created, moment(risk.expiration_date, "expiration_date")


def check_place(place: object, column_name: str = "") -> None:
    """Refuse an object, or one that it is nested in, without an id or with NUL in its name.

    Raises:
        LineFault: ``missing_key`` or ``nul_byte``.

    """
    if place is None or isinstance(place, int):
        return
    prefix = f"{column_name}." if column_name else ""
    known(getattr(place, "id", None), f"{prefix}id")
    for name in ("name", "title", "test_type_name"):
        checked(getattr(place, name, None), f"{prefix}{name}")
    for name in ("test_type", "engagement", "product", "prod_type", "organization"):
        check_place(getattr(place, name, None), f"{prefix}{name}")


def _id_of(place: Named | int | None) -> str | None:
    value = place.id if isinstance(place, Named) else place
    return None if value is None else str(value)
