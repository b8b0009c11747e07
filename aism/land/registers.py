"""The registers of the input contract, declared once, and the one reader of all of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache

import pyarrow as pa

from aism.land.csv_rows import CsvRow, is_sound_utf8, read_csv
from aism.land.display import make_visible
from aism.land.model import Fault, LandedFile, ReadReport, Reason, Sink
from aism.land.schemas import TEXT, TIMESTAMP
from aism.land.sources import SOURCES
from aism.land.streams import open_stream
from aism.land.values import (
    ValueFault,
    parse_boolean,
    parse_date,
    parse_integer,
    parse_number,
    parse_timestamp,
)
from aism.roles import ROLES

VERSION = 1
_BATCH_ROWS = 16_384
_BATCH_CHARACTERS = 32 * 1024 * 1024


class Kind(StrEnum):
    """Types of register columns."""

    TEXT = "text"
    TIMESTAMP = "timestamp"
    DATE = "date"
    FIRST_DAY = "first_day"
    NUMBER = "number"
    AMOUNT_OF_WORK = "amount_of_work"
    """A number that is never negative."""
    INTEGER = "integer"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a register; ``values`` closes the set, ``references`` names a register."""

    name: str
    kind: Kind = Kind.TEXT
    is_required: bool = False
    values: tuple[str, ...] = ()
    references: str | None = None
    pattern_when: tuple[str, str] | None = None
    """Column and value that make this text a regular expression, which must compile."""


@dataclass(frozen=True, slots=True)
class Order:
    """``column`` must not be before ``not_before``, of this row or of a row it refers to."""

    column: str
    not_before: str
    of_reference: str | None
    """The reference whose row holds ``not_before``; None: this row."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class Register:
    """A register; columns stand in the order of the contract's table, which orders faults too."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    orders: tuple[Order, ...] = ()
    needs_rate: bool = False
    """Amounts in ``currency`` need an exchange rate on ``incurred_on``."""


def _text(name: str, *values: str) -> Column:
    return Column(name, values=values)


def _ref(name: str, register: str) -> Column:
    return Column(name, references=register)


def _of(kind: Kind, *names: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name in names)


def _register(
    name: str,
    key: str,
    required: str,
    *columns: Column | tuple[Column, ...],
    orders: tuple[Order, ...] = (),
    needs_rate: bool = False,
) -> Register:
    flat = [c for item in columns for c in (item if isinstance(item, tuple) else (item,))]
    must = set(required.split())
    assert must <= {column.name for column in flat}
    return Register(
        name,
        tuple(key.split()),
        tuple(replace(column, is_required=column.name in must) for column in flat),
        orders,
        needs_rate,
    )


_SEVERITIES = ("critical", "high", "medium", "low", "informational")
_STATE_EVENTS = (
    "accepted",
    "disputed",
    "dispute_rejected",
    "false_positive",
    "risk_accepted",
    "risk_acceptance_expired",
    "remediation_claimed",
    "retest_passed",
    "retest_failed",
    "reopened",
)
_DISPUTE_REASONS = ("validity", "severity", "duplicate", "scope", "other")
_SCOPES = ("is_finding", "not_a_finding", "duplicate", "out_of_scope")
TRACKERS = ("defectdojo", "jira", "github")
_SYSTEM = _ref("system_id", "systems")
_ASSESSMENT = _ref("assessment_id", "assessments")
_TRACKER = _text("source", *TRACKERS)

