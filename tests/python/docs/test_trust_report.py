"""docs/trust-report.md is the table of the last full run: a line for every promise, all kept."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.trust.promises import PROMISES
from tests.trust.report import Row, keep, render, render_kept, result_of, row_of

REPORT = Path(__file__).parents[3] / "docs" / "trust-report.md"
PLAN = [*(f"R{n}" for n in (*range(1, 10), 13, 15, 16)), *(f"S{n}" for n in range(1, 13))]


def lines_of(report: str) -> dict[str, list[str]]:
    """Return the cells of the table by promise."""
    found = [line.strip("|").split("|") for line in report.splitlines() if line[:2] == "| "]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in found}


def test_every_row_of_the_plan_is_a_promise() -> None:
    assert list(PROMISES) == PLAN
    for name, promise in PROMISES.items():
        assert promise.asked, name
        for least in promise.asked.values():
            assert 0 < least[0] <= least[1], name


def test_a_report_names_every_promise_though_nothing_was_run() -> None:
    lines = lines_of(render({}, "", ""))
    for name in PLAN:
        assert lines[name][-1] == "not run"


@pytest.mark.skipif(not REPORT.exists(), reason="no docs/trust-report.md: make trust-full")
def test_the_report_in_the_documentation_keeps_every_promise() -> None:
    lines = lines_of(REPORT.read_text(encoding="utf-8"))
    for name, promise in PROMISES.items():
        title, figures, asked, *_, result = lines[name]
        assert (title, result) == (promise.title, "pass"), name
        for count, least in promise.figures(figures.lower()).items():
            assert f"{count}: {least:,}" in asked, name


@pytest.mark.parametrize(
    ("changed", "result"),
    [
        ({}, "pass"),
        ({"outcomes": Counter(passed=3, failed=1)}, "FAILED"),
        ({"outcomes": Counter(passed=3, error=1)}, "FAILED"),
        ({"outcomes": Counter(skipped=3)}, "not run"),
        ({"counts": {"cells": 39, "formulas": 0}}, "too few"),
        ({"counts": {"formulas": 0}}, "too few"),
        ({"counts": {"cells": 40, "formulas": 1}}, "FAILED"),
        ({"fired": 1}, "no control"),
        ({"fired": 0, "controls": 0}, "no control"),
    ],
)
def test_what_a_row_is_worth(changed: dict[str, object], result: str) -> None:
    whole = {"outcomes": Counter(passed=3), "counts": {"cells": 40}, "fired": 2, "controls": 2}
    assert result_of("S2", Row(**whole | changed)) == result  # type: ignore[arg-type]


def test_the_row_of_a_test() -> None:
    assert row_of("tests/trust/test_r08_orders.py::test_r09_bit_by_bit[0]") == "R9"
    assert row_of("tests/trust/test_r08_orders.py::test_any_order[test_s01_x]") == "R8"
    assert row_of("tests/trust/security/test_s10_supply.py::test_hashes") == "S10"
    assert row_of("tests/trust/security/test_journeys.py::test_open") == "journeys"


def test_a_run_in_pieces_gives_one_table(tmp_path: Path) -> None:
    def row(kills: int, **outcomes: int) -> Row:
        return Row(Counter(outcomes), {"kills": kills}, [], 1, 1)

    keep(tmp_path, {"a/test_r01_kills.py": {"R1": row(4, passed=1, failed=1)}}, "full")
    keep(
        tmp_path,
        {"a/test_r15_restore.py": {"R1": row(3, passed=2), "R15": row(1, passed=1)}},
        "full",
    )
    assert lines_of(render_kept(tmp_path))["R1"][-1] == "FAILED"
    keep(tmp_path, {"a/test_r01_kills.py": {"R1": row(5, passed=2)}}, "ci")
    _, figures, *_, reached, tests, controls, result = lines_of(render_kept(tmp_path))["R1"]
    assert (figures, reached, tests, controls) == ("CI", "kills: 8", "4 passed", "2/2")
    assert result == "too few", "no real build was killed"
