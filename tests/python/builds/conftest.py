"""Builds of whole warehouses, each in its own process and folder."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Build = Callable[..., Path]


def build_warehouse(
    landing: Path, state: Path, warehouse: Path, as_of: dt.date, *options: str
) -> Path:
    """Run `aism build` on a landing folder; return the published file."""
    environment = os.environ | {
        "AISM_LANDING_DIR": str(landing),
        "AISM_HOME": str(state),
        "AISM_WAREHOUSE_DIR": str(warehouse),
    }
    done = subprocess.run(
        [sys.executable, "-m", "aism", "build", "--as-of", as_of.isoformat(), *options],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return warehouse / "current.duckdb"


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One working state for all builds, so that dbt parses the project once."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def build(tmp_path_factory: pytest.TempPathFactory, state: Path) -> Build:
    return lambda landing, as_of: build_warehouse(
        landing, state, tmp_path_factory.mktemp("warehouse"), as_of, "--no-check"
    )
