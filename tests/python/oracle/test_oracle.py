"""Hand-worked cases for the reference implementation itself."""

from __future__ import annotations

import csv
import gzip
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from .compare import compare, compare_files, compare_quarantine
from .landing import (
    FaultError,
    Landing,
    Rates,
    parse_number,
    parse_timestamp,
    read_landing,
    resolve_target,
)
from .metrics import METRICS, add_months
from .organisation import write
from .rollup import (
    Key,
    MetricValue,
    Tally,
    Target,
    clustered_wilson,
    metric_values,
    percentile,
    status,
    t_critical,
    wilson,
)

Row = dict[str, str]
AS_OF = date(2025, 3, 10)


class Case:
    """A landing folder of a few rows, and what becomes of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.as_of = AS_OF
        self.rates: Rates = {}

    def put(self, register: str, *rows: Row, name: str = "") -> Case:
        """Write a register; without rows it is present and empty."""
        header = list(dict.fromkeys(column for row in rows for column in row))
        path = self.folder / "program" / (name or f"{register}.csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header or EMPTY[register], restval="")
            writer.writeheader()
            writer.writerows(rows)
        return self

    def text(self, name: str, content: bytes | str) -> Case:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def landing(self) -> Landing:
        return read_landing(self.folder, self.rates)

    def values(self, metric_id: str) -> dict[Key, MetricValue]:
        return metric_values(self.landing(), self.as_of, [metric_id])

    def row(
        self, metric_id: str, start: str, segment: str = "all=all", grain: str = "month"
    ) -> MetricValue:
        dimension, value = segment.split("=")
        key = Key(metric_id, grain, date.fromisoformat(start), dimension, value)
        return self.values(metric_id)[key]

    def sums(self, metric_id: str, start: str, segment: str = "all=all") -> tuple[Any, Any]:
        row = self.row(metric_id, start, segment)
        return row.numerator, row.denominator


EMPTY = {
    "finding_events": ["finding_id", "event_type", "event_at"],
    "findings": [
        "finding_id",
        "system_id",
        "title",
        "severity",
        "vulnerability_class",
        "reported_at",
    ],
    "assessments": ["assessment_id", "system_id", "tier", "requested_at"],
    "assessment_input_vectors": ["assessment_id", "input_vector_id"],
    "regression_tests": ["regression_test_id", "finding_id", "added_at"],
}


def system(system_id: str, risk_tier: str = "high", **cells: str) -> Row:
    row = {
        "system_id": system_id,
        "system_name": system_id,
        "risk_tier": risk_tier,
        "provider": "internal",
        "owner_team": "",
        "onboarded_at": "",
        "in_production_from": "2025-01-01",
        "retired_at": "",
    }
    return {**row, **cells}


def assessment(assessment_id: str, system_id: str, delivered: str, **cells: str) -> Row:
    row = {
        "assessment_id": assessment_id,
        "system_id": system_id,
        "tier": "standard",
        "requested_at": "2024-01-01",
        "report_delivered_at": delivered,
        "deployment_id": "",
        "cancelled_at": "",
    }
    return {**row, **cells}


def finding(finding_id: str, reported_at: str, severity: str = "high", **cells: str) -> Row:
    row = {
        "finding_id": finding_id,
        "system_id": "S1",
        "title": "A finding",
        "severity": severity,
        "vulnerability_class": "llm01",
        "reported_at": reported_at,
        "duplicate_of": "",
    }
    return {**row, **cells}


def event(finding_id: str, event_type: str, event_at: str) -> Row:
    return {"finding_id": finding_id, "event_type": event_type, "event_at": event_at}


def attempt(run_id: str, outcome: str, **cells: str) -> Row:
    row = {
        "run_id": run_id,
        "target_name": "bot",
        "attack": "dan",
        "outcome": outcome,
        "attempted_at": "2025-02-03T10:00:00Z",
        "prompt_id": "",
        "is_control": "",
    }
    return {**row, **cells}


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path).put("systems", system("S1"))


def life(case: Case, *events: tuple[str, str], reported: str = "2025-01-01") -> Case:
    """One high finding F1 (due 30 days after its report) and its events."""
    case.put("findings", finding("F1", reported))
    return case.put("finding_events", *(event("F1", kind, at) for kind, at in events))


# --- values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2024-02-29", datetime(2024, 2, 29)),
        ("2024-01-01T10:00", datetime(2024, 1, 1, 10)),
        ("2024-01-01 10:00:05.25", datetime(2024, 1, 1, 10, 0, 5, 250_000)),
        ("2024-01-01T00:30:00+02:00", datetime(2023, 12, 31, 22, 30)),
        ("2024-02-28T23:00-0530", datetime(2024, 2, 29, 4, 30)),
        ("2024-01-01T01:00+09", datetime(2023, 12, 31, 16)),
    ],
)
def test_timestamps(cell: str, instant: datetime) -> None:
    assert parse_timestamp(cell) == instant


@pytest.mark.parametrize(
    "cell",
    ["2023-02-29", "2024-1-1", "2024-01-01T10", "2024-01-01Z", "2024-01-01T24:00", " 2024-01-01"],
)
def test_no_timestamps(cell: str) -> None:
    with pytest.raises(FaultError, match="bad_timestamp"):
        parse_timestamp(cell)


@pytest.mark.parametrize(
    ("cell", "reason"), [("1,5", "bad_number"), ("NaN", "nan_or_infinity"), ("1_0", "bad_number")]
)
def test_no_numbers(cell: str, reason: str) -> None:
    with pytest.raises(FaultError, match=reason):
        parse_number(cell)


def test_months_are_clipped() -> None:
    assert add_months(datetime(2024, 2, 29), 12) == datetime(2025, 2, 28)
    assert add_months(datetime(2028, 2, 29), -12) == datetime(2027, 2, 28)
    assert add_months(datetime(2024, 12, 31), 2) == datetime(2025, 2, 28)
    assert add_months(datetime(2024, 1, 1), -1) == datetime(2023, 12, 1)


# --- statistics, against the worked numbers of the method page ----------------------------------


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (1, 20, 0.008881, 0.236131),
        (0, 20, 0, 0.161125),
        (20, 20, 0.838875, 1),
        (3, 5, 0.230724, 0.882379),
    ],
)
def test_wilson(k: int, n: int, low: float, high: float) -> None:
    assert wilson(k / n, n) == pytest.approx((low, high), abs=1e-6)


def test_clustered_wilson() -> None:
    ten_prompts = [(k, 20) for k in (0, 0, 0, 0, 0, 0, 1, 2, 7, 14)]
    assert clustered_wilson(ten_prompts) == pytest.approx((0.0313, 0.3650), abs=1e-4)
    assert clustered_wilson([(0, 20)] * 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert clustered_wilson([(3, 6)]) == wilson(0.5, 1)


def test_clusters_of_one_attempt_are_a_plain_sample() -> None:
    # Design effect n/(n-1) for clusters of one: n_eff = n - 1.
    single = clustered_wilson([(1, 1)] * 3 + [(0, 1)] * 7)
    assert single == pytest.approx(wilson(0.3, 9, t_critical(9)))


@pytest.mark.parametrize(
    ("degrees", "critical"), [(1, 12.7062047), (2, 4.3026527), (9, 2.2621572), (30, 2.0422725)]
)
def test_t_critical(degrees: int, critical: float) -> None:
    assert t_critical(degrees) == pytest.approx(critical, abs=1e-7)


def test_percentile() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2.5
    assert percentile([10, 20], 0.9) == pytest.approx(19)
    assert percentile([7], 0.9) == 7
    assert percentile([], 0.5) is None


# --- coverage ---------------------------------------------------------------------------------


def test_coverage_of_systems_in_production(case: Case) -> None:
    case.put(
        "systems",
        system("S1", in_production_from="2024-06-01"),
        system("S2", "medium", in_production_from="2024-02-29", retired_at="2025-02-01"),
        system("S3", "low", in_production_from=""),
        system("S4", "low", in_production_from="2025-03-11"),
    )
    case.put("assessments", assessment("A1", "S1", "2024-03-01"))
    metric = "system_test_coverage_rate"
    # T = 1 February: S2 retires at T, so it still is; S1 was tested within [2024-02-01, T).
    assert case.sums(metric, "2025-01-01") == (1, 2)
    assert case.sums(metric, "2025-02-01") == (1, 1)  # the window begins with the delivery
    assert case.sums(metric, "2025-03-01") == (0, 1)  # T = 11 March: a year and ten days ago
    quarter = case.row(metric, "2025-01-01", grain="quarter")
    assert (quarter.numerator, quarter.denominator, quarter.is_partial_period) == (0, 1, True)
    year = case.row(metric, "2024-03-01", grain="trailing_12_months")
    assert (year.value, year.period_end) == (100, date(2025, 3, 1))
    weighted = case.row(metric + "_risk_weighted", "2025-01-01")
    assert (weighted.numerator, weighted.denominator) == (5, 8)
    first = min(key.period_start for key in case.values(metric) if key.period_grain == "month")
    assert first == date(2024, 2, 1)


def test_a_system_in_production_from_t_is_not_yet(case: Case) -> None:
    case.put("systems", system("S1"), system("S2", in_production_from="2025-02-01"))
    case.put("assessments", assessment("A1", "S1", "2025-01-01"))
    assert case.sums("system_test_coverage_rate", "2025-01-01") == (1, 1)
    assert case.sums("system_test_coverage_rate", "2025-02-01") == (1, 2)


@pytest.mark.parametrize(("count", "wanted"), [(4, "undecided"), (5, "met")])
def test_four_things_decide_nothing(case: Case, count: int, wanted: str) -> None:
    names = [f"S{number}" for number in range(count)]
    case.put("systems", *(system(name) for name in names))
    # A report may be delivered on the instant of its request.
    case.put(
        "assessments",
        *(assessment("A" + name, name, "2025-01-05", requested_at="2025-01-05") for name in names),
    )
    row = case.row("system_test_coverage_rate", "2025-01-01")
    assert (row.value, row.target_status) == (100, wanted)


def test_an_assessment_of_a_leap_day_window(case: Case) -> None:
    case.as_of = date(2028, 2, 28)
    case.put("assessments", assessment("A1", "S1", "2027-02-28"))
    assert case.sums("system_test_coverage_rate", "2028-02-01") == (1, 1)


def test_cancelled_assessments_are_not_delivered(case: Case) -> None:
    case.put(
        "assessments",
        assessment("A1", "S1", "2025-01-05", cancelled_at="2025-01-04"),
        assessment("A2", "S1", "2025-01-05", cancelled_at="2025-03-11"),  # after as_of: null
    )
    row = case.row("time_to_assessment", "2025-01-01")
    assert (row.numerator, row.denominator) == (370, 1)


def test_pre_deployment(case: Case) -> None:
    def deployment(number: int, kind: str) -> Row:
        return {
            "deployment_id": f"D{number}",
            "system_id": "S1",
            "deployment_type": kind,
            "deployed_at": "2025-02-10T12:00",
        }

    case.put(
        "deployments",
        deployment(1, "new_system"),
        deployment(2, "major_update"),
        deployment(3, "major_update"),
        deployment(4, "minor_update"),
    )
    case.put(
        "assessments",
        assessment("A1", "S1", "2025-02-10T12:00", deployment_id="D1"),
        assessment("A2", "S1", "2025-02-10T12:00:01", deployment_id="D2"),
        assessment("A3", "S1", "2025-01-01"),
        assessment("A4", "S1", "2025-01-01", deployment_id="D4"),
    )
    assert case.sums("pre_deployment_test_rate", "2025-02-01") == (1, 3)
    high = case.row("pre_deployment_test_rate", "2025-02-01", "risk_tier=high")
    assert (high.target_low, high.target_status) == (100, "undecided")  # fewer than five


def test_technique_coverage(case: Case) -> None:
    def technique(technique_id: str, applicable: str, tested: str) -> Row:
        return {
            "assessment_id": "A1",
            "technique_id": technique_id,
            "is_applicable": applicable,
            "is_tested": tested,
        }

    case.put("assessments", assessment("A1", "S1", "2025-02-05", tier="comprehensive"))
    case.put(
        "assessment_techniques",
        technique("T1", "true", "TRUE"),
        technique("T2", "true", "false"),
        technique("T3", "false", "true"),
    )
    metric = "technique_coverage_rate"
    assert case.sums(metric, "2025-02-01") == (1, 2)
    assert case.row(metric, "2025-02-01", "tier_and_risk=comprehensive/high").target_low == 90
    assert case.sums(metric, "2025-02-01", "technique=T2") == (0, 1)


def test_input_vectors(case: Case) -> None:
    def vector(number: int, removed: str = "") -> Row:
        return {
            "input_vector_id": f"V{number}",
            "system_id": "S1",
            "vector_type": "other",
            "identified_at": "2025-01-15",
            "removed_at": removed,
        }

    case.put(
        "input_vectors",
        vector(1),
        vector(2),
        vector(3, "2025-02-28T23:59:59"),
        vector(4, "2025-03-01"),  # at T of February, not before
    )
    case.put(
        "assessments",
        assessment("A1", "S1", "2025-02-10"),
        assessment("A2", "S1", "2025-02-10", cancelled_at="2025-02-11"),
    )
    case.put(
        "assessment_input_vectors",
        {"assessment_id": "A1", "input_vector_id": "V1", "tested_at": ""},
        {"assessment_id": "A2", "input_vector_id": "V2", "tested_at": "2025-02-01"},
        {"assessment_id": "A2", "input_vector_id": "V4", "tested_at": ""},
    )
    metric = "input_vector_coverage_rate"
    assert case.sums(metric, "2025-01-01") == (0, 4)
    assert case.sums(metric, "2025-02-01") == (2, 3)  # V2 whatever became of A2, V4 not


def test_vectors_of_a_system_in_production_from_t_are_not_due(case: Case) -> None:
    case.put("systems", system("S1", in_production_from="2025-02-01"))
    case.put(
        "input_vectors",
        {
            "input_vector_id": "V1",
            "system_id": "S1",
            "vector_type": "other",
            "identified_at": "2025-01-15",
        },
    )
    case.put("assessments").put("assessment_input_vectors")
    values = case.values("input_vector_coverage_rate")
    months = {key.period_start for key in values if key.period_grain == "month"}
    assert months == {date(2025, 2, 1), date(2025, 3, 1)}
    assert case.sums("input_vector_coverage_rate", "2025-02-01") == (0, 1)


def test_scan_slots(case: Case) -> None:
    case.as_of = date(2025, 3, 16)
    case.put(
        "systems",
        system("S1", in_production_from="2025-03-01T00:00:01", retired_at="2025-03-05"),
        system("S2", "medium", in_production_from="2025-03-03"),
        system("S3", "low"),
    )
    case.put(
        "scans",
        scan("N1", "S1", "2025-03-02T00:00:00"),
        scan("N2", "S1", "2025-03-03T23:59:59.999999"),
        scan("N3", "S1", "2025-03-04", status="failed"),
        scan("N4", "S2", "2025-03-10T00:00:00+01:00"),  # Sunday the 9th in UTC
    )
    metric = "automated_scan_frequency"
    assert case.sums(metric, "2025-03-01", "system=S1") == (2, 3)  # 2, 3 and 4 March
    assert case.sums(metric, "2025-03-01", "system=S2") == (1, 2)
    assert case.sums(metric, "2025-03-01", "risk_tier=medium") == (1, 2)
    interval = case.row("scan_interval_days", "2025-03-01")
    assert interval.denominator == 1
    assert interval.value == pytest.approx(2, abs=1e-9)


def scan(scan_id: str, system_id: str, started_at: str, status: str = "completed") -> Row:
    return {
        "scan_id": scan_id,
        "system_id": system_id,
        "started_at": started_at,
        "status": status,
    }


def test_a_week_cut_by_as_of_is_no_slot(case: Case) -> None:
    case.as_of = date(2025, 3, 15)  # a Saturday
    case.put("systems", system("S2", "medium", in_production_from="2025-03-03"))
    case.put("scans", scan("N1", "S2", "2025-03-12"))
    assert case.sums("automated_scan_frequency", "2025-03-01") == (0, 1)


def test_regression_tests(case: Case) -> None:
    life(case, ("retest_passed", "2025-01-20"))
    case.put(
        "regression_tests",
        {
            "regression_test_id": "R1",
            "finding_id": "F1",
            "added_at": "2025-02-01",
            "removed_at": "2025-03-01",
        },
    )
    metric = "regression_test_coverage_rate"
    assert case.sums(metric, "2025-01-01") == (0, 1)  # added at T, not before
    assert case.sums(metric, "2025-02-01") == (1, 1)  # removed at T, not before
    assert case.sums(metric, "2025-03-01") == (0, 1)


# --- findings ---------------------------------------------------------------------------------


def test_excluded_findings_are_in_no_metric(case: Case) -> None:
    case.put(
        "findings",
        finding("F1", "2025-01-03", "informational"),
        finding("F2", "2025-01-04", duplicate_of="F1"),
        finding("F3", "2025-01-05", "low"),
        finding("F4", "2025-01-06", "critical"),
        finding("F5", "2025-03-11", "critical"),  # after as_of
    )
    row = case.row("critical_high_finding_rate", "2025-01-01")
    assert (row.numerator, row.denominator, row.value) == (1, 2, 50)
    assert (row.target_low, row.target_high, row.target_status) == (10, 50, "undecided")
    assert case.sums("novel_finding_rate", "2025-01-01") == (1, 2)
    with pytest.raises(KeyError):
        case.row("finding_acceptance_rate", "2025-01-01")  # no events register: not measured


def test_the_lesser_id_of_one_instant_is_the_novel_one(case: Case) -> None:
    case.put("findings", finding("F2", "2025-01-05", "low"), finding("F1", "2025-01-05"))
    assert case.sums("novel_finding_rate", "2025-01-01", "severity=high") == (1, 1)
    assert case.sums("novel_finding_rate", "2025-01-01", "severity=low") == (0, 1)


def test_novel_findings_break_ties_by_id(case: Case) -> None:
    case.put(
        "findings",
        finding("F2", "2025-01-05T12:00"),
        finding("F1", "2025-01-05T13:00+01:00"),
        finding("F3", "2025-01-05", vulnerability_class="unknown"),
        finding("F4", "2025-01-05", vulnerability_class="LLM01"),
        finding("F0", "2014-12-31", vulnerability_class="LLM01"),  # before history
    )
    assert case.sums("novel_finding_rate", "2025-01-01") == (2, 3)
    assert case.sums("critical_high_finding_rate", "2025-01-01") == (4, 4)


@pytest.mark.parametrize(
    ("events", "verdict"),
    [
        ([], "undecided"),
        (["severity_changed", "retest_passed", "reopened"], "undecided"),
        (["accepted"], "accepted"),
        (["disputed"], "disputed"),
        (["disputed", "dispute_rejected"], "accepted"),
        (["accepted", "false_positive"], "false positive"),
        (["false_positive", "remediation_claimed"], "accepted"),
        (["risk_accepted", "risk_acceptance_expired"], "accepted"),
    ],
)
def test_verdicts(case: Case, events: list[str], verdict: str) -> None:
    life(case, *((kind, f"2025-01-{day:02}") for day, kind in enumerate(events, start=2)))
    rates = {
        "finding_acceptance_rate": "accepted",
        "finding_dispute_rate": "disputed",
        "false_positive_rate": "false positive",
    }
    for metric, wanted in rates.items():
        assert case.sums(metric, "2025-01-01") == (float(verdict == wanted), 1)
    decided = case.values("finding_decided_acceptance_rate")
    assert bool(decided) == (verdict in ("accepted", "false positive"))


def test_verdict_of_events_of_one_instant(case: Case) -> None:
    life(case, ("false_positive", "2025-01-02"), ("accepted", "2025-01-02"))
    assert case.sums("false_positive_rate", "2025-01-01") == (1, 1)


def test_exploitability(case: Case) -> None:
    case.put(
        "findings",
        finding("F1", "2025-01-02", impact_claimed="true", impact_confirmed="true"),
        finding("F2", "2025-01-02", impact_claimed="True", impact_confirmed=""),
        finding("F3", "2025-01-02", impact_claimed="", impact_confirmed="true"),
    )
    assert case.sums("confirmed_exploitability_rate", "2025-01-01") == (1, 2)


@pytest.mark.parametrize(
    ("events", "days"),
    [
        ([("retest_passed", "2025-01-11")], 10),
        ([("retest_passed", "2025-01-11"), ("retest_passed", "2025-01-21")], 10),
        ([("retest_passed", "2025-01-11"), ("reopened", "2025-01-12")], None),
        (
            [
                ("retest_passed", "2025-01-11"),
                ("reopened", "2025-01-12"),
                ("retest_passed", "2025-01-21"),
            ],
            20,
        ),
        ([("retest_passed", "2025-01-11"), ("remediation_claimed", "2025-01-12")], None),
        ([("retest_passed", "2025-01-11"), ("retest_failed", "2025-01-12")], None),
        ([("retest_failed", "2025-01-11"), ("retest_passed", "2025-01-11")], 10),
        ([("retest_passed", "2025-01-11"), ("reopened", "2025-01-11")], None),
        ([("remediation_claimed", "2025-01-11"), ("retest_passed", "2025-01-11")], 10),
        ([("retest_passed", "2025-01-01")], 0),
        ([("retest_passed", "2025-01-11"), ("false_positive", "2025-01-12")], None),
        ([("retest_passed", "2025-01-11"), ("risk_accepted", "2025-01-12")], None),
        (
            [
                ("retest_passed", "2025-01-11"),
                ("risk_accepted", "2025-01-12"),
                ("risk_acceptance_expired", "2025-01-13"),
            ],
            10,
        ),
        (
            [
                ("retest_passed", "2025-01-11"),
                ("false_positive", "2025-01-12"),
                ("dispute_rejected", "2025-01-13"),
            ],
            10,
        ),
        ([("retest_passed", "2025-03-11")], None),  # after as_of
    ],
)
def test_confirmed_fix(case: Case, events: list[tuple[str, str]], days: float | None) -> None:
    life(case, *events)
    values = case.values("mean_time_to_remediate")
    if days is None:
        assert not values
    else:
        row = case.row("mean_time_to_remediate", "2025-01-01", "severity=high")
        assert (row.value, row.median, row.p90, row.target_high) == (days, days, days, 30)


def test_due_at_itself_is_in_time(case: Case) -> None:
    case.put(
        "findings",
        finding("F1", "2025-01-01T10:00"),
        finding("F2", "2025-01-01T10:00"),
        finding("F3", "2025-01-01T10:00", "critical"),
        finding("F4", "2025-01-01T10:00", "low"),  # due on 30 June, after as_of
    )
    case.put(
        "finding_events",
        event("F1", "retest_passed", "2025-01-31T10:00"),
        event("F2", "retest_passed", "2025-01-31T10:00:01"),
    )
    assert case.sums("remediation_completion_rate", "2025-01-01") == (1, 4)
    assert case.sums("remediation_sla_attainment_rate", "2025-01-01") == (1, 3)
    with pytest.raises(KeyError):
        case.row("remediation_sla_attainment_rate", "2025-06-01")


def test_a_finding_due_at_the_end_of_as_of_has_not_matured(case: Case) -> None:
    case.put("findings", finding("F1", "2025-02-09"), finding("F2", "2025-02-08T23:59:59"))
    case.put("finding_events")
    assert case.sums("remediation_sla_attainment_rate", "2025-03-01") == (0, 1)
    assert case.sums("remediation_completion_rate", "2025-02-01") == (0, 2)


def test_the_days_of_two_findings_are_a_mean_with_median_and_p90(case: Case) -> None:
    case.put("findings", finding("F1", "2025-02-01"), finding("F2", "2025-02-01T12:00"))
    case.put(
        "finding_events",
        event("F1", "retest_passed", "2025-02-02"),
        event("F2", "retest_passed", "2025-02-04"),
    )
    row = case.row("mean_time_to_remediate", "2025-02-01")
    assert (row.value, row.median) == (1.75, 1.75)
    assert row.p90 == pytest.approx(1 + 0.9 * 1.5)


def test_open_findings_at_the_end_of_each_month(case: Case) -> None:
    life(
        case,
        ("retest_passed", "2025-02-05"),
        ("reopened", "2025-03-02"),
        reported="2025-01-02",  # due 1 February: not before T of January
    )
    metric = "open_overdue_findings"
    january, march = case.row(metric, "2025-01-01"), case.row(metric, "2025-03-01")
    assert (january.value, january.denominator, january.sample_size) == (0, None, 1)
    february = case.row(metric, "2025-02-01")
    assert (february.value, february.sample_size) == (0, 0)
    assert (march.value, march.previous_value, march.change) == (1, 0, 1)


def test_a_risk_accepted_finding_is_open(case: Case) -> None:
    life(case, ("retest_passed", "2025-01-05"), ("risk_accepted", "2025-01-06"))
    assert case.row("open_overdue_findings", "2025-02-01").value == 1


def test_claims_and_their_retests(case: Case) -> None:
    life(
        case,
        ("remediation_claimed", "2025-01-05"),  # not verified before the next claim
        ("remediation_claimed", "2025-01-10"),
        ("retest_failed", "2025-02-11"),
        ("retest_passed", "2025-02-12"),
        ("remediation_claimed", "2025-02-20"),
        ("retest_passed", "2025-02-20"),
    )
    assert case.sums("remediation_verification_rate", "2025-01-01") == (1, 2)
    assert case.sums("remediation_verification_rate", "2025-02-01") == (1, 1)
    assert case.sums("fix_effectiveness_rate", "2025-02-01") == (1, 2)
    assert case.row("time_to_claimed_fix", "2025-02-01").value == 50
    assert case.row("mean_time_to_remediate", "2025-02-01").value == 50


def test_reopened_within_ninety_days(case: Case) -> None:
    case.as_of = date(2025, 5, 30)  # passes up to 2 March 00:00 have had their 90 days
    case.put("findings", *(finding(f"F{number}", "2025-01-01") for number in range(1, 5)))
    case.put(
        "finding_events",
        event("F1", "retest_passed", "2025-02-01"),
        event("F1", "reopened", "2025-05-02"),  # 90 days later
        event("F2", "retest_passed", "2025-02-01"),
        event("F2", "reopened", "2025-05-02T00:00:01"),
        event("F3", "retest_passed", "2025-03-02"),
        event("F4", "retest_passed", "2025-03-02T00:00:01"),
    )
    assert case.sums("reopen_rate", "2025-02-01") == (1, 2)
    assert case.sums("reopen_rate", "2025-03-01") == (0, 1)


def test_density_counts_a_segment_against_all_systems(case: Case) -> None:
    case.put("systems", system("S1"), system("S2", "low"))
    case.put(
        "findings",
        finding("F1", "2025-01-05"),
        finding("F2", "2025-01-06", "low", system_id="S2"),
    )
    metric = "vulnerability_density"
    row = case.row(metric, "2025-01-01")
    assert (row.numerator, row.sample_size) == (2, 2)
    assert row.denominator == pytest.approx(2 / 3)
    assert case.row(metric, "2025-01-01", "severity=high").value == pytest.approx(1.5)
    assert case.row(metric, "2025-01-01", "system=S2").value == pytest.approx(3)
    assert case.row(metric, "2025-02-01").value == 0  # systems, and no finding
    quarter = case.row(metric, "2025-01-01", grain="quarter")
    assert quarter.value == pytest.approx(1)  # 2 findings in 2 system-quarters


def test_recurrence(case: Case) -> None:
    case.put(
        "systems",
        system("S1", onboarded_at="2024-02-29", in_production_from="2024-06-01"),
        system("S2", onboarded_at="2020-01-01", in_production_from="2020-01-01"),
        system("S3", in_production_from=""),
    )
    case.put(
        "findings",
        finding("F1", "2024-01-05", system_id="S2"),
        finding("F2", "2025-02-27T23:59:59"),  # within 12 months of 29 February
        finding("F3", "2025-02-28", vulnerability_class="llm02"),  # 12 months have passed
        finding("F4", "2025-01-10", system_id="S3"),  # no first 12 months known
        finding("F5", "2025-02-01", vulnerability_class="llm05"),
        finding("F6", "2025-02-01", vulnerability_class="llm05", system_id="S2"),  # same instant
    )
    case.put("finding_events", event("F1", "retest_passed", "2025-02-27T23:59:59"))
    assert case.sums("recurrence_rate", "2025-02-01") == (1, 2)
    assert case.sums("remediated_recurrence_rate", "2025-02-01") == (0, 2)  # fixed not before
    case.put("finding_events", event("F1", "false_positive", "2025-03-01"))
    assert case.sums("recurrence_rate", "2025-02-01") == (1, 2)  # F4 of S3 was before it too


def test_incidents(case: Case) -> None:
    def incident(number: int, occurred_at: str, known_class: str) -> Row:
        return {
            "incident_id": f"I{number}",
            "system_id": "S1",
            "occurred_at": occurred_at,
            "vulnerability_class": known_class,
            "severity": "",
        }

    case.put("findings", finding("F1", "2025-01-05"))
    case.put(
        "incidents",
        incident(1, "2025-01-05", "llm01"),
        incident(2, "2025-01-05T00:00:01", "llm01"),
        incident(3, "2025-01-06", "llm09"),
        incident(4, "2025-01-06", "unknown"),
    )
    assert case.sums("production_incident_correlation", "2025-01-01") == (1, 3)
    assert case.sums("production_incident_correlation", "2025-01-01", "severity=unknown") == (1, 3)


# --- efficiency -------------------------------------------------------------------------------


def capacity(month: str, fte: str) -> Row:
    return {"month": month, "fte_testers": fte, "capacity_hours": "100"}


def test_throughput(case: Case) -> None:
    case.put(
        "assessments",
        assessment("A1", "S1", "2025-01-10"),
        assessment("A2", "S1", "2025-01-20", tier="quick_scan"),
    )
    case.put("team_capacity", capacity("2025-01-01", "3"), capacity("2025-02-01", "6"))
    metric = "assessment_throughput"
    row = case.row(metric, "2025-01-01")
    assert (row.numerator, row.denominator, row.value, row.sample_size) == (2, 1, 2, 2)
    assert case.row(metric, "2025-01-01", "assessment_tier=standard").value == 1
    empty = case.row(metric, "2025-02-01")
    assert (empty.numerator, empty.denominator, empty.value) == (0, 2, 0)
    march = case.row(metric, "2025-03-01")
    assert (march.denominator, march.value, march.previous_value) == (0, None, 0)
    quarter = case.row(metric, "2025-01-01", grain="quarter")
    assert (quarter.numerator, quarter.denominator, quarter.value) == (2, 3, None)


def test_cost_per_finding(case: Case) -> None:
    def cost(number: int, day: str, amount: str, currency: str = "EUR") -> Row:
        return {
            "cost_id": f"C{number}",
            "incurred_on": day,
            "amount": amount,
            "currency": currency,
        }

    case.rates = {"USD": [(datetime(2024, 1, 1), 0.5), (datetime(2025, 1, 2), 0.8)]}
    case.put(
        "costs",
        cost(1, "2025-01-01", "100", "USD"),  # at 0.5
        cost(2, "2025-01-02", "100", "USD"),  # at 0.8
        cost(3, "2025-01-31", "70"),
        cost(4, "2023-12-31", "10", "USD"),  # no rate yet
        cost(5, "2025-03-01", "60"),
    )
    case.put("findings", finding("F1", "2025-01-05"), finding("F2", "2025-02-05"))
    case.put(
        "finding_events",
        event("F1", "accepted", "2025-01-06"),
        event("F2", "accepted", "2025-02-06"),
    )
    metric = "cost_per_finding"
    assert case.row(metric, "2025-01-01").value == pytest.approx(200)
    february, march = case.row(metric, "2025-02-01"), case.row(metric, "2025-03-01")
    assert (february.numerator, february.denominator, february.value) == (0, 1, None)
    assert (march.numerator, march.denominator, march.value) == (60, 0, None)
    quarter = case.row(metric, "2025-01-01", grain="quarter")
    assert quarter.value == pytest.approx(130)
    assert {key.segment_dimension for key in case.values(metric)} == {"all"}
    assert [entry.reason for entry in case.landing().quarantine] == ["no_exchange_rate"]


def test_automation_ratio(case: Case) -> None:
    case.put("assessments", assessment("A1", "S1", "2025-01-10"))
    case.put(
        "effort",
        {
            "effort_id": "E1",
            "worked_on": "2025-01-31",
            "hours": "2.5",
            "mode": "automated",
            "assessment_id": "A1",
        },
        {
            "effort_id": "E2",
            "worked_on": "2025-01-31",
            "hours": "7.5",
            "mode": "manual",
            "assessment_id": "",
        },
    )
    assert case.row("automation_ratio", "2025-01-01").value == 25
    assert case.sums("automation_ratio", "2025-01-01", "assessment_tier=unknown") == (0, 7.5)


# --- attempts ---------------------------------------------------------------------------------


def put_attempts(case: Case, *rows: Row, name: str = "attempts/a.csv") -> None:
    case.put("system_aliases", {"source": "attempts", "external_name": "bot", "system_id": "S1"})
    case.put("attempts", *rows, name=f"../{name}")


def test_attack_success(case: Case) -> None:
    put_attempts(
        case,
        attempt("r1", "success", prompt_id="p1"),
        attempt("r1", "resisted", prompt_id="p1"),
        attempt("r1", "resisted", prompt_id="p2", attempted_at=""),
        attempt("r1", "resisted", prompt_id="p3", target_name="stranger"),
        attempt("r1", "undetermined"),
        attempt("r1", "error"),
        attempt("r1", "success", is_control="true"),
        attempt("r2", "success", attempted_at=""),  # a run without any time
        attempt("r3", "success", attempted_at="2025-03-11"),  # after as_of
    )
    metric = "attack_success_rate"
    assert case.sums(metric, "2025-02-01") == (1, 4)
    assert case.sums(metric, "2025-02-01", "system=S1") == (1, 3)
    assert case.sums(metric, "2025-02-01", "risk_tier=unknown") == (0, 1)
    assert case.sums("over_refusal_rate", "2025-02-01") == (1, 1)
    row = case.row(metric, "2025-02-01", "system=S1")
    # Clusters (1 of 2) and (0 of 1): p 1/3; squares 1/9 + 1/9; se2 = 2 * 2/9 / 9 = 4/81.
    # deff = 4/81 / (2/9/3) = 2/3, so n_eff stays 3; t(1) = 12.7062.
    low, high = wilson(1 / 3, 3, t_critical(1))
    assert (row.interval_low, row.interval_high) == pytest.approx((100 * low, 100 * high))


def test_attempts_without_prompt_are_one_cluster_for_run_and_attack(case: Case) -> None:
    put_attempts(case, *(attempt("r1", "resisted") for _ in range(40)))
    row = case.row("attack_success_rate", "2025-02-01")
    assert row.interval_high == pytest.approx(100 * 0.793451, abs=1e-4)  # 0 of 1


def test_a_later_file_replaces_a_run(case: Case) -> None:
    put_attempts(case, attempt("r1", "success"), attempt("r2", "success"), attempt("r3", "success"))
    case.text(
        "attempts/b.jsonl.gz",
        gzip.compress(
            b'{"run_id": "r1", "target_name": "bot", "attack": "dan", "outcome": "resisted",'
            b' "attempted_at": "2025-02-03", "prompt_id": 7}\n'
            b'{"run_id": "r2", "target_name": "bot", "attack": "dan", "outcome": "won"}\n'
            b"not json\n"
        ),
    )
    assert case.sums("attack_success_rate", "2025-02-01") == (2, 3)
    landing = case.landing()
    first = landing.files["attempts/a.csv"]
    assert (first.rows_read, first.rows_loaded, first.rows_superseded) == (3, 2, 1)
    assert [entry.reason for entry in landing.quarantine] == ["unknown_value", "not_json"]
    assert [row["prompt_id"] for row in landing.attempts] == [None, None, "7"]


def test_targets() -> None:
    def alias(name: str, system_id: str, match: str | None = None) -> dict[str, Any]:
        return {
            "source": "attempts",
            "external_name": name,
            "system_id": system_id,
            "system_version": None,
            "match": match,
        }

    aliases = [
        alias("bot", "S1"),
        alias("bot@2", "S2"),
        alias(r"chat-v(?P<version>\d+)", "S3", "pattern"),
        {**alias("other", "S4"), "source": "garak"},
    ]
    assert resolve_target(aliases, "bot") == ("S1", None)
    assert resolve_target(aliases, "bot@1.4") == ("S1", "1.4")
    assert resolve_target(aliases, "bot@2") == ("S2", None)
    assert resolve_target(aliases, "chat-v12") == ("S3", "12")
    assert resolve_target(aliases, "chat-v12b") == (None, None)
    assert resolve_target(aliases, "other") == (None, None)
    assert resolve_target(aliases, "S5@3", {"S5"}) == ("S5", "3")
    assert resolve_target(aliases, "S5", {"S5"}) == (None, None)


# --- roll-up ----------------------------------------------------------------------------------


def test_missing_attributes_are_unknown_and_segments_add_up(case: Case) -> None:
    case.put("systems", system("S1", owner_team="Red"), system("S2"), system("S3"))
    case.put("assessments", assessment("A1", "S2", "2025-01-05"))
    metric = "system_test_coverage_rate"
    assert case.sums(metric, "2025-01-01", "owner_team=unknown") == (1, 2)
    assert case.sums(metric, "2025-01-01", "owner_team=Red") == (0, 1)
    assert case.sums(metric, "2025-01-01", "business_unit=unknown") == (1, 3)


def test_all_has_a_row_for_every_period_and_segments_where_seen(case: Case) -> None:
    case.put("findings", finding("F1", "2025-01-05"), finding("F2", "2025-03-05", "low"))
    values = case.values("critical_high_finding_rate")
    february = case.row("critical_high_finding_rate", "2025-02-01")
    assert (february.value, february.numerator, february.denominator) == (None, 0, 0)
    assert (february.target_status, february.interval_low) == ("not_measured", None)
    months = {
        key.period_start
        for key in values
        if key.period_grain == "month" and key.segment_dimension == "severity"
    }
    assert months == {date(2025, 1, 1), date(2025, 3, 1)}
    march = case.row("critical_high_finding_rate", "2025-03-01")
    assert (march.value, march.previous_value, march.change) == (0, None, None)
    year = case.row("critical_high_finding_rate", "2024-04-01", grain="trailing_12_months")
    assert (year.numerator, year.denominator, year.previous_value) == (1, 2, 100)


def test_a_month_that_as_of_ends_is_complete(case: Case) -> None:
    case.as_of = date(2025, 2, 28)
    case.put("findings", finding("F1", "2025-02-28T23:59:59"))
    assert not case.row("critical_high_finding_rate", "2025-02-01").is_partial_period
    assert case.row("critical_high_finding_rate", "2025-01-01", grain="quarter").is_partial_period


@pytest.mark.parametrize(
    ("verdict", "count", "wanted"),
    [
        ("false_positive", 5, "missed"),
        ("accepted", 73, "met"),  # upper end 3.8415 / (73 + 3.8415) = 4.9993 %
        ("accepted", 72, "undecided"),
        ("accepted", 4, "undecided"),
    ],
)
def test_status_with_an_interval(case: Case, verdict: str, count: int, wanted: str) -> None:
    names = [f"F{number:03}" for number in range(count)]
    case.put("findings", *(finding(name, "2025-01-05") for name in names))
    case.put("finding_events", *(event(name, verdict, "2025-01-06") for name in names))
    row = case.row("false_positive_rate", "2025-01-01")
    assert row.target_status == wanted


@pytest.mark.parametrize(
    ("target", "value", "interval", "wanted"),
    [
        (Target("all", "all", high=5, below=True), 5, None, "missed"),
        (Target("all", "all", high=5, below=True), 4.9, None, "met"),
        (Target("all", "all", high=7), 7, None, "met"),
        (Target("all", "all", low=10, high=50), 10, None, "met"),
        (Target("all", "all", low=10, high=50), 50, None, "met"),
        (Target("all", "all", low=10, high=50), 30, (9.0, 40.0), "undecided"),
        (Target("all", "all", low=10, high=50), 60, (50.1, 70.0), "missed"),
        (Target("all", "all", low=10, high=50), 30, (10.0, 50.0), "met"),
        (Target("all", "all", low=90), 95, (90.0, 99.0), "met"),
        (Target("all", "all", low=90), 80, (70.0, 90.0), "undecided"),
        (Target("all", "all", low=90), None, None, "not_measured"),
        (None, 5, None, "no_target"),
    ],
)
def test_target_status(
    target: Target | None, value: float | None, interval: tuple[float, float] | None, wanted: str
) -> None:
    low, high = interval or (None, None)
    assert status(target, value, low, high, Tally(sample_size=10)) == wanted


def test_immature_periods_are_undecided(case: Case) -> None:
    names = [f"F{number:03}" for number in range(60)]
    case.put("findings", *(finding(name, "2025-01-05") for name in names))
    events = [event(name, "accepted", "2025-01-06") for name in names]
    case.put("finding_events", *events)
    assert case.row("finding_acceptance_rate", "2025-01-01").target_status == "met"
    case.put("finding_events", *events[1:])
    assert case.row("finding_acceptance_rate", "2025-01-01").target_status == "undecided"
    completion = case.row("remediation_completion_rate", "2025-01-01", "severity=high")
    assert completion.target_status == "missed"
    case.as_of = date(2025, 2, 3)  # due on 4 February
    immature = case.row("remediation_completion_rate", "2025-01-01", "severity=high")
    assert (immature.target_status, immature.value) == ("undecided", 0)


# --- landing ----------------------------------------------------------------------------------


def test_later_deliveries_win_unless_quarantined(case: Case) -> None:
    case.put("findings", finding("F1", "2025-01-05", "low"), finding("F2", "2025-01-05", "low"))
    case.put(
        "findings",
        finding("F1", "2025-01-05", "high"),
        finding("F2", "2025-01-05", "severe"),
        name="findings-2025-02.csv",
    )
    landing = case.landing()
    severities = {row["finding_id"]: row["severity"] for row in landing.rows("findings")}
    assert severities == {"F1": "high", "F2": "low"}
    assert landing.files["program/findings.csv"].rows_superseded == 1
    held = [(one.file_name, one.line_number, one.column_name) for one in landing.quarantine]
    assert held == [("program/findings-2025-02.csv", 3, "severity")]


def test_children_of_a_quarantined_row_dangle(case: Case) -> None:
    case.put("assessments", assessment("A1", "nobody", "2025-01-05"))
    case.put(
        "findings",
        finding("F1", "2025-01-05", assessment_id="A1"),
        finding("F2", "2025-01-05", duplicate_of="F1"),
        finding("F3", "2025-01-05", duplicate_of="F3"),
    )
    case.put("finding_events", event("F2", "accepted", "2025-01-01"))
    landing = case.landing()
    assert [one.column_name for one in landing.quarantine] == [
        "system_id",
        "finding_id",
        "assessment_id",
        "duplicate_of",
    ]
    assert {one.reason for one in landing.quarantine} == {"dangling_reference"}
    assert [row["finding_id"] for row in landing.rows("findings")] == ["F3"]


def test_references_into_a_missing_register_are_not_checked(case: Case) -> None:
    case.put("findings", finding("F1", "2025-01-05", assessment_id="A1"))
    assert not case.landing().quarantine
    case.put("assessments")
    assert [one.reason for one in case.landing().quarantine] == ["dangling_reference"]


def test_orders_of_dates(case: Case) -> None:
    case.put("assessments", assessment("A1", "S1", "2023-12-31T23:59:59"))
    life(case, ("accepted", "2024-12-31T23:59:59"), ("disputed", "2025-01-01"))
    assert sorted(one.reason for one in case.landing().quarantine) == [
        "delivered_before_request",
        "event_before_report",
    ]


def test_physical_lines_blank_lines_and_ragged_rows(case: Case) -> None:
    case.text(
        "program/incidents.csv",
        b"\xef\xbb\xbfincident_id,system_id,occurred_at,vulnerability_class,title\r\n"
        b'I1,S1,2025-01-05,llm01,"two\nlines, ""quoted"""\r\n'
        b"\r\n"
        b"I2,S1,2025-01-05\r\n"
        b"I3,S1,2025-01-05,llm01,caf\xe9\r\n",
    )
    landing = case.landing()
    assert [(one.line_number, one.reason) for one in landing.quarantine] == [
        (5, "ragged_row"),
        (6, "bad_utf8"),
    ]
    assert landing.rows("incidents")[0]["title"] == 'two\nlines, "quoted"'