REGISTERS: dict[str, Register] = {
    register.name: register
    for register in (  # parents before children: references are checked in this order
        _register(
            "systems",
            "system_id",
            "system_id system_name risk_tier provider",
            _text("system_id"),
            _text("system_name"),
            _text("risk_tier", "high", "medium", "low"),
            _text("provider", "internal", "third_party"),
            _text("owner_team"),
            _text("business_unit"),
            _text("system_type", "chatbot", "rag", "agent", "classifier", "other"),
            _of(Kind.TIMESTAMP, "onboarded_at", "in_production_from", "retired_at"),
        ),
        _register(
            "system_aliases",
            "source external_name",
            "source external_name system_id",
            _text("source", *dict.fromkeys(source.folder for source in SOURCES)),
            Column("external_name", pattern_when=("match", "pattern")),
            _SYSTEM,
            _text("system_version"),
            _text("configuration"),
            _text("match", "exact", "pattern"),
        ),
        _register(
            "deployments",
            "deployment_id",
            "deployment_id system_id deployment_type deployed_at",
            _text("deployment_id"),
            _SYSTEM,
            _text("deployment_type", "new_system", "major_update", "minor_update"),
            _of(Kind.TIMESTAMP, "deployed_at"),
            _text("system_version"),
        ),
        _register(
            "input_vectors",
            "input_vector_id",
            "input_vector_id system_id vector_type identified_at",
            _text("input_vector_id"),
            _SYSTEM,
            _text(
                "vector_type",
                "user_prompt",
                "file_upload",
                "api_parameter",
                "retrieved_document",
                "tool_output",
                "other",
            ),
            _of(Kind.TIMESTAMP, "identified_at", "removed_at"),
        ),
        _register(
            "assessments",
            "assessment_id",
            "assessment_id system_id tier requested_at",
            _text("assessment_id"),
            _SYSTEM,
            _text("tier", "quick_scan", "standard", "comprehensive"),
            _of(Kind.TIMESTAMP, "requested_at"),
            _ref("deployment_id", "deployments"),
            _of(
                Kind.TIMESTAMP,
                "planned_start_at",
                "started_at",
                "report_delivered_at",
                "cancelled_at",
            ),
            orders=(
                Order("report_delivered_at", "requested_at", None, Reason.DELIVERED_BEFORE_REQUEST),
            ),
        ),
        _register(
            "assessment_techniques",
            "assessment_id technique_id",
            "assessment_id technique_id is_applicable is_tested",
            _ASSESSMENT,
            _text("technique_id"),
            _of(Kind.BOOLEAN, "is_applicable", "is_tested"),
            _text("not_applicable_reason"),
        ),
        _register(
            "assessment_input_vectors",
            "assessment_id input_vector_id",
            "assessment_id input_vector_id",
            _ASSESSMENT,
            _ref("input_vector_id", "input_vectors"),
            _of(Kind.TIMESTAMP, "tested_at"),
        ),
        _register(
            "findings",
            "finding_id",
            "finding_id system_id title severity vulnerability_class reported_at",
            _text("finding_id"),
            _SYSTEM,
            _text("title"),
            _text("severity", *_SEVERITIES),
            _text("vulnerability_class"),
            _of(Kind.TIMESTAMP, "reported_at"),
            _ASSESSMENT,
            _text("technique_id"),
            _text("owasp_id"),
            _text("detection_source", "manual", "automated"),
            _of(Kind.BOOLEAN, "impact_claimed", "impact_confirmed"),
            _ref("duplicate_of", "findings"),
            _text("tool"),
            _text("attack"),
            _text("source_run_id"),
        ),
        _register(
            "finding_events",
            "finding_id event_at event_type",
            "finding_id event_type event_at",
            _ref("finding_id", "findings"),
            _text("event_type", *_STATE_EVENTS, "severity_changed"),
            _of(Kind.TIMESTAMP, "event_at"),
            _text("new_severity", *_SEVERITIES),
            _text("reason", *_DISPUTE_REASONS),
            _text("run_id"),
            _of(Kind.TIMESTAMP, "expires_at"),
            _text("note"),
            orders=(Order("event_at", "reported_at", "finding_id", Reason.EVENT_BEFORE_REPORT),),
        ),
        _register(
            "assessment_runs",
            "assessment_id run_id",
            "assessment_id run_id",
            _ASSESSMENT,
            _text("run_id"),
        ),
        _register(
            "regression_tests",
            "regression_test_id",
            "regression_test_id finding_id added_at",
            _text("regression_test_id"),
            _ref("finding_id", "findings"),
            _of(Kind.TIMESTAMP, "added_at", "removed_at", "last_run_at"),
        ),
        _register(
            "scans",
            "scan_id",
            "scan_id system_id started_at",
            _text("scan_id"),
            _SYSTEM,
            _of(Kind.TIMESTAMP, "started_at", "completed_at"),
            _text("tool"),
            _text("status", "completed", "failed", "aborted"),
        ),
        _register(
            "team_capacity",
            "month",
            "month fte_testers capacity_hours",
            _of(Kind.FIRST_DAY, "month"),
            _of(Kind.AMOUNT_OF_WORK, "fte_testers", "capacity_hours"),
        ),
        _register(
            "effort",
            "effort_id",
            "effort_id worked_on hours mode",
            _text("effort_id"),
            _of(Kind.DATE, "worked_on"),
            _of(Kind.AMOUNT_OF_WORK, "hours"),
            _text("mode", "automated", "manual"),
            _ASSESSMENT,
        ),
        _register(
            "costs",
            "cost_id",
            "cost_id incurred_on amount currency",
            _text("cost_id"),
            _of(Kind.DATE, "incurred_on"),
            _of(Kind.NUMBER, "amount"),
            _text("currency"),
            _text("category", "people", "tooling", "external", "other"),
            needs_rate=True,
        ),
        _register(
            "incidents",
            "incident_id",
            "incident_id system_id occurred_at vulnerability_class",
            _text("incident_id"),
            _SYSTEM,
            _of(Kind.TIMESTAMP, "occurred_at"),
            _text("vulnerability_class"),
            _text("severity", "critical", "high", "medium", "low"),
            _text("title"),
        ),
        _register(
            "annotations",
            "annotation_id",
            "annotation_id metric_id period_start text",
            _text("annotation_id"),
            _text("metric_id"),
            _of(Kind.DATE, "period_start"),
            _text("text"),
            _text("author"),
        ),
        _register(
            "benchmarks",
            "benchmark_id",
            "benchmark_id metric_id value source year",
            _text("benchmark_id"),
            _text("metric_id"),
            _of(Kind.NUMBER, "value"),
            _text("source"),
            _of(Kind.INTEGER, "year"),
            _text("population"),
            _text("comparability_note"),
        ),
        _register(
            "control_evidence",
            "framework control_id evidenced_on",
            "framework control_id evidenced_on",
            _text("framework", "nist_ai_rmf", "eu_ai_act", "owasp_llm", "iso_42001"),
            _text("control_id"),
            _of(Kind.DATE, "evidenced_on"),
            _SYSTEM,
            _ASSESSMENT,
            _text("status", "met", "partially_met", "not_met"),
        ),
        # What the values of trackers mean: an organisation's rows go before the shipped seeds.
        _register(
            "finding_state_map",
            "source project field value",
            "source project field value",
            _TRACKER,
            _text("project"),
            _text("field"),
            _text("value"),
            _text("on_enter", *_STATE_EVENTS, "closed", *_SCOPES),
            _text("on_leave", *_STATE_EVENTS),
            _text("reason", *_DISPUTE_REASONS),
        ),
        _register(
            "finding_field_map",
            "source project attribute field value",
            "source project attribute field value",
            _TRACKER,
            _text("project"),
            _text(
                "attribute",
                "finding_id",
                "system",
                "severity",
                "vulnerability_class",
                "technique_id",
                "owasp_id",
                "detection_source",
                "impact_claimed",
                "impact_confirmed",
                "assessment_id",
                "tool",
                "attack",
                "reported_at",
                "acceptance_expires_at",
            ),
            _text("field"),
            _text("value"),
            _text("attribute_value"),
            _of(Kind.INTEGER, "precedence"),
        ),
        _register(
            "finding_close_policy",
            "source project",
            "source project close_means",
            _TRACKER,
            _text("project"),
            _text("close_means", "claimed", "verified"),
        ),
        _register(
            "system_of_record",
            "attribute source",
            "attribute source precedence",
            _text("attribute"),
            _text("source", "register", *TRACKERS),
            _of(Kind.INTEGER, "precedence"),
        ),
        _register(
            "team_members",
            "email",
            "email role",
            _text("email"),
            _text("role", *ROLES),
            _text("team"),
        ),
    )
}

