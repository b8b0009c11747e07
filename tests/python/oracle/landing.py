"""Read a landing folder: program registers and generic attempts, row contract included.

Nothing here is shared with the lander under test. Every timestamp becomes a naive datetime in
UTC, every date a datetime at midnight, every number a float, every empty cell None.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

Row = dict[str, Any]
Rates = dict[str, list[tuple[datetime, float]]]

REPORTING_CURRENCY = "EUR"
SEVERITIES = ("critical", "high", "medium", "low", "informational")
SOURCES = (
    "garak",
    "promptfoo",
    "pyrit",
    "inspect",
    "attempts",
    "defectdojo",
    "jira",
    "github",
)
EVENT_TYPES = (
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
    "severity_changed",
)
# The reasons that speak of a whole row: no single column is at fault.
ROW_REASONS = ("bad_header", "ragged_row", "bad_utf8", "not_json", "not_object", "trailing_text")


class Column(NamedTuple):
    """One contract column: kind is text, timestamp, date, month, number, positive, year, flag."""

    name: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    references: str = ""


class Register(NamedTuple):
    """A register: its columns in the order of the contract, and its primary key."""

    key: tuple[str, ...]
    columns: tuple[Column, ...]


def text(name: str, *choices: str, references: str = "") -> Column:
    return Column(name, "text", False, choices, references)


def needed(name: str, *choices: str, kind: str = "text", references: str = "") -> Column:
    return Column(name, kind, True, choices, references)


def at(name: str) -> Column:
    return Column(name, "timestamp")


# In an order in which a register comes after those it refers to.
REGISTERS: dict[str, Register] = {
    "systems": Register(
        ("system_id",),
        (
            needed("system_id"),
            needed("system_name"),
            needed("risk_tier", "high", "medium", "low"),
            needed("provider", "internal", "third_party"),
            text("owner_team"),
            text("business_unit"),
            text("system_type", "chatbot", "rag", "agent", "classifier", "other"),
            at("onboarded_at"),
            at("in_production_from"),
            at("retired_at"),
        ),
    ),
    "system_aliases": Register(
        ("source", "external_name"),
        (
            needed("source", *SOURCES),
            needed("external_name"),
            needed("system_id", references="systems"),
            text("system_version"),
            text("configuration"),
            text("match", "exact", "pattern"),
        ),
    ),
    "deployments": Register(
        ("deployment_id",),
        (
            needed("deployment_id"),
            needed("system_id", references="systems"),
            needed("deployment_type", "new_system", "major_update", "minor_update"),
            needed("deployed_at", kind="timestamp"),
            text("system_version"),
        ),
    ),
    "input_vectors": Register(
        ("input_vector_id",),
        (
            needed("input_vector_id"),
            needed("system_id", references="systems"),
            needed(
                "vector_type",
                "user_prompt",
                "file_upload",
                "api_parameter",
                "retrieved_document",
                "tool_output",
                "other",
            ),
            needed("identified_at", kind="timestamp"),
            at("removed_at"),
        ),
    ),
    "assessments": Register(
        ("assessment_id",),
        (
            needed("assessment_id"),
            needed("system_id", references="systems"),
            needed("tier", "quick_scan", "standard", "comprehensive"),
            needed("requested_at", kind="timestamp"),
            text("deployment_id", references="deployments"),
            at("planned_start_at"),
            at("started_at"),
            at("report_delivered_at"),
            at("cancelled_at"),
        ),
    ),
    "assessment_techniques": Register(
        ("assessment_id", "technique_id"),
        (
            needed("assessment_id", references="assessments"),
            needed("technique_id"),
            needed("is_applicable", kind="flag"),
            needed("is_tested", kind="flag"),
            text("not_applicable_reason"),
        ),
    ),
    "assessment_input_vectors": Register(
        ("assessment_id", "input_vector_id"),
        (
            needed("assessment_id", references="assessments"),
            needed("input_vector_id", references="input_vectors"),
            at("tested_at"),
        ),
    ),
    "findings": Register(
        ("finding_id",),
        (
            needed("finding_id"),
            needed("system_id", references="systems"),
            needed("title"),
            needed("severity", *SEVERITIES),
            needed("vulnerability_class"),
            needed("reported_at", kind="timestamp"),
            text("assessment_id", references="assessments"),
            text("technique_id"),
            text("owasp_id"),
            text("detection_source", "manual", "automated"),
            Column("impact_claimed", "flag"),
            Column("impact_confirmed", "flag"),
            text("duplicate_of", references="findings"),
            text("tool"),
            text("attack"),
            text("source_run_id"),
        ),
    ),
    "finding_events": Register(
        ("finding_id", "event_at", "event_type"),
        (
            needed("finding_id", references="findings"),
            needed("event_type", *EVENT_TYPES),
            needed("event_at", kind="timestamp"),
            text("new_severity", *SEVERITIES),
            text("reason", "validity", "severity", "duplicate", "scope", "other"),
            text("run_id"),
            at("expires_at"),
            text("note"),
        ),
    ),
    "assessment_runs": Register(
        ("assessment_id", "run_id"),
        (needed("assessment_id", references="assessments"), needed("run_id")),
    ),
    "regression_tests": Register(
        ("regression_test_id",),
        (
            needed("regression_test_id"),
            needed("finding_id", references="findings"),
            needed("added_at", kind="timestamp"),
            at("removed_at"),
            at("last_run_at"),
        ),
    ),
    "scans": Register(
        ("scan_id",),
        (
            needed("scan_id"),
            needed("system_id", references="systems"),
            needed("started_at", kind="timestamp"),
            at("completed_at"),
            text("tool"),
            text("status", "completed", "failed", "aborted"),
        ),
    ),
    "team_capacity": Register(
        ("month",),
        (
            needed("month", kind="month"),
            needed("fte_testers", kind="positive"),
            needed("capacity_hours", kind="positive"),
        ),
    ),
    "effort": Register(
        ("effort_id",),
        (
            needed("effort_id"),
            needed("worked_on", kind="date"),
            needed("hours", kind="positive"),
            needed("mode", "automated", "manual"),
            text("assessment_id", references="assessments"),
        ),
    ),
    "costs": Register(
        ("cost_id",),
        (
            needed("cost_id"),
            needed("incurred_on", kind="date"),
            needed("amount", kind="number"),
            needed("currency"),
            text("category", "people", "tooling", "external", "other"),
        ),
    ),
    "incidents": Register(
        ("incident_id",),
        (
            needed("incident_id"),
            needed("system_id", references="systems"),
            needed("occurred_at", kind="timestamp"),
            needed("vulnerability_class"),
            text("severity", "critical", "high", "medium", "low"),
            text("title"),
        ),
    ),
    "annotations": Register(
        ("annotation_id",),
        (
            needed("annotation_id"),
            needed("metric_id"),
            needed("period_start", kind="date"),
            needed("text"),
            text("author"),
        ),
    ),
    "benchmarks": Register(
        ("benchmark_id",),
        (
            needed("benchmark_id"),
            needed("metric_id"),
            needed("value", kind="number"),
            needed("source"),
            needed("year", kind="year"),
            text("population"),
            text("comparability_note"),
        ),
    ),
    "control_evidence": Register(
        ("framework", "control_id", "evidenced_on"),
        (
            needed("framework", "nist_ai_rmf", "eu_ai_act", "owasp_llm", "iso_42001"),
            needed("control_id"),
            needed("evidenced_on", kind="date"),
            text("system_id", references="systems"),
            text("assessment_id", references="assessments"),
            text("status", "met", "partially_met", "not_met"),
        ),
    ),
}

ATTEMPT_COLUMNS = (
    needed("run_id"),
    needed("target_name"),
    needed("attack"),
    needed("outcome", "success", "resisted", "undetermined", "error"),
    at("attempted_at"),
    text("target_version"),
    text("configuration"),
    Column("is_control", "flag"),
    text("prompt_id"),
    text("technique_id"),
    text("vulnerability_class"),
    text("judge"),
    text("tool"),
)


# --- cells ------------------------------------------------------------------------------------


class FaultError(Exception):
    """A cell or row that breaks the contract."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


