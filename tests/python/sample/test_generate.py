"""The sample says what its README says: same bytes, known columns, only the intended faults.

The check of the contract is written from the contract's text and shares no code with the
generator or the lander.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[3]
REAL_FILES = ("garak/", "promptfoo/", "pyrit/", "inspect/")
LANDING = ROOT / "sample" / "landing"
PROGRAM = LANDING / "program"
AS_OF = datetime(2026, 11, 23)
MAX_SAMPLE_BYTES = 8_000_000
MAX_ATTEMPTS_BYTES = 3_000_000

SEVERITY = "critical|high|medium|low"
EVENT_TYPES = (
    "accepted|disputed|dispute_rejected|false_positive|risk_accepted|risk_acceptance_expired"
    "|remediation_claimed|retest_passed|retest_failed|reopened|severity_changed"
)

# Register: key; then `column:type`, `!` where a value is required. A type is text, at (instant or
# day), day, month, number, boolean, integer, `=a|b` (one of) or `>register` (its key).
CONTRACT: dict[str, tuple[str, str]] = {
    "systems": (
        "system_id",
        "system_id:text! system_name:text! risk_tier:=high|medium|low!"
        " provider:=internal|third_party! owner_team:text business_unit:text"
        " system_type:=chatbot|rag|agent|classifier|other onboarded_at:at in_production_from:at"
        " retired_at:at",
    ),
    "system_aliases": (
        "source external_name",
        "source:=garak|promptfoo|pyrit|inspect|attempts|defectdojo|jira|github!"
        " external_name:text! system_id:>systems! system_version:text configuration:text"
        " match:=exact|pattern",
    ),
    "deployments": (
        "deployment_id",
        "deployment_id:text! system_id:>systems!"
        " deployment_type:=new_system|major_update|minor_update! deployed_at:at!"
        " system_version:text",
    ),
    "input_vectors": (
        "input_vector_id",
        "input_vector_id:text! system_id:>systems!"
        " vector_type:=user_prompt|file_upload|api_parameter|retrieved_document|tool_output|other!"
        " identified_at:at! removed_at:at",
    ),
    "assessments": (
        "assessment_id",
        "assessment_id:text! system_id:>systems! tier:=quick_scan|standard|comprehensive!"
        " requested_at:at! deployment_id:>deployments planned_start_at:at started_at:at"
        " report_delivered_at:at cancelled_at:at",
    ),
    "assessment_techniques": (
        "assessment_id technique_id",
        "assessment_id:>assessments! technique_id:text! is_applicable:boolean!"
        " is_tested:boolean! not_applicable_reason:text",
    ),
    "assessment_input_vectors": (
        "assessment_id input_vector_id",
        "assessment_id:>assessments! input_vector_id:>input_vectors! tested_at:at",
    ),
    "findings": (
        "finding_id",
        f"finding_id:text! system_id:>systems! title:text! severity:={SEVERITY}|informational!"
        " vulnerability_class:text! reported_at:at! assessment_id:>assessments technique_id:text"
        " owasp_id:text detection_source:=manual|automated impact_claimed:boolean"
        " impact_confirmed:boolean duplicate_of:>findings tool:text attack:text"
        " source_run_id:text",
    ),
    "finding_events": (
        "finding_id event_at event_type",
        f"finding_id:>findings! event_type:={EVENT_TYPES}! event_at:at!"
        f" new_severity:={SEVERITY}|informational"
        " reason:=validity|severity|duplicate|scope|other run_id:text expires_at:at note:text",
    ),
    "assessment_runs": ("assessment_id run_id", "assessment_id:>assessments! run_id:text!"),
    "regression_tests": (
        "regression_test_id",
        "regression_test_id:text! finding_id:>findings! added_at:at! removed_at:at last_run_at:at",
    ),
    "scans": (
        "scan_id",
        "scan_id:text! system_id:>systems! started_at:at! completed_at:at tool:text"
        " status:=completed|failed|aborted",
    ),
    "team_capacity": ("month", "month:month! fte_testers:number! capacity_hours:number!"),
    "effort": (
        "effort_id",
        "effort_id:text! worked_on:day! hours:number! mode:=automated|manual!"
        " assessment_id:>assessments",
    ),
    "costs": (
        "cost_id",
        "cost_id:text! incurred_on:day! amount:number! currency:=EUR!"
        " category:=people|tooling|external|other",
    ),
    "incidents": (
        "incident_id",
        "incident_id:text! system_id:>systems! occurred_at:at! vulnerability_class:text!"
        f" severity:={SEVERITY} title:text",
    ),
    "annotations": (
        "annotation_id",
        "annotation_id:text! metric_id:text! period_start:day! text:text! author:text",
    ),
    "benchmarks": (
        "benchmark_id",
        "benchmark_id:text! metric_id:text! value:number! source:text! year:integer!"
        " population:text comparability_note:text",
    ),
    "control_evidence": (
        "framework control_id evidenced_on",
        "framework:=nist_ai_rmf|eu_ai_act|owasp_llm|iso_42001! control_id:text!"
        " evidenced_on:day! system_id:>systems assessment_id:>assessments"
        " status:=met|partially_met|not_met",
    ),
    "finding_state_map": (
        "source project field value",
        "source:=defectdojo|jira|github! project:text! field:text! value:text!"
        f" on_enter:={EVENT_TYPES}|closed|is_finding|not_a_finding|duplicate|out_of_scope"
        f" on_leave:={EVENT_TYPES} reason:=validity|severity|duplicate|scope|other",
    ),
    "finding_field_map": (
        "source project attribute field value",
        "source:=defectdojo|jira|github! project:text! attribute:text! field:text! value:text!"
        " attribute_value:text precedence:integer",
    ),
}
REQUIRED_ATTEMPT_COLUMNS = {"run_id", "target_name", "attack", "outcome"}
ATTEMPT_COLUMNS = REQUIRED_ATTEMPT_COLUMNS | {
    "attempted_at",
    "target_version",
    "configuration",
    "is_control",
    "prompt_id",
    "technique_id",
    "vulnerability_class",
    "judge",
    "tool",
}

INTENDED_FAULTS = Counter(
    {
        ("finding_events.csv", "bad_timestamp"): 1,
        ("finding_events.csv", "dangling_reference"): 1,
        ("finding_events.csv", "unknown_value"): 1,
        ("scans-2025.csv", "ragged_row"): 1,
        ("scans-2025.csv", "bad_timestamp"): 1,
        ("effort.csv", "negative_number"): 1,
    }
)


class Line(NamedTuple):
    """One line of a register: where it stands, its header and its cells."""

    file_name: str
    columns: list[str]
    cells: list[str]

    @property
    def row(self) -> dict[str, str]:
        return dict(zip(self.columns, self.cells, strict=True))


def register_files(register: str) -> list[Path]:
    return sorted([*PROGRAM.glob(f"{register}.csv"), *PROGRAM.glob(f"{register}-*.csv")])


def lines(register: str) -> Iterator[Line]:
    for path in register_files(register):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            columns = next(reader)
            for cells in reader:
                yield Line(path.name, columns, cells)


def column_types(register: str) -> dict[str, str]:
    return dict(column.split(":", 1) for column in CONTRACT[register][1].split())


def _is_instant(text: str) -> bool:
    pattern = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?"
    if not re.fullmatch(pattern, text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _fault_of_value(kind: str, text: str) -> str | None:
    """Return what is wrong with one cell that is not empty; references are looked at later."""
    if kind.startswith("="):
        return None if text in kind[1:].split("|") else "unknown_value"
    if kind in ("at", "day", "month"):
        if not _is_instant(text):
            return "bad_timestamp"
        return "not_first_day" if kind == "month" and not text.endswith("-01") else None
    if kind == "boolean":
        return None if text.lower() in ("true", "false") else "bad_boolean"
    if kind in ("number", "integer"):
        return "negative_number" if float(text) < 0 else None
    return None


def _fault_of_line(register: str, line: Line, keys: Mapping[str, set[str]]) -> str | None:
    if len(line.cells) != len(line.columns):
        return "ragged_row"
    types = column_types(register)
    for column, text in line.row.items():
        kind = types[column]
        if not text and kind.endswith("!"):
            return "missing_value"
        if text and (fault := _fault_of_value(kind.rstrip("!"), text)):
            return fault
    for column, text in line.row.items():
        kind = types[column].rstrip("!")
        if text and kind.startswith(">") and text not in keys[kind[1:]]:
            return "dangling_reference"
    return None


@pytest.fixture(scope="module")
def keys() -> dict[str, set[str]]:
    referenced = ("systems", "deployments", "assessments", "input_vectors", "findings")
    return {name: {line.cells[0] for line in lines(name)} for name in referenced}


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    landing = tmp_path_factory.mktemp("landing")
    command = [sys.executable, "-m", "sample.generate", "--landing", str(landing)]
    subprocess.run(command, cwd=ROOT, check=True)
    return landing


def _synthetic_files(landing: Path) -> dict[str, bytes]:
    files = (path for path in landing.rglob("*") if path.is_file())
    names = {path.relative_to(landing).as_posix(): path for path in files}
    return {
        name: gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
        for name, path in names.items()
        if not name.startswith(REAL_FILES)
    }


def test_generating_again_changes_no_byte(regenerated: Path) -> None:
    assert _synthetic_files(regenerated) == _synthetic_files(LANDING)


def test_gzip_carries_no_time_stamp() -> None:
    for path in (LANDING / "attempts").glob("*.gz"):
        assert path.read_bytes()[4:8] == bytes(4)


def test_as_of_is_one_iso_date() -> None:
    assert (LANDING / "as_of").read_bytes() == b"2026-11-22\n"


def test_sizes_stay_small() -> None:
    sizes = {path: path.stat().st_size for path in LANDING.rglob("*") if path.is_file()}
    attempts = sum(size for path, size in sizes.items() if path.parent.name == "attempts")
    assert sum(sizes.values()) < MAX_SAMPLE_BYTES
    assert attempts < MAX_ATTEMPTS_BYTES


@pytest.mark.parametrize("register", CONTRACT)
def test_header_names_the_contract_columns(register: str) -> None:
    assert register_files(register)
    for path in register_files(register):
        header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        assert sorted(header) == sorted(column_types(register)), path.name


def test_no_other_file_lies_among_the_registers() -> None:
    known = {path for register in CONTRACT for path in register_files(register)}
    assert set(PROGRAM.iterdir()) == known


def test_only_the_intended_rows_are_broken(keys: dict[str, set[str]]) -> None:
    faults: Counter[tuple[str, str]] = Counter()
    rows: Counter[str] = Counter()
    for register in CONTRACT:
        for line in lines(register):
            rows[line.file_name] += 1
            if fault := _fault_of_line(register, line, keys):
                faults[line.file_name, fault] += 1
    assert faults == INTENDED_FAULTS
    for file_name, _ in faults:
        broken = sum(count for (name, _), count in faults.items() if name == file_name)
        assert broken / rows[file_name] < 0.01, file_name


@pytest.mark.parametrize("register", CONTRACT)
def test_keys_repeat_only_where_a_delivery_corrects(register: str) -> None:
    key_columns = CONTRACT[register][0].split()
    places = Counter(
        tuple(line.row[column] for column in key_columns)
        for line in lines(register)
        if len(line.cells) == len(line.columns)
    )
    repeated = [key for key, count in places.items() if count > 1]
    assert len(repeated) == (4 if register == "findings" else 0)


def test_corrections_change_what_was_first_filed() -> None:
    deliveries: dict[str, list[dict[str, str]]] = {}
    for line in lines("findings"):
        deliveries.setdefault(line.file_name, []).append(line.row)
    earlier = {row["finding_id"]: row for row in deliveries["findings-2025-12.csv"]}
    corrected = [
        (earlier[row["finding_id"]], row)
        for row in deliveries["findings-2026-06.csv"]
        if row["finding_id"] in earlier
    ]
    assert {old["system_id"] for old, _ in corrected} == {"rag-search", "fraud-triage"}
    for old, new in corrected:
        changed = {column for column in old if old[column] != new[column]}
        assert changed <= {"severity", "vulnerability_class", "technique_id"}
        assert changed


def _instants(register: str, column: str) -> Iterator[datetime]:
    for line in lines(register):
        if len(line.cells) == len(line.columns) and _is_instant(line.row[column]):
            yield datetime.fromisoformat(line.row[column]).replace(tzinfo=None)


def test_nothing_has_happened_after_as_of() -> None:
    plans = {"planned_start_at", "expires_at"}
    for register in CONTRACT:
        for column, kind in column_types(register).items():
            if kind.rstrip("!") in ("at", "day", "month") and column not in plans:
                assert max(_instants(register, column), default=AS_OF) <= AS_OF, column


def test_dates_of_a_row_are_in_order() -> None:
    reported = {line.row["finding_id"]: line.row["reported_at"] for line in lines("findings")}
    for line in lines("assessments"):
        row = line.row
        assert row["requested_at"] <= (row["report_delivered_at"] or row["requested_at"])
    for line in lines("finding_events"):
        row = line.row
        if row["finding_id"] in reported and row["event_at"].startswith("20"):
            assert row["event_at"] >= reported[row["finding_id"]]


def test_every_step_of_a_life_occurs() -> None:
    seen = {line.row["event_type"] for line in lines("finding_events")}
    assert set(EVENT_TYPES.split("|")) <= seen


def test_atlas_ids_are_spelled_like_atlas_ids() -> None:
    for line in chain(lines("assessment_techniques"), lines("findings")):
        assert re.fullmatch(r"AML\.T\d{4}(\.\d{3})?", line.row["technique_id"])


def attempt_rows() -> Iterator[dict[str, str]]:
    for path in sorted((LANDING / "attempts").iterdir()):
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
        if path.name.endswith(".csv"):
            yield from csv.DictReader(text.splitlines())
        else:
            yield from map(json.loads, text.splitlines())


@pytest.fixture(scope="module")
def attempts() -> list[dict[str, str]]:
    return list(attempt_rows())


def test_attempts_keep_their_contract(attempts: list[dict[str, str]]) -> None:
    for row in attempts:
        assert set(row) <= ATTEMPT_COLUMNS
        assert all(row.get(column) for column in REQUIRED_ATTEMPT_COLUMNS)
        assert row["outcome"] in ("success", "resisted", "undetermined", "error")
        assert row.get("is_control", "") in ("", "true", "false")
        assert _is_instant(row["attempted_at"])
        assert datetime.fromisoformat(row["attempted_at"]).replace(tzinfo=None) < AS_OF


def test_the_suite_is_broad_and_long(attempts: list[dict[str, str]]) -> None:
    targets = {re.split("@|-build-", row["target_name"])[0] for row in attempts}
    months_seen = {row["attempted_at"][:7] for row in attempts}
    assert len(targets) >= 12
    assert len(months_seen) >= 12
    assert {row["outcome"] for row in attempts if row.get("is_control")} >= {"success", "resisted"}


def _success_rate(rows: list[dict[str, str]], *, when: Callable[[date], bool]) -> float:
    tries = [
        row["outcome"]
        for row in rows
        if not row.get("is_control")
        and row["target_name"].startswith("card-dispute-agent@")
        and when(date.fromisoformat(row["attempted_at"][:10]))
    ]
    return tries.count("success") / (tries.count("success") + tries.count("resisted"))


def test_story_of_the_guardrail_shows(attempts: list[dict[str, str]]) -> None:
    guarded, updated = date(2025, 11, 4), date(2026, 5, 5)
    before = _success_rate(attempts, when=lambda day: day < guarded)
    behind = _success_rate(attempts, when=lambda day: guarded <= day < updated)
    after = _success_rate(attempts, when=lambda day: day >= updated)
    assert behind < 0.6 * before
    assert after > 0.9 * before


def test_story_of_the_untested_launch_shows() -> None:
    deployed = {line.row["deployment_id"]: line.row["deployed_at"] for line in lines("deployments")}
    reports = [
        line.row["report_delivered_at"]
        for line in lines("assessments")
        if line.row["system_id"] == "loan-advisor" and line.row["report_delivered_at"]
    ]
    assert min(reports) > deployed["DEP-loan-advisor-1.0.0"]


def test_story_of_the_overdue_criticals_shows() -> None:
    criticals = {
        line.row["finding_id"]
        for line in lines("findings")
        if line.row["system_id"] == "wealth-assistant"
        and line.row["severity"] == "critical"
        and line.row["reported_at"] > "2026-06"
    }
    steps = {
        line.row["event_type"]
        for line in lines("finding_events")
        if line.row["finding_id"] in criticals
    }
    assert len(criticals) == 4
    assert steps == {"accepted"}


def test_stories_of_missing_deliveries_show() -> None:
    capacity = {line.row["month"] for line in lines("team_capacity")}
    assert not capacity & {"2025-07-01", "2025-08-01", "2025-09-01"}
    assert max(_instants("scans", "started_at")) < datetime(2026, 6, 20)