_ARROW: dict[Kind, pa.DataType] = {
    Kind.TEXT: TEXT,
    Kind.TIMESTAMP: TIMESTAMP,
    Kind.DATE: pa.date32(),
    Kind.FIRST_DAY: pa.date32(),
    Kind.NUMBER: pa.float64(),
    Kind.AMOUNT_OF_WORK: pa.float64(),
    Kind.INTEGER: pa.int32(),
    Kind.BOOLEAN: pa.bool_(),
}


def register_schema(register: Register) -> pa.Schema:
    """Arrow schema of the contract columns, in the order of the contract."""
    return pa.schema([(column.name, _ARROW[column.kind]) for column in register.columns])


def parsed_table(register: Register) -> str:
    """Name the table of the cache that holds a register's rows, one file per landed file."""
    return f"parsed/{register.name}"


PARSED_TABLES: dict[str, pa.Schema] = {
    parsed_table(register): register_schema(register)
    .append(pa.field("line_number", pa.int64()))
    .append(pa.field("raw_text", TEXT))
    for register in REGISTERS.values()
}

CONTRACT = hashlib.sha256(repr(REGISTERS).encode()).hexdigest()[:12]
"""Changes with any declaration above, so that no cache outlives its contract."""


def _not_negative(text: str) -> float:
    number = parse_number(text)
    if number < 0:
        raise ValueFault(Reason.NEGATIVE_NUMBER)
    return number