TIMESTAMP = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)


def parse_timestamp(cell: str) -> datetime:
    """Return the instant in UTC, without zone."""
    match = TIMESTAMP.fullmatch(cell)
    if not match:
        raise FaultError("bad_timestamp")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        instant = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0")[:6].ljust(6, "0")),
        )
        if zone and zone != "Z":
            digits = zone[1:].replace(":", "").ljust(4, "0")
            if int(digits[:2]) > 23 or int(digits[2:]) > 59:
                raise FaultError("bad_timestamp")
            offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
            instant = instant - offset if zone[0] == "+" else instant + offset
    except (ValueError, OverflowError):
        raise FaultError("bad_timestamp") from None
    return instant


def parse_number(cell: str) -> float:
    if NOT_FINITE.fullmatch(cell):
        raise FaultError("nan_or_infinity")
    if not NUMBER.fullmatch(cell):
        raise FaultError("bad_number")
    number = float(cell)
    if not math.isfinite(number):
        raise FaultError("nan_or_infinity")
    return number


def midnight(instant: datetime) -> datetime:
    return datetime(instant.year, instant.month, instant.day)


def parse_cell(column: Column, cell: str | None) -> Any:
    """Return the typed value of a cell; raises FaultError with a reason of the closed list."""
    if cell is None or cell == "":
        if column.required:
            raise FaultError("missing_value")
        return None
    if any("\udc80" <= letter <= "\udcff" for letter in cell):
        raise FaultError("bad_utf8")
    if column.kind == "text":
        if column.choices and cell not in column.choices:
            raise FaultError("unknown_value")
        return cell
    if column.kind == "timestamp":
        return parse_timestamp(cell)
    if column.kind == "date":
        return midnight(parse_timestamp(cell))
    if column.kind == "month":
        day = parse_timestamp(cell)
        if day != datetime(day.year, day.month, 1):
            raise FaultError("not_first_day")
        return day
    if column.kind == "flag":
        if cell.lower() not in ("true", "false"):
            raise FaultError("bad_boolean")
        return cell.lower() == "true"
    number = parse_number(cell)
    if column.kind == "positive" and number < 0:
        raise FaultError("negative_number")
    if column.kind == "year" and number != int(number):
        raise FaultError("bad_number")
    return number


