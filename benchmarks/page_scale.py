"""How pages take ten million attempts behind them.

    python -m benchmarks.page_scale [--runs 20] [--attempts 10000000]

Two warehouses are drawn in turns: the published one (AISM_WAREHOUSE_DIR), and a copy whose attack
marts are as if each of its runs had tried so many more prompts that all make ten million attempts:
every row behind an attack metric, one per prompt and judge, stands there as often, under names of
its own, and the counts of runs, weeks, versions and cells are multiplied. Rates, and how many runs,
weeks and cells there are, stay as they were. Nothing is built: this says how pages bear marts of
that size, not how long such marts take.
"""

from __future__ import annotations

import argparse
import logging
import math
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final
from unittest.mock import patch

import duckdb
import streamlit as st
from streamlit.testing.v1 import AppTest

from aism.duck import current_file
from aism.settings import Settings
from app.components.sheet import forget
from app.navigation import PAGES
from benchmarks.page_rerun import SECONDS, Setting, calls_of, page_of, timed

BY_PROMPT: Final = ("metric_observations", "metric_row_names")
"""Marts with a row for each prompt and judge of a run."""

COUNTED: Final = (
    "attack_success_by_run",
    "attack_success_drift",
    "release_gates",
    "technique_coverage_matrix",
)
"""Marts whose rows do not grow in number with attempts."""

GOAL: Final = 1.3


def main() -> None:
    """Scale a copy, draw every page of both, and print one table; see the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20, help="timed runs of each page")
    parser.add_argument("--attempts", type=int, default=10_000_000)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    published = current_file(Settings.from_environment().warehouse)
    if published is None:
        raise SystemExit("Nothing to draw: run `aism build` first.")
    with tempfile.TemporaryDirectory() as folder:
        print(scaled(published, Path(folder), asked.attempts))
        large = patch.dict(os.environ, {"AISM_WAREHOUSE_DIR": folder})
        small = patch.dict(os.environ, {"AISM_WAREHOUSE_DIR": str(published.parent)})
        print(
            "| page | first drawing, ms | with ten million | again, p95 ms | with ten million "
            "| ratio | of medians | of processor medians |"
        )
        print("|---|---|---|---|---|---|---|---|")
        for module, title, _ in PAGES:
            print(_row(module, title, small, large, asked.runs), flush=True)
    print(f"\nGoal: drawn again, a ratio of at most {GOAL:g}.")


def _row(module: str, title: str, small: Setting, large: Setting, runs: int) -> str:
    first = [_first(module, setting) for setting in (small, large)]
    few, many = timed([(page_of(module), small), (page_of(module), large)], runs)
    medians = statistics.median(many.wall) / statistics.median(few.wall)
    processor = statistics.median(many.processor) / statistics.median(few.processor)
    return (
        f"| {title} | {1000 * first[0]:.0f} | {1000 * first[1]:.0f} | {1000 * few.p95:.0f} "
        f"| {1000 * many.p95:.0f} | {many.p95 / few.p95:.1f} | {medians:.1f} | {processor:.1f} |"
    )


def _first(module: str, setting: Setting) -> float:
    """Return the seconds that a page takes when nothing is kept of its file."""
    with setting:
        calls_of(module)  # modules are read, the connection is open
        forget()
        st.cache_data.clear()
        page: AppTest = page_of(module)
        start = time.perf_counter()
        page.run(timeout=SECONDS)
        return time.perf_counter() - start


def scaled(published: Path, folder: Path, attempts: int) -> str:
    """Write the copy with so many attempts into a folder, and return what it holds in words."""
    file = folder / published.name
    shutil.copy(published, file)
    (folder / "CURRENT").write_text(published.name, encoding="ascii")
    with duckdb.connect(str(file)) as connection:
        connection.execute("use marts")
        counted = connection.execute("select sum(attempts) from attack_success_by_run").fetchall()
        times = math.ceil(attempts / counted[0][0])
        for table in BY_PROMPT:
            connection.execute(
                f"""
                create or replace temp table more as
                select rows.* replace (
                    case when n = 0 then entity_id else entity_id || '/' || n end as entity_id
                )
                from {table} as rows, range($times) as copies(n)
                where entity_type = 'attack_result' or n = 0
                order by rows.rowid, n
                """,  # noqa: S608  # a name of this module
                {"times": times},
            )
            connection.execute(f"delete from {table}")  # noqa: S608  # as above
            connection.execute(f"insert into {table} from more")
        for table in COUNTED:
            connection.execute(
                f"update {table} set attempts = attempts * $times, prompts = prompts * $times",  # noqa: S608  # as above
                {"times": times},
            )
        told = connection.execute(
            """
            select
                (select sum(attempts) from attack_success_by_run),
                (select count(*) from metric_observations),
                (select count(*) from metric_row_names)
            """
        ).fetchall()[0]
        connection.execute("drop table more")
        connection.execute("checkpoint")
    return (
        f"{told[0]:,} attempts, {told[1]:,} rows behind metrics, {told[2]:,} names; "
        f"{file.stat().st_size / 1e6:,.0f} MB, published {published.stat().st_size / 1e6:,.0f} MB, "
        f"load {os.getloadavg()[0]:.1f}\n"
    )


if __name__ == "__main__":
    main()