def _first_day(text: str) -> date:
    day = parse_date(text)
    if day.day != 1:
        raise ValueFault(Reason.NOT_FIRST_DAY)
    return day


_PARSERS: dict[Kind, Callable[[str], object]] = {
    Kind.TIMESTAMP: parse_timestamp,
    Kind.DATE: parse_date,
    Kind.FIRST_DAY: _first_day,
    Kind.NUMBER: parse_number,
    Kind.AMOUNT_OF_WORK: _not_negative,
    Kind.INTEGER: parse_integer,
    Kind.BOOLEAN: parse_boolean,
}


def read_register(register: Register, file: LandedFile, sink: Sink) -> ReadReport:
    """Read one CSV file of a register: sound rows to the sink, the first fault of every other.

    Raises:
        UnreadableFileError: the stream fails, or the file has no header.

    """
    report = ReadReport()
    with open_stream(file.path) as stream:
        header, rows = read_csv(stream)
        if not _is_good_header(register, header):
            _refuse_all(rows, report)
            return report
        reader = _RowReader(register, header)
        report.schema_note = reader.note
        for batch in _batches(rows):
            report.rows_read += len(batch)
            columns, faults = reader.read(batch)
            report.faults.extend(faults)
            if columns["line_number"]:
                sink.write(parsed_table(register), columns)
    return report


def _batches(rows: Iterable[CsvRow]) -> Iterator[list[CsvRow]]:
    batch: list[CsvRow] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row.raw_text)
        if len(batch) == _BATCH_ROWS or size > _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _is_good_header(register: Register, header: Sequence[str]) -> bool:
    return all(
        header.count(column.name) == 1 or (not column.is_required and column.name not in header)
        for column in register.columns
    )


def _refuse_all(rows: Iterable[CsvRow], report: ReadReport) -> None:
    for row in rows:
        report.rows_read += 1
        report.faults.append(
            Fault(Reason.BAD_HEADER, row.line_number, raw_text=make_visible(row.raw_text))
        )
    if not report.faults:
        report.faults.append(Fault(Reason.BAD_HEADER))


