"""How long a page takes to draw again, beside an empty page that asks for the same data.

    python -m benchmarks.page_rerun [--runs 30] [--page overview]

Every page of the published generation (AISM_WAREHOUSE_DIR) is drawn until its data are kept, then
again and again in turns with two others: an empty page that makes every call of app.data which the
page makes when nothing is kept, and the page with its charts left out. All run as Streamlit runs
them for a test, without a browser. The figures to quote are ratios of one run: seconds say more
about the machine. On a busy machine single runs wait for others, which the 95th percentiles show
first; the ratio of processor time suffers least.
"""

from __future__ import annotations

import argparse
import inspect
import logging
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final
from unittest.mock import patch

from streamlit.elements.vega_charts import VegaChartsMixin
from streamlit.testing.v1 import AppTest

from app import data
from app.components.sheet import forget
from app.navigation import PAGES

WARM_UP: Final = 2
SECONDS: Final = 120
GOAL: Final = 2.0

Setting = AbstractContextManager[Any]
AS_IT_IS: Final = nullcontext()
NO_CHARTS: Final = patch.object(VegaChartsMixin, "_vega_lite_chart", lambda *_, **__: None)

Call = tuple[Callable[..., object], tuple[object, ...], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of the runs of a script: by the clock, and of the processor."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def p95(self) -> float:
        """Seconds that 19 of 20 runs keep to."""
        return statistics.quantiles(self.wall, n=20, method="inclusive")[-1]


def main() -> None:
    """Measure every page and print one table; see the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=30, help="timed runs of each page")
    parser.add_argument("--page", choices=[module for module, _, _ in PAGES], help="only this one")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)  # Streamlit says on every run that there is no browser
    if data.published() is None:
        raise SystemExit("Nothing to draw: run `aism build` first.")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{asked.runs} runs of each, {os.cpu_count()} processors, load {load:.1f} at the start\n")
    print(
        "| page | data calls | empty, p95 ms | page, p95 ms | ratio | of medians "
        "| of processor medians | to the page without charts |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for module, title, _ in PAGES:
        if asked.page in (None, module):
            print(_row(module, title, asked.runs), flush=True)
    print(f"\nGoal: a ratio of at most {GOAL:g}.")


def _row(module: str, title: str, runs: int) -> str:
    calls = calls_of(module)
    empty = AppTest.from_function(ask, args=(calls,))
    page, base, bare = timed(
        [(page_of(module), AS_IT_IS), (empty, AS_IT_IS), (page_of(module), NO_CHARTS)], runs
    )
    medians = statistics.median(page.wall) / statistics.median(base.wall)
    processor = statistics.median(page.processor) / statistics.median(base.processor)
    return (
        f"| {title} | {len(calls)} | {1000 * base.p95:.0f} | {1000 * page.p95:.0f} "
        f"| {page.p95 / base.p95:.1f} | {medians:.1f} | {processor:.1f} "
        f"| {page.p95 / bare.p95:.1f} |"
    )


def page_of(module: str) -> AppTest:
    """Return a page as a script."""
    return AppTest.from_string(f"from app.app_pages import {module}\n{module}.show()")


def ask(calls: object) -> None:  # sent as text, so it knows no name of this module
    for function, positional, named in calls:  # type: ignore[attr-defined]
        function(*positional, **named)


def calls_of(module: str) -> list[Call]:
    """Return what a page asks of app.data when it is drawn."""
    calls: list[Call] = []
    forget()
    with _recorded(calls):
        page = page_of(module).run(timeout=SECONDS)
    if page.exception:
        raise SystemExit(f"{module} cannot be drawn: {page.exception[0].message}")
    return calls


@contextmanager
def _recorded(calls: list[Call]) -> Iterator[None]:
    """Note every call that goes through app.data by its name, as pages make them."""
    originals = {
        name: function
        for name in data.__all__
        if callable(function := getattr(data, name)) and not inspect.isclass(function)
    }

    def noting(function: Callable[..., object]) -> Callable[..., object]:
        @wraps(function)
        def noted(*positional: Any, **named: Any) -> object:
            calls.append((function, positional, named))
            return function(*positional, **named)

        return noted

    for name, function in originals.items():
        setattr(data, name, noting(function))
    try:
        yield
    finally:
        for name, function in originals.items():
            setattr(data, name, function)


def timed(scripts: list[tuple[AppTest, Setting]], runs: int) -> list[Times]:
    """Return the times of each script in its setting, in turns so that all meet one machine."""
    times = [Times() for _ in scripts]
    for number in range(WARM_UP + runs):
        for (script, setting), taken in zip(scripts, times, strict=True):
            with setting:
                wall, processor = time.perf_counter(), time.process_time()
                script.run(timeout=SECONDS)
                wall, processor = time.perf_counter() - wall, time.process_time() - processor
            if script.exception:
                raise SystemExit(f"A page cannot be drawn: {script.exception[0].message}")
            if number >= WARM_UP:
                taken.wall.append(wall)
                taken.processor.append(processor)
    return times


if __name__ == "__main__":
    main()
