"""The records of DefectDojo: which kind one is, and what of it is read.

People, descriptions and texts of notes have no field here: they are skipped, not decoded. The
same structs serve REST v2 objects, objects nested in ``related_fields`` and the ``fields`` of a
Django dump, where ids stand in place of nested objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NoReturn

import msgspec

from aism.land.json_lines import Int64, LineFault
from aism.land.model import Reason

Raw = msgspec.Raw
_Any = Raw | msgspec.UnsetType
_UNSET = msgspec.UNSET


class Kind(StrEnum):
    """What is read; the value is the name of the model in a dump."""

    FINDING = "dojo.finding"
    TEST = "dojo.test"
    ENGAGEMENT = "dojo.engagement"
    PRODUCT = "dojo.product"
    PRODUCT_TYPE = "dojo.product_type"
    TEST_TYPE = "dojo.test_type"
    TEST_IMPORT = "dojo.test_import"
    IMPORT_ACTION = "dojo.test_import_finding_action"
    RISK = "dojo.risk_acceptance"
    JIRA_ISSUE = "dojo.jira_issue"
    GITHUB_ISSUE = "dojo.github_issue"
    NOTE = "dojo.notes"
    NOTES_OF_FINDING = "notes of a finding"


PREFETCHED = {
    "test": Kind.TEST,
    "engagement": Kind.ENGAGEMENT,
    "product": Kind.PRODUCT,
    "prod_type": Kind.PRODUCT_TYPE,
    "test_type": Kind.TEST_TYPE,
    "found_by": Kind.TEST_TYPE,
    "notes": Kind.NOTE,
}
"""The prefetched fields whose objects are read, and what they are."""


class Marks(msgspec.Struct):
    """Keys that tell a kind of record from the others."""

    model: _Any = _UNSET
    fields: _Any = _UNSET
    false_p: _Any = _UNSET
    found_by: _Any = _UNSET
    duplicate_finding: _Any = _UNSET
    test_type: _Any = _UNSET
    engagement: _Any = _UNSET
    product: _Any = _UNSET
    target_start: _Any = _UNSET
    prod_type: _Any = _UNSET
    organization: _Any = _UNSET
    business_criticality: _Any = _UNSET
    critical_product: _Any = _UNSET
    critical_asset: _Any = _UNSET
    static_tool: _Any = _UNSET
    test_import_finding_action_set: _Any = _UNSET
    import_settings: _Any = _UNSET
    accepted_findings: _Any = _UNSET
    jira_key: _Any = _UNSET
    jira_id: _Any = _UNSET
    finding_id: _Any = _UNSET
    notes: _Any = _UNSET
    entry: _Any = _UNSET
    date: _Any = _UNSET
    title: _Any = _UNSET
    severity: _Any = _UNSET

    def has(self, *keys: str) -> bool:
        """Tell whether all of ``keys`` were there."""
        return all(getattr(self, key) is not _UNSET for key in keys)


_SHAPES: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.FINDING, ("false_p",)),
    (Kind.FINDING, ("found_by",)),
    (Kind.FINDING, ("duplicate_finding",)),
    (Kind.TEST, ("test_type", "engagement")),
    (Kind.ENGAGEMENT, ("product", "target_start")),
    (Kind.PRODUCT, ("prod_type",)),
    (Kind.PRODUCT, ("organization", "business_criticality")),
    (Kind.PRODUCT_TYPE, ("critical_product",)),
    (Kind.PRODUCT_TYPE, ("critical_asset",)),
    (Kind.TEST_TYPE, ("static_tool",)),
    (Kind.TEST_IMPORT, ("test_import_finding_action_set",)),
    (Kind.TEST_IMPORT, ("import_settings",)),
    (Kind.RISK, ("accepted_findings",)),
    (Kind.JIRA_ISSUE, ("jira_key", "jira_id")),
    (Kind.NOTES_OF_FINDING, ("finding_id", "notes")),
    (Kind.FINDING, ("title", "severity")),
    (Kind.NOTE, ("entry", "date")),
)
_MODELS = {kind.value: kind for kind in Kind if kind.value.startswith("dojo.")}


class Dumped(msgspec.Struct):
    """A record of a dump."""

    pk: Int64
    fields: Raw


class _Whole(Dumped):
    model: str


class Named(msgspec.Struct):
    """A product type or a test type."""

    id: Int64 | None = None
    name: str | None = None


class Product(msgspec.Struct):
    """A product, newer an asset, of a product type, newer an organization."""

    id: Int64 | None = None
    name: str | None = None
    prod_type: Named | Int64 | None = None
    organization: Named | Int64 | None = None


class Engagement(msgspec.Struct):
    """An engagement for a product."""

    id: Int64 | None = None
    name: str | None = None
    product: Product | Int64 | None = None


class Test(msgspec.Struct):
    """A test of an engagement; most have no title."""

    id: Int64 | None = None
    title: str | None = None
    engagement: Engagement | Int64 | None = None
    test_type: Named | Int64 | None = None
    test_type_name: str | None = None


class AcceptedRisk(msgspec.Struct):
    """A risk acceptance as it stands inside a finding."""

    id: Int64 | None = None
    created: str | None = None
    expiration_date: str | None = None


class Risk(AcceptedRisk):
    """A risk acceptance of its own."""

    accepted_findings: list[Int64] = msgspec.field(default_factory=list)


class Note(msgspec.Struct):
    """A note: its text only tells what it is about."""

    id: Int64 | None = None
    entry: str | None = None
    date: str | None = None


class NotesOfFinding(msgspec.Struct):
    """What the notes of one finding are asked for as."""

    finding_id: Int64
    notes: list[Note]


class ImportAction(msgspec.Struct):
    """What one import did to one finding."""

    finding: Int64
    created: str
    id: Int64 | None = None
    test_import: Int64 | None = None
    action: str | None = None


class TestImport(msgspec.Struct):
    """An import of a report."""

    id: Int64 | None = None
    test_import_finding_action_set: list[ImportAction] | None = None


class JiraIssue(msgspec.Struct):
    """The Jira issue of a finding, of an engagement or of a group."""

    id: Int64 | None = None
    finding: Int64 | None = None
    jira_id: str | Int64 | None = None
    jira_key: str | None = None


class GithubIssue(msgspec.Struct):
    """The GitHub issue of a finding."""

    id: Int64 | None = None
    finding: Int64 | None = None
    issue_url: str | None = None


class RelatedFields(msgspec.Struct):
    """What a finding is part of, nested."""

    test: Test | None = None
    jira: JiraIssue | None = None


class VulnerabilityId(msgspec.Struct):
    """One of the ids of a known vulnerability."""

    vulnerability_id: str


class Weakness(msgspec.Struct):
    """One of the weaknesses of a finding."""

    cwe: str | Int64


class Finding(msgspec.Struct):
    """A finding as it stands; only what every version writes must be there."""

    title: str
    severity: str
    test: Int64 | None = None
    active: bool | None = None
    id: Int64 | None = None
    date: str | None = None
    created: str | None = None
    updated: str | None = None
    last_status_update: str | None = None
    mitigated: str | None = None
    verified: bool | None = None
    false_p: bool | None = None
    duplicate: bool | None = None
    out_of_scope: bool | None = None
    risk_accepted: bool | None = None
    under_review: bool | None = None
    under_defect_review: bool | None = None
    is_mitigated: bool | msgspec.UnsetType | None = _UNSET
    duplicate_finding: Int64 | None = None
    tags: list[str] | str | None = None
    cwe: Int64 | None = None
    cwes: list[Weakness] | None = None
    cve: str | None = None
    vulnerability_ids: list[VulnerabilityId | str] | None = None
    found_by: list[Int64] | None = None
    vuln_id_from_tool: str | Int64 | None = None
    unique_id_from_tool: str | Int64 | None = None
    hash_code: str | None = None
    component_name: str | None = None
    service: str | None = None
    accepted_risks: list[AcceptedRisk] | None = None
    notes: list[Note | Int64] | None = None
    related_fields: RelatedFields | None = None


_STRUCTS: dict[Kind, type[msgspec.Struct]] = {
    Kind.FINDING: Finding,
    Kind.TEST: Test,
    Kind.ENGAGEMENT: Engagement,
    Kind.PRODUCT: Product,
    Kind.PRODUCT_TYPE: Named,
    Kind.TEST_TYPE: Named,
    Kind.TEST_IMPORT: TestImport,
    Kind.IMPORT_ACTION: ImportAction,
    Kind.RISK: Risk,
    Kind.JIRA_ISSUE: JiraIssue,
    Kind.GITHUB_ISSUE: GithubIssue,
    Kind.NOTE: Note,
    Kind.NOTES_OF_FINDING: NotesOfFinding,
}
_decoders = {kind: msgspec.json.Decoder(struct).decode for kind, struct in _STRUCTS.items()}
_decode_marks = msgspec.json.Decoder(Marks).decode
_decode_dumped = msgspec.json.Decoder(Dumped).decode
_decode_whole = msgspec.json.Decoder(_Whole).decode
_decode_text = msgspec.json.Decoder(str).decode
_decode_keys = msgspec.json.Decoder(dict[str, Raw]).decode


class Sort(msgspec.Struct, frozen=True):
    """What a record is by its keys: a kind that is read, or a name for what is not."""

    kind: Kind | None = None
    is_dumped: bool = False
    model: str | None = None
    """Of a dumped record that is not read."""


_UNKNOWN = Sort()
_PLAIN = {kind: Sort(kind) for kind in Kind}
_DUMPED = {kind: Sort(kind, is_dumped=True) for kind in Kind}


def sort_of(raw: Raw) -> Sort:
    """Tell by its keys what a record is, sound or not; never raises."""
    try:
        marks = _decode_marks(raw)
        if marks.has("model", "fields"):
            model = _decode_text(marks.model)  # type: ignore[arg-type]
            kind = _MODELS.get(model.lower())
            return _DUMPED[kind] if kind else Sort(is_dumped=True, model=model)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _UNKNOWN
    return next((_PLAIN[kind] for kind, keys in _SHAPES if marks.has(*keys)), _UNKNOWN)


def refuse_dumped(raw: Raw) -> NoReturn:
    """Raise what is wrong with a record of a dump that names no model or has no fields."""
    _decode_whole(raw)
    raise LineFault(Reason.WRONG_TYPE, "model")


def keys_of(raw: Raw) -> Iterable[str]:
    """Name the keys of a record that is not read."""
    return _decode_keys(raw).keys()


def decode_record(raw: Raw, kind: Kind, is_dumped: bool) -> tuple[msgspec.Struct, int]:
    """Decode a record of a kind; the second value is its id.

    Raises:
        LineFault: ``missing_key``: it has no id.
        msgspec.MsgspecError: it is not of the shape of its kind.

    """
    if is_dumped:
        dumped = _decode_dumped(raw)
        return _decoders[kind](dumped.fields), dumped.pk
    record = _decoders[kind](raw)
    if kind is Kind.NOTES_OF_FINDING:
        return record, record.finding_id  # type: ignore[attr-defined]
    return record, known(record.id, "id")  # type: ignore[attr-defined]


def known(value: int | None, column_name: str) -> int:
    """Return an id that must be there; raises LineFault ``missing_key``."""
    if value is None:
        raise LineFault(Reason.MISSING_KEY, column_name)
    return value