class _RowReader:
    """Types rows column by column, a batch at a time."""

    def __init__(self, register: Register, header: Sequence[str]) -> None:
        self._columns = register.columns
        self._width = len(header)
        known = {column.name for column in register.columns}
        self._places = {name: place for place, name in enumerate(header) if name in known}
        self._extra = [(place, name) for place, name in enumerate(header) if name not in known]
        names = ", ".join(name for _, name in self._extra)
        self.note = make_visible(f"extra columns: {names}") if self._extra else None
        # Dates and labels repeat a lot; the cache is what makes large registers quick.
        self._parsers = {kind: lru_cache(65_536)(parse) for kind, parse in _PARSERS.items()}

    def read(self, rows: Sequence[CsvRow]) -> tuple[dict[str, list[object]], list[Fault]]:
        """Return the columns of the sound rows, and the first fault of each other row."""
        first: dict[int, tuple[Reason, str | None]] = {}  # position in ``rows`` -> fault
        whole: list[int] = []
        for position, row in enumerate(rows):
            if row.fault or len(row.cells) != self._width:
                first[position] = (row.fault or Reason.RAGGED_ROW, None)
            else:
                whole.append(position)
        table = list(zip(*(rows[position].cells for position in whole), strict=True))
        undecoded = [at for at, position in enumerate(whole) if not rows[position].is_utf8]
        columns: dict[str, list[object]] = {}
        for column in self._columns:
            place = self._places.get(column.name)
            if place is None or not whole:
                columns[column.name] = [None] * len(whole)
                continue
            faults = {
                at: Reason.BAD_UTF8 for at in undecoded if not is_sound_utf8(table[place][at])
            }
            columns[column.name] = self._typed(column, table[place], faults)
            if column.pattern_when:
                self._check_patterns(column, table, faults)
            for at, reason in faults.items():
                first.setdefault(whole[at], (reason, column.name))
        for place, name in self._extra:
            for at in undecoded:
                if not is_sound_utf8(table[place][at]):
                    first.setdefault(whole[at], (Reason.BAD_UTF8, make_visible(name)))

        sound = [at for at, position in enumerate(whole) if position not in first]
        if len(sound) < len(whole):
            columns = {name: [values[at] for at in sound] for name, values in columns.items()}
        columns["line_number"] = [rows[whole[at]].line_number for at in sound]
        columns["raw_text"] = [make_visible(rows[whole[at]].raw_text) for at in sound]
        return columns, [
            Fault(
                reason,
                rows[position].line_number,
                column_name=name,
                raw_text=make_visible(rows[position].raw_text) or None,
            )
            for position, (reason, name) in sorted(first.items())
        ]

    def _typed(
        self, column: Column, cells: Sequence[str], faults: dict[int, Reason]
    ) -> list[object]:
        values: list[object] = [cell or None for cell in cells]
        if column.is_required:
            for at, value in enumerate(values):
                if value is None:
                    faults.setdefault(at, Reason.MISSING_VALUE)
        if column.kind is not Kind.TEXT:
            parse = self._parsers[column.kind]
            for at, cell in enumerate(cells):
                if cell and at not in faults:
                    try:
                        values[at] = parse(cell)
                    except ValueFault as fault:
                        faults[at] = fault.reason
            return values
        if any("\0" in cell for cell in cells):
            for at, cell in enumerate(cells):
                if "\0" in cell:
                    faults.setdefault(at, Reason.NUL_BYTE)
        if column.values:
            for at, value in enumerate(values):
                if value is not None and value not in column.values:
                    faults.setdefault(at, Reason.UNKNOWN_VALUE)
        return values

    def _check_patterns(
        self, column: Column, table: Sequence[Sequence[str]], faults: dict[int, Reason]
    ) -> None:
        assert column.pattern_when is not None
        switch, value = column.pattern_when
        if switch not in self._places:
            return
        switches, patterns = table[self._places[switch]], table[self._places[column.name]]
        for at, pattern in enumerate(patterns):
            if switches[at] == value and at not in faults:
                try:
                    re.compile(pattern)
                except (re.error, OverflowError, RecursionError):
                    faults[at] = Reason.UNKNOWN_VALUE
