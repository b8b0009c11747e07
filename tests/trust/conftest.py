"""What both suites share: figures, positive controls, and the report made of them.

A control shows that a check can fail: the beacon that must hit, the mixed generation that the
checker must notice. A test that asks for the fixture `control` and fires none is an error, and
the last line of a run counts them.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from aism.settings import Settings
from tests.python.publish.bench import PROJECT, Bench
from tests.python.whole import SAMPLE, SAMPLE_AS_OF, build_warehouse
from tests.trust import report
from tests.trust.figures import FIGURES

Control = Callable[[str, bool], None]
Measure = Callable[..., None]

LONGEST = (
    *("test_r15", "test_s10", "test_r08", "test_s03", "test_s01", "test_r02", "test_r06"),
    *("test_r04", "test_accessibility", "test_journeys", "test_r05", "test_s04", "test_r13"),
    *("test_s08", "test_r16", "test_r01"),
)
"""Modules that start first, so that no worker is left with one of them at the end.

The first two each make a warehouse that others read: at once, for two workers.
"""

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


@dataclass(frozen=True)
class Built:
    """A landing folder, and what a whole build made of it."""

    landing: Path
    home: Path
    warehouse: Path
    seconds: float


def built_once(folder: Path, build: Callable[[Built], None]) -> Built:
    """Return what is built in a folder by the first worker that asks for it; none may change it."""
    folder.mkdir(parents=True, exist_ok=True)
    found = Built(folder / "landing", folder / "home", folder / "warehouse", 0)
    took = folder / "seconds"
    with FileLock(folder / "lock"):
        if not took.exists():
            began = time.monotonic()
            build(found)
            took.write_text(str(time.monotonic() - began), encoding="ascii")
    return replace(found, seconds=float(took.read_text(encoding="ascii")))


def shared_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> Path:
    """Return a folder of this run that all workers share."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / name


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the sample and its first generation: all models, no tests, deliveries not judged."""

    def build(into: Built) -> None:
        shutil.copytree(SAMPLE, into.landing)
        build_warehouse(
            *(into.landing, into.home, into.warehouse, SAMPLE_AS_OF, "--no-check"), is_tested=False
        )

    given = os.environ.get("AISM_TEST_TRUST_SAMPLE")
    folder = Path(given).absolute() if given else shared_folder(tmp_path_factory, "sample")
    return built_once(folder, build)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        names = (number for number, name in enumerate(LONGEST) if name in item.nodeid)
        return next(names, len(LONGEST))

    items.sort(key=rank)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    modules: dict[str, report.Rows] = {}
    for outcome in ("passed", "failed", "skipped", "error"):
        for told in terminalreporter.stats.get(outcome, []):
            module = modules.setdefault(told.nodeid.partition("::")[0], {})
            row = module.setdefault(report.row_of(told.nodeid), report.Row())
            row.outcomes[outcome] += 1
            if (reason := _reason_of(told)) and reason not in row.reasons:
                row.reasons.append(reason)
            if told.when == "call" and outcome != "skipped":
                _add_properties(modules[told.nodeid.partition("::")[0]], row, told.user_properties)
    rows = [row for module in modules.values() for row in module.values()]
    fired, controls = sum(row.fired for row in rows), sum(row.controls for row in rows)
    terminalreporter.write_line(f"controls fired: {fired}/{controls}")
    if written := os.environ.get("TRUST_REPORT"):
        kept = PROJECT / ".aism" / "trust"
        report.keep(kept, modules, FIGURES)
        (PROJECT / written).write_text(report.render_kept(kept), encoding="utf-8")
        terminalreporter.write_line(f"report: {written}")


def _add_properties(module: report.Rows, row: report.Row, kept: list[tuple[str, Any]]) -> None:
    controls = [has_fired for kind, (*_, has_fired) in _of(kept, CONTROL)]
    row.controls += max(len(controls), len(_of(kept, ASKED)))
    row.fired += sum(controls)
    for _, (name, counts) in _of(kept, MEASURED):
        module.setdefault(name, report.Row()).add_counts(
            {count.replace("_", " "): number for count, number in counts.items()}
        )


def _of(kept: list[tuple[str, Any]], kind: str) -> list[tuple[str, Any]]:
    return [(found, value) for found, value in kept if found == kind]


def _reason_of(told: Any) -> str:
    if told.outcome != "skipped" or not isinstance(told.longrepr, tuple):
        return ""
    return str(told.longrepr[2]).removeprefix("Skipped: ")
