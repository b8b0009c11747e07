"""Builds of whole warehouses, each in its own process."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from tests.python.compiled import PROJECT, environment, succeed

SAMPLE = PROJECT / "sample" / "landing"
SAMPLE_AS_OF = dt.date.fromisoformat((SAMPLE / "as_of").read_text(encoding="ascii").strip())


def build_warehouse(
    landing: Path,
    state: Path,
    warehouse: Path,
    as_of: dt.date,
    *options: str,
    is_tested: bool = True,
) -> Path:
    """Run `aism build` on a landing folder; return the published file.

    Without data tests of dbt where ``is_tested`` is false: for who reads numbers only.
    """
    module = "aism" if is_tested else "tests.python.untested"
    succeed(
        [sys.executable, "-m", module, "build", "--as-of", as_of.isoformat(), *options],
        environment(landing, state, as_of, AISM_WAREHOUSE_DIR=str(warehouse)),
    )
    return warehouse / "current.duckdb"