def test_a_bad_header_makes_a_register_missing(case: Case) -> None:
    case.text("program/findings.csv", "finding_id,system_id\nF1,S1\nF2,S1\n")
    landing = case.landing()
    assert "findings" in landing.missing
    assert [one.reason for one in landing.quarantine] == ["bad_header", "bad_header"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (capacity("2025-01-02", "1"), ("month", "not_first_day")),
        (capacity("2025-01-01", "-1"), ("fte_testers", "negative_number")),
        (capacity("2025-01-01", "nan"), ("fte_testers", "nan_or_infinity")),
        (capacity("2025-01-01", ""), ("fte_testers", "missing_value")),
        (capacity("2025-01-32", "-1"), ("month", "bad_timestamp")),
    ],
)
def test_faults_in_column_order(case: Case, row: Row, fault: tuple[str, str]) -> None:
    case.put("team_capacity", row)
    (entry,) = case.landing().quarantine
    assert (entry.column_name, entry.reason) == fault


# --- organisations ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_organisations_reconcile_and_are_repeatable(tmp_path: Path, seed: int) -> None:
    as_of = write(tmp_path / "one", seed)
    assert write(tmp_path / "two", seed) == as_of
    names = sorted(path.relative_to(tmp_path / "one") for path in tmp_path.glob("one/**/*.*"))
    assert all(
        (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        for name in names
    )
    landing = read_landing(tmp_path / "one")
    for counts in landing.files.values():
        explained = counts.rows_loaded + counts.rows_superseded + counts.rows_quarantined
        assert counts.rows_read == explained
    measured = {key.metric_id for key in metric_values(landing, as_of)}
    assert measured == set(METRICS)


@pytest.mark.parametrize(("systems", "findings"), [(0, 0), (1, 1)])
def test_small_organisations(tmp_path: Path, systems: int, findings: int) -> None:
    as_of = write(tmp_path, 5, systems=systems, findings=findings, faults=False)
    landing = read_landing(tmp_path)
    assert len(landing.rows("findings")) == findings
    assert metric_values(landing, as_of)


def test_registers_left_out_or_empty(tmp_path: Path) -> None:
    as_of = write(tmp_path, 1, leave_out=["costs"], header_only=["finding_events"])
    landing = read_landing(tmp_path)
    measured = {key.metric_id for key in metric_values(landing, as_of)}
    assert "costs" in landing.missing
    assert not landing.rows("finding_events")
    assert not measured & {"cost_per_finding", "mean_time_to_remediate"}
    assert "finding_acceptance_rate" in measured


# --- the comparison itself ----------------------------------------------------------------------


def publish(database: Path, case: Case, metric_ids: list[str]) -> None:
    """Write the reference rows as if they were a warehouse."""
    columns = [
        *Key._fields,
        *(one.name for one in fields(MetricValue) if one.name != "key"),
    ]
    numbers = "double, " * 3 + "bigint, " + "double, " * 4
    types = (
        "varchar, varchar, date, varchar, varchar, date, boolean, "
        + numbers
        + "varchar, double, double, varchar, double, double"
    ).split(", ")
    landing = case.landing()
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts")
        listed = ", ".join(f"{name} {kind}" for name, kind in zip(columns, types, strict=True))
        connection.execute(f"create table marts.metric_values ({listed})")
        for key, row in metric_values(landing, case.as_of, metric_ids).items():
            cells = [*key, *(getattr(row, name) for name in columns[len(key) :])]
            marks = ", ".join("?" for _ in cells)
            connection.execute(f"insert into marts.metric_values values ({marks})", cells)
        connection.execute(
            "create table marts.quarantined_rows "
            "(file_name varchar, line_number bigint, column_name varchar, reason varchar)"
        )
        for held in landing.quarantine:
            connection.execute("insert into marts.quarantined_rows values (?, ?, ?, ?)", [*held])
        connection.execute(
            "create table marts.landing_files (file_name varchar, rows_read bigint, "
            "rows_loaded bigint, rows_superseded bigint, rows_quarantined bigint)"
        )
        for name, counts in landing.files.items():
            connection.execute(
                "insert into marts.landing_files values (?, ?, ?, ?, ?)",
                [name, *vars(counts).values()],
            )


FEBRUARY = "segment_dimension = 'all' and period_grain = 'month' and period_start = '2025-02-01'"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("select 1", ""),
        ("delete from marts.metric_values where segment_value = 'llm01'", "missing"),
        ("update marts.metric_values set value = value + 1e-6", "value is"),
        ("update marts.metric_values set value = 'nan' where value is null", "value is nan"),
        (f"update marts.metric_values set period_start = '2024-12-01' where {FEBRUARY}", "unexp"),
    ],
)
def test_compare_says_every_difference(case: Case, change: str, said: str) -> None:
    case.put(
        "findings",
        finding("F1", "2025-01-05"),
        finding("F2", "2025-03-05", "low", vulnerability_class="llm02"),
        finding("F3", "2025-03-05", "lower"),
    )
    database = case.folder / "warehouse.duckdb"
    publish(database, case, ["critical_high_finding_rate"])
    with duckdb.connect(str(database)) as connection:
        connection.execute(change)
    found = compare(database, case.folder, case.as_of, ["critical_high_finding_rate"])
    assert bool(found) == bool(said)
    assert any(said in line for line in found) == bool(said)
    if not said:
        assert not compare_quarantine(database, case.folder)
        assert not compare_files(database, case.folder)


