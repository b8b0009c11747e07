"""What both suites share: figures, positive controls, and the report made of them.

A control shows that a check can fail: the beacon that must hit, the mixed generation that the
checker must notice. A test that asks for the fixture `control` and fires none is an error, and
the last line of a run counts them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aism.settings import Settings
from tests.python.publish.bench import PROJECT, Bench
from tests.trust import report
from tests.trust.figures import FIGURES

Control = Callable[[str, bool], None]
Measure = Callable[..., None]

LONGEST = ("test_r15", "test_r06", "test_r08", "test_r02", "test_r04", "test_r05")
"""Modules that start first, so that no worker is left with one of them at the end."""

CONTROL, ASKED, MEASURED = "control", "asks for a control", "measured"


def record(item: pytest.Item, kind: str, value: object) -> None:
    """Keep something with a test's report: so it comes back from workers, too."""
    item.user_properties.append((kind, value))


@pytest.fixture
def control(request: pytest.FixtureRequest) -> Control:
    """Return what records a positive control: `control("a dropped row is noticed", noticed)`."""

    def fire(name: str, has_fired: bool) -> None:
        record(request.node, CONTROL, [name, bool(has_fired)])
        assert has_fired, f"the control did not fire: {name}"

    record(request.node, ASKED, True)
    return fire


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    yield
    known = {kind for kind, _ in item.user_properties}
    assert ASKED not in known or CONTROL in known, "this test asks for a control and fires none"


@pytest.fixture
def measure(request: pytest.FixtureRequest) -> Measure:
    """Return what records counts of a row of the plan: `measure("R1", kills=30, mixed=0)`.

    Counts of several tests add up; of words the last stays. Names are told with spaces for _.
    """

    def keep(row: str, **counts: int | str) -> None:
        record(request.node, MEASURED, [row, counts])

    return keep


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return a working state and a warehouse to publish on, dbt and landing replaced by fakes."""
    return bench_in(tmp_path)


def bench_in(folder: Path) -> Bench:
    """Return a bench with all its folders below one."""
    (folder / "landing").mkdir(parents=True)
    home, warehouse = folder / "home", folder / "warehouse"
    return Bench(
        Settings(project=PROJECT, landing=folder / "landing", home=home, warehouse=warehouse)
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        names = (number for number, name in enumerate(LONGEST) if name in item.nodeid)
        return next(names, len(LONGEST))

    items.sort(key=rank)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    fired = asked = 0
    rows = report.Rows()
    for outcome in ("passed", "failed", "skipped", "error"):
        for told in terminalreporter.stats.get(outcome, []):
            rows.add_outcome(told.nodeid, outcome, _reason_of(told))
            if told.when != "call" or outcome == "skipped":
                continue
            controls = [value for kind, value in told.user_properties if kind == CONTROL]
            asked += max(len(controls), any(kind == ASKED for kind, _ in told.user_properties))
            fired += sum(has_fired for _, has_fired in controls)
            for kind, value in told.user_properties:
                if kind == MEASURED:
                    rows.add_counts(*value)
    terminalreporter.write_line(f"controls fired: {fired}/{asked}")
    if os.environ.get("TRUST_REPORT"):
        file = PROJECT / os.environ["TRUST_REPORT"]
        file.write_text(report.render(rows, FIGURES, fired, asked), encoding="utf-8")
        terminalreporter.write_line(f"report: {os.environ['TRUST_REPORT']}")


def _reason_of(told: Any) -> str:
    if told.outcome != "skipped" or not isinstance(told.longrepr, tuple):
        return ""
    return str(told.longrepr[2]).removeprefix("Skipped: ")
