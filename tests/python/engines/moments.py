"""Text that says when, and text that does not: the same instants, or none, on every engine."""

from __future__ import annotations

import subprocess
from typing import Any

import duckdb

from tests.python.compiled import PROJECT
from tests.python.engines.duck import DBT

MOMENTS = (
    "2024-02-28",
    "2024-02-28 09:30:00",
    "2024-02-28T09:30:00Z",
    "2024-02-28T09:30:00+09",
    "2024-02-28T09:30:00.25-05:30",
    "2024-02-28T09:30:00+0545",
    "2024-02-28T24:00:00",
    "2024-02-28 24:00:00.000+02:00",
    "2024-02-28T24:00:01Z",
    "2024-02-28T25:00:00Z",
    "2024-02-29",
    "2023-02-29",
    "2024-04-31T00:00:00Z",
    "2024-13-01",
    "2024-00-10",
    "tomorrow",
)


def compiled_moments(target: str, settings: dict[str, str]) -> str:
    """Return a query of the text of each moment and its instant, as dbt writes it for an engine."""
    values = ", ".join(f"('{moment}')" for moment in MOMENTS)
    query = (
        "select moment, {{ safe_timestamp('moment') }} as instant "
        f"from (values {values}) as texts (moment)"
    )
    done = subprocess.run(
        [DBT, "--quiet", "compile", "--target", target, "--inline", query],
        cwd=PROJECT,
        env=settings,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def moments_on_duckdb(settings: dict[str, str]) -> list[tuple[Any, ...]]:
    """Return what DuckDB makes of them; most are instants, some are none."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        found = connection.execute(compiled_moments("duckdb", settings)).fetchall()
    assert sum(instant is None for _, instant in found) == 7
    return found
