"""Each check warns of the fault it is for, of nothing else, and passes what is honest."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Callable

import pytest

from aism.deliveries.results import Status
from tests.python.deliveries.conftest import AS_OF, CLASSES, Deliveries, findings

SECOND = "program/findings-2026-06.csv"
Fault = Callable[[Deliveries], object]


def test_honest_deliveries_pass_every_check(deliveries: Deliveries) -> None:
    passed = {check.check_name for check in deliveries.check() if check.status is Status.PASSED}
    assert deliveries.warnings() == {}
    assert passed == {
        *("completeness", "quarantined_share", "row_count", "freshness", "columns", "values")
    }


@pytest.mark.parametrize(
    ("fault", "check", "observed"),
    [
        pytest.param(
            lambda d: d.put(SECOND, findings("B", month=6, severity="bad")),
            "quarantined_share",
            "1 of 12 rows (8.33%)",
            id="a row held back",
        ),
        pytest.param(
            lambda d: d.put(SECOND, findings("B", 25, month=6)),
            "row_count",
            "25 rows, 2.08 times program/findings-2026-05.csv",
            id="too many rows",
        ),
        pytest.param(
            lambda d: d.put(SECOND, findings("B", 5, month=6)),
            "row_count",
            "5 rows, 0.42 times program/findings-2026-05.csv",
            id="too few rows",
        ),
        pytest.param(
            lambda d: d.put(SECOND, findings("B", month=6, technique="")),
            "columns",
            "technique_id is never filled",
            id="a column no longer filled",
        ),
        pytest.param(
            lambda d: d.put(SECOND, findings("B", month=6, extra=(",cvss", ",9"))),
            "columns",
            "extra columns: cvss",
            id="a column nobody knows",
        ),
        pytest.param(
            lambda d: d.put(SECOND, findings("B", month=6, classes=[*CLASSES, "new\x1b[31m"])),
            "values",
            "vulnerability_class new\\u{1b}[31m (25% of the rows)",
            id="a label never seen",
        ),
    ],
)
def test_a_fault_is_warned_of(
    deliveries: Deliveries, fault: Fault, check: str, observed: str
) -> None:
    fault(deliveries)
    assert deliveries.warnings() == {(check, SECOND): observed}


def test_a_delivery_at_the_limits_passes(deliveries: Deliveries) -> None:
    deliveries.put(SECOND, findings("B", 24, month=6))
    assert deliveries.warnings() == {}


def test_a_late_source_is_warned_of_on_the_day_after(deliveries: Deliveries) -> None:
    newest = dt.date(2026, 6, 12)
    assert deliveries.warnings(newest + dt.timedelta(days=45)) == {}
    assert deliveries.warnings(newest + dt.timedelta(days=46)) == {
        ("freshness", "program/findings"): "newest entry 2026-06-12, 46 d old"
    }


def test_what_is_dated_after_the_day_does_not_make_a_source_fresh(deliveries: Deliveries) -> None:
    checks = deliveries.check(dt.date(2026, 5, 31))
    fresh = {check.source: check.observed for check in checks if check.check_name == "freshness"}
    assert fresh["program/findings"] == "newest entry 2026-05-12, 19 d old"


def test_a_file_that_is_cut_or_not_read_is_warned_of(deliveries: Deliveries) -> None:
    attempt = {
        "run_id": "R1",
        "target_name": "bot",
        "attack": "probe",
        "outcome": "resisted",
        "attempted_at": "2026-06-20T08:00:00Z",
    }
    lines = "".join(json.dumps(attempt | {"prompt_id": str(n)}) + "\n" for n in range(5000))
    whole = gzip.compress(lines.encode())
    deliveries.put("attempts/suite-a.jsonl.gz", whole)
    deliveries.put("attempts/suite-b.jsonl.gz", whole[: len(whole) // 2])
    link = deliveries.settings.landing / "attempts" / "link.jsonl"
    link.symlink_to(deliveries.settings.landing / "attempts" / "suite-a.jsonl.gz")
    incomplete = {
        name: observed
        for (check, name), observed in deliveries.warnings().items()
        if check == "completeness"
    }
    assert incomplete.keys() == {"attempts/suite-b.jsonl.gz", "attempts/link.jsonl"}
    assert incomplete["attempts/link.jsonl"] == "not read"


def test_nothing_to_compare_with_is_not_applicable(deliveries: Deliveries) -> None:
    statuses = {
        (check.check_name, check.file_name or check.source): check.status
        for check in deliveries.check()
    }
    first = "program/findings-2026-05.csv"
    assert {statuses[check, first] for check in ("row_count", "columns", "values")} == {
        Status.NOT_APPLICABLE
    }
    assert statuses["freshness", "program/costs"] is Status.NOT_APPLICABLE  # never delivered


def test_only_names_that_differ_in_digits_are_compared(deliveries: Deliveries) -> None:
    deliveries.put("program/findings-pilot-2026-06.csv", findings("C", 1, month=6))
    assert deliveries.warnings() == {}


def test_a_delivery_without_rows_is_no_measure_for_the_next(deliveries: Deliveries) -> None:
    deliveries.put("program/findings-2026-04.csv", findings("Z", 0, month=4))
    assert deliveries.warnings() == {}


def test_unknown_files_are_no_deliveries(deliveries: Deliveries) -> None:
    deliveries.put("notes.txt", "hello")
    deliveries.put("as_of", AS_OF.isoformat())
    assert {check.source for check in deliveries.check()}.isdisjoint({"unknown", "as_of"})


def test_an_empty_landing_folder_has_only_sources_to_judge(deliveries: Deliveries) -> None:
    for file in (deliveries.settings.landing / "program").iterdir():
        file.unlink()
    checks = deliveries.check()
    assert {check.status for check in checks} == {Status.NOT_APPLICABLE}
    assert {check.file_name for check in checks} == {None}