# --- results ----------------------------------------------------------------------------------


class Quarantined(NamedTuple):
    """One held back row: column is empty where the whole row is at fault."""

    file_name: str
    line_number: int
    column_name: str
    reason: str


@dataclass
class FileCounts:
    """What became of the rows of one file."""

    rows_read: int = 0
    rows_loaded: int = 0
    rows_superseded: int = 0
    rows_quarantined: int = 0


@dataclass
class Landing:
    """The standing rows of a landing folder, and what was held back."""

    registers: dict[str, list[Row]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    attempts: list[Row] = field(default_factory=list)
    quarantine: list[Quarantined] = field(default_factory=list)
    files: dict[str, FileCounts] = field(default_factory=dict)

    def rows(self, register: str) -> list[Row]:
        return self.registers.get(register, [])


@dataclass
class Line:
    """A valid row on its way: where it stood, and what it says."""

    file_name: str
    line_number: int
    row: Row


# --- files ------------------------------------------------------------------------------------


def base_name(path: Path) -> str:
    name = path.name
    for extension in (".gz", ".csv", ".jsonl"):
        if name.lower().endswith(extension):
            name = name[: -len(extension)]
    return name


def in_delivery_order(paths: Iterable[Path], root: Path) -> list[Path]:
    """Return the greater name later; equal names by their path."""
    return sorted(paths, key=lambda path: (base_name(path), path.relative_to(root).as_posix()))


def register_of(path: Path, program: Path) -> str | None:
    """`systems.csv`, `systems-2026-03.csv` and `systems/anything.csv` are the register systems."""
    name = base_name(path)
    folders = path.relative_to(program).parts[:-1]
    for register in REGISTERS:
        if name == register or name.startswith(register + "-") or register in folders:
            return register
    return None


def csv_records(payload: bytes) -> Iterator[tuple[int, list[str]]]:
    """Every record that is no blank line, with the physical line it begins on."""
    content = payload.decode("utf-8", errors="surrogateescape").removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(content, newline=""))
    begins = 1
    for record in reader:
        if record:
            yield begins, record
        begins = reader.line_num + 1


