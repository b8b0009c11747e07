"""How long a page takes to draw again, beside an empty page that asks for the same data.

    python -m benchmarks.page_rerun [--runs 30]

Every page of the published generation (AISM_WAREHOUSE_DIR) is drawn until its data are kept, then
again and again in turns with a page that makes the same calls of app.data and draws nothing. Both
run as Streamlit runs them for a test, without a browser. The figure to quote is the ratio of the
two 95th percentiles of one run: seconds say more about the machine.
"""

from __future__ import annotations

import argparse
import inspect
import logging
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final

from streamlit.testing.v1 import AppTest

from app import data
from app.navigation import PAGES

WARM_UP: Final = 2
SECONDS: Final = 120
GOAL: Final = 2.0

Call = tuple[Callable[..., object], tuple[object, ...], dict[str, object]]


def main() -> None:
    """Measure every page and print one table; see the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=30, help="timed runs of each page")
    runs = parser.parse_args().runs
    logging.disable(logging.WARNING)  # Streamlit says on every run that there is no browser
    if data.published() is None:
        raise SystemExit("Nothing to draw: run `aism build` first.")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{runs} runs of each, {os.cpu_count()} processors, load {load:.1f} at the start\n")
    print("| page | data calls | empty, p95 ms | page, p95 ms | ratio | ratio of medians |")
    print("|---|---|---|---|---|---|")
    for module, title, _ in PAGES:
        calls = _calls_of(module)
        page, empty = _timed(_page(module), AppTest.from_function(_ask, args=(calls,)), runs)
        slow, base = _p95(page), _p95(empty)
        medians = statistics.median(page) / statistics.median(empty)
        print(
            f"| {title} | {len(calls)} | {1000 * base:.0f} | {1000 * slow:.0f} "
            f"| {slow / base:.1f} | {medians:.1f} |",
            flush=True,
        )
    print(f"\nGoal: a ratio of at most {GOAL:g}.")


def _page(module: str) -> AppTest:
    return AppTest.from_string(f"from app.app_pages import {module}\n{module}.show()")


def _ask(calls: object) -> None:  # sent as text, so it knows no name of this module
    for function, positional, named in calls:  # type: ignore[attr-defined]
        function(*positional, **named)


def _calls_of(module: str) -> list[Call]:
    """Return what a page asks of app.data when it is drawn."""
    calls: list[Call] = []
    with _recorded(calls):
        page = _page(module).run(timeout=SECONDS)
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


def _timed(page: AppTest, empty: AppTest, runs: int) -> tuple[list[float], list[float]]:
    """Return the seconds of each run of both, taken in turns so that both meet the same machine."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(WARM_UP + runs):
        for script, taken in zip((page, empty), times, strict=True):
            start = time.perf_counter()
            if script.run(timeout=SECONDS).exception:
                raise SystemExit(f"A page cannot be drawn: {script.exception[0].message}")
            if number >= WARM_UP:
                taken.append(time.perf_counter() - start)
    return times


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


if __name__ == "__main__":
    main()