def test_compare_allows_rows_of_segment_values_of_other_periods(case: Case) -> None:
    case.put("systems", system("S1"), system("S2", "low"))
    case.put("findings", finding("F1", "2025-01-05"))
    database = case.folder / "warehouse.duckdb"
    publish(database, case, ["vulnerability_density"])
    february = FEBRUARY.replace("'all'", "'severity'")
    insert = (
        "insert into marts.metric_values select * replace ('severity' as segment_dimension, "
        f"'high' as segment_value) from marts.metric_values where {FEBRUARY}"
    )
    with duckdb.connect(str(database)) as connection:
        connection.execute(insert)
    assert not compare(database, case.folder, case.as_of, ["vulnerability_density"])
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"update marts.metric_values set numerator = 1 where {february}")
    assert len(compare(database, case.folder, case.as_of, ["vulnerability_density"])) == 1


def test_compare_says_what_was_held_back_or_lost(case: Case) -> None:
    case.put("findings", finding("F1", "2025-01-05"), finding("F3", "2025-03-05", "lower"))
    database = case.folder / "warehouse.duckdb"
    publish(database, case, ["critical_high_finding_rate"])
    with duckdb.connect(str(database)) as connection:
        connection.execute("update marts.quarantined_rows set line_number = 2")
        connection.execute("update marts.landing_files set rows_loaded = 0 where rows_read = 2")
    assert len(compare_quarantine(database, case.folder)) == 2
    assert len(compare_files(database, case.folder)) == 2