def check_cells(
    columns: tuple[Column, ...], cells: dict[str, str | None]
) -> tuple[Row, str, str | None]:
    """Return the typed row, or the first fault in the column order of the contract."""
    row: Row = {}
    for column in columns:
        try:
            row[column.name] = parse_cell(column, cells.get(column.name))
        except FaultError as fault:
            return row, column.name, fault.reason
    return row, "", None


def read_csv(
    landing: Landing, path: Path, root: Path, columns: tuple[Column, ...]
) -> list[Line] | None:
    """Return the rows with sound cells; None where the file is unreadable as this register."""
    name = path.relative_to(root).as_posix()
    counts = landing.files.setdefault(name, FileCounts())
    records = csv_records(path.read_bytes())
    header = next(records, None)
    if header is None:
        return None
    names = header[1]
    contract = {column.name for column in columns}
    repeated = any(names.count(column) > 1 for column in contract)
    lacking = any(column.required and column.name not in names for column in columns)
    lines: list[Line] = []
    for line_number, record in records:
        counts.rows_read += 1
        fault: str | None = None
        at_column = ""
        row: Row = {}
        if repeated or lacking:
            fault = "bad_header"
        elif any("\udc80" <= letter <= "\udcff" for cell in record for letter in cell):
            fault = "bad_utf8"
        elif len(record) != len(names):
            fault = "ragged_row"
        else:
            cells: dict[str, str | None] = dict(zip(names, record, strict=True))
            row, at_column, fault = check_cells(columns, cells)
        if fault:
            hold_back(landing, Line(name, line_number, row), at_column, fault)
        else:
            lines.append(Line(name, line_number, row))
    return None if repeated or lacking else lines


def hold_back(landing: Landing, line: Line, column: str, reason: str) -> None:
    landing.quarantine.append(Quarantined(line.file_name, line.line_number, column, reason))
    landing.files[line.file_name].rows_quarantined += 1


# --- registers --------------------------------------------------------------------------------


def key_of(register: str, row: Row) -> tuple[Any, ...]:
    return tuple(row[column] for column in REGISTERS[register].key)


def drop(
    landing: Landing,
    lines: list[Line],
    is_broken: Callable[[Row], bool],
    column: str,
    reason: str,
) -> list[Line]:
    """Hold back the lines that break one rule; the others, in their order."""
    kept = []
    for line in lines:
        if is_broken(line.row):
            hold_back(landing, line, column, reason)
        else:
            kept.append(line)
    return kept


def without_dangling(
    landing: Landing, register: str, lines: list[Line], keys: dict[str, set[str]]
) -> list[Line]:
    """Drop rows that refer to what is not there, until no more does (duplicate_of cascades)."""
    while True:
        own = {line.row[REGISTERS[register].key[0]] for line in lines}
        kept = []
        for line in lines:
            fault = ""
            for column in REGISTERS[register].columns:
                target = column.references
                value = line.row[column.name]
                if not target or value is None or target in landing.missing:
                    continue
                known = own if target == register else keys[target]
                if value not in known:
                    fault = column.name
                    break
            if fault:
                hold_back(landing, line, fault, "dangling_reference")
            else:
                kept.append(line)
        if len(kept) == len(lines):
            return kept
        lines = kept


