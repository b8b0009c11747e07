"""The published file opens in every DuckDB that readers have, and says the same there.

`make test-clients` installs the versions beside the project's own and runs this.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

pytestmark = pytest.mark.engines

SCRIPT: Final = Path(__file__).with_name("read_warehouse.py")
VERSIONS: Final = ("1.4", "1.5", "2.0")


def seen_by(python: Path, warehouse: Path) -> dict[str, Any]:
    """Return what a client's interpreter reads of a warehouse."""
    told = subprocess.run(
        [str(python), str(SCRIPT), str(warehouse)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    seen: dict[str, Any] = json.loads(told.stdout)
    return seen


@pytest.fixture(scope="session")
def at_home(sample_warehouse: Path) -> dict[str, Any]:
    """Return what the DuckDB that wrote the file reads of it."""
    return seen_by(Path(sys.executable), sample_warehouse)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_reads_every_row_that_was_published(
    version: str, sample_warehouse: Path, at_home: dict[str, Any]
) -> None:
    python = Path(sys.prefix) / "clients" / f"duckdb-{version}" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"DuckDB {version} is not installed: make test-clients")

    seen = seen_by(python, sample_warehouse)

    assert seen["duckdb"].startswith(f"{version}.")
    assert seen["write"] == "InvalidInputException"
    for part in ("tables", "table_comments", "columns", "parquet"):
        assert seen[part] == at_home[part], part


def test_the_file_explains_its_columns_and_has_its_marts_as_parquet(
    at_home: dict[str, Any],
) -> None:
    undescribed = [column[:3] for column in at_home["columns"] if not column[4]]
    undescribed += [name for name, comment in at_home["table_comments"].items() if not comment]
    assert undescribed == []
    marts = {
        name.removeprefix("marts."): content
        for name, content in at_home["tables"].items()
        if name.startswith("marts.")
    }
    assert marts["metric_values"][0] > 0
    assert at_home["parquet"] == marts