def rate_on(rates: Rates, currency: str, day: datetime) -> float | None:
    """Return the rate into the reporting currency that is valid on a day."""
    if currency == REPORTING_CURRENCY:
        return 1.0
    valid = [entry for entry in rates.get(currency, []) if entry[0] <= day]
    return max(valid)[1] if valid else None


def read_rates(seed: Path) -> Rates:
    """exchange_rates.csv: currency, valid_from, rate."""
    rates: Rates = {}
    if seed.exists():
        with seed.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                valid_from = parse_timestamp(row["valid_from"])
                rates.setdefault(row["currency"], []).append((valid_from, float(row["rate"])))
    return rates


def read_registers(landing: Landing, root: Path, rates: Rates) -> None:
    program = root / "program"
    found = [path for path in program.rglob("*.csv") if path.is_file()] if program.exists() else []
    sound: dict[str, list[Line]] = {}
    for register, contract in REGISTERS.items():
        paths = [path for path in found if register_of(path, program) == register]
        read = [
            read_csv(landing, path, root, contract.columns)
            for path in in_delivery_order(paths, root)
        ]
        if all(lines is None for lines in read):
            landing.missing.add(register)
        sound[register] = [line for lines in read if lines is not None for line in lines]

    keys: dict[str, set[str]] = {}
    reported: dict[str, datetime] = {}
    for register, contract in REGISTERS.items():
        lines = without_dangling(landing, register, sound[register], keys)
        if register == "assessments":
            lines = drop(
                landing, lines, delivered_early, "report_delivered_at", "delivered_before_request"
            )
        if register == "finding_events":
            lines = drop(
                landing,
                lines,
                lambda row: (
                    row["finding_id"] in reported and row["event_at"] < reported[row["finding_id"]]
                ),
                "event_at",
                "event_before_report",
            )
        if register == "costs":
            lines = drop(
                landing,
                lines,
                lambda row: rate_on(rates, row["currency"], row["incurred_on"]) is None,
                "currency",
                "no_exchange_rate",
            )
        standing: dict[tuple[Any, ...], Line] = {}
        for line in lines:
            earlier = standing.get(key_of(register, line.row))
            if earlier:
                landing.files[earlier.file_name].rows_superseded += 1
            standing[key_of(register, line.row)] = line
        for line in standing.values():
            landing.files[line.file_name].rows_loaded += 1
        landing.registers[register] = [line.row for line in standing.values()]
        keys[register] = {row[contract.key[0]] for row in landing.registers[register]}
        if register == "findings":
            reported.update(
                (row["finding_id"], row["reported_at"]) for row in landing.registers[register]
            )
    for row in landing.registers["costs"]:
        rate = rate_on(rates, row["currency"], row["incurred_on"])
        row["reported_amount"] = row["amount"] * (rate or 0.0)


def delivered_early(row: Row) -> bool:
    delivered = row["report_delivered_at"]
    return delivered is not None and bool(delivered < row["requested_at"])


# --- generic attempts -------------------------------------------------------------------------


def read_jsonl(landing: Landing, path: Path, root: Path) -> list[Line]:
    name = path.relative_to(root).as_posix()
    counts = landing.files.setdefault(name, FileCounts())
    payload = path.read_bytes()
    if path.name.lower().endswith(".gz"):
        payload = gzip.decompress(payload)
    lines = []
    content = payload.decode("utf-8", errors="surrogateescape").removeprefix("\ufeff")
    for line_number, written in enumerate(content.split("\n"), start=1):
        if not written.strip():
            continue
        counts.rows_read += 1
        row, at_column, fault = check_object(written)
        if fault:
            hold_back(landing, Line(name, line_number, row), at_column, fault)
        else:
            lines.append(Line(name, line_number, row))
    return lines


def check_object(written: str) -> tuple[Row, str, str | None]:
    """One JSON line, its numbers as they are written."""
    if any("\udc80" <= letter <= "\udcff" for letter in written):
        return {}, "", "bad_utf8"
    try:
        record = json.loads(written, parse_float=str, parse_int=str, parse_constant=not_finite)
    except FaultError as fault:
        return {}, "", fault.reason
    except ValueError:
        return {}, "", "not_json"
    if not isinstance(record, dict):
        return {}, "", "not_object"
    cells: dict[str, str | None] = {}
    for column in ATTEMPT_COLUMNS:
        value = record.get(column.name)
        if column.required and column.name not in record:
            return {}, column.name, "missing_key"
        if isinstance(value, bool) and column.kind == "flag":
            value = "true" if value else "false"
        if value is not None and not isinstance(value, str):
            return {}, column.name, "wrong_type"
        cells[column.name] = value
    return check_cells(ATTEMPT_COLUMNS, cells)


def not_finite(_: str) -> Any:
    raise FaultError("nan_or_infinity")


def read_attempts(landing: Landing, root: Path) -> None:
    folder = root / "attempts"
    paths = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    latest: dict[str, str] = {}
    lines: list[Line] = []
    readable = False
    for path in in_delivery_order(paths, root):
        lowered = path.name.lower()
        if lowered.endswith(".csv"):
            read = read_csv(landing, path, root, ATTEMPT_COLUMNS)
        elif lowered.endswith((".jsonl", ".jsonl.gz")):
            read = read_jsonl(landing, path, root)
        else:
            continue
        readable = readable or read is not None
        for line in read or []:
            latest[line.row["run_id"]] = line.file_name
            lines.append(line)
    if not readable:
        landing.missing.add("attempts")
    resolved: dict[str, tuple[str | None, str | None]] = {}
    for line in lines:
        counts = landing.files[line.file_name]
        if latest[line.row["run_id"]] != line.file_name:
            counts.rows_superseded += 1
            continue
        counts.rows_loaded += 1
        row = line.row
        row["is_control"] = bool(row["is_control"])
        target = row["target_name"]
        if target not in resolved:
            resolved[target] = resolve_target(
                landing.rows("system_aliases"),
                target,
                {str(row["system_id"]) for row in landing.rows("systems")},
            )
        row["system_id"], row["version"] = resolved[target]
        landing.attempts.append(row)


def resolve_target(
    aliases: list[Row], target: str, system_ids: Collection[str] = ()
) -> tuple[str | None, str | None]:
    """System and version of a target name; an unknown one has none.

    First the whole name, exact aliases before patterns, patterns in code point order; then the
    part before the last `@`, as an exact alias, else as a system of the inventory.
    """
    mine = [alias for alias in aliases if alias["source"] == "attempts"]
    exact = {alias["external_name"]: alias for alias in mine if alias["match"] != "pattern"}
    if target in exact:
        return exact[target]["system_id"], exact[target]["system_version"]
    for alias in sorted(mine, key=lambda alias: str(alias["external_name"])):
        if alias["match"] == "pattern":
            match = re.fullmatch(alias["external_name"], target)
            if match:
                version = match.groupdict().get("version")
                return alias["system_id"], version or alias["system_version"]
    name, at, version = target.rpartition("@")
    if at and name in exact:
        return exact[name]["system_id"], version or exact[name]["system_version"]
    if at and name in system_ids:
        return name, version or None
    return None, None


def read_landing(root: Path, rates: Rates | None = None) -> Landing:
    """Everything this reference implementation knows of a landing folder."""
    landing = Landing()
    read_registers(landing, root, rates or {})
    read_attempts(landing, root)
    landing.quarantine.sort()
    return landing
