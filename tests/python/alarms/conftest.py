"""Alarms of landing folders: by `aism build`, or by the same compiled SQL in a private database.

A whole build of every story would take minutes. The models behind the alarms are compiled once, by
dbt, and then run on each story's landing folder as they stand.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from aism.land import land
from tests.python.alarms.organisation import AS_OF, Organisation

PROJECT = Path(__file__).parents[3]
MARTS = ("metric_companion_alerts", "companion_signals")
NO_TESTS = ("resource_type:test", "resource_type:unit_test")

Alarms = dict[tuple[str, str], list[str]]
"""Metric and companion, and the grains at which they raise an alarm."""
Run = Callable[[Organisation], duckdb.DuckDBPyConnection]


def alarms_of(connection: duckdb.DuckDBPyConnection) -> Alarms:
    rows = connection.execute(
        """
        select metric_id, companion, list(period_grain order by period_grain)
        from marts.metric_companion_alerts
        group by metric_id, companion
        """
    ).fetchall()
    return {(metric_id, companion): grains for metric_id, companion, grains in rows}


class CompiledModels:
    """What stands behind the alarms, in an order in which it can run."""

    def __init__(self, home: Path) -> None:
        self.home = home
        manifest = json.loads((home / "target" / "manifest.json").read_text())
        self.nodes: dict[str, dict[str, Any]] = manifest["nodes"]
        self.order: list[str] = []
        for mart in MARTS:
            self._visit(f"model.ai_security_metrics.{mart}")

    def _visit(self, node: str) -> None:
        if node in self.order or node not in self.nodes:
            return
        for before in self.nodes[node]["depends_on"].get("nodes", []):
            self._visit(before)
        self.order.append(node)

    def run(self, home: Path) -> duckdb.DuckDBPyConnection:
        """All of it on what landed in another working state."""
        connection = duckdb.connect()
        (database,) = {self.nodes[node]["database"] for node in self.order}
        connection.execute(f'attach \':memory:\' as "{database}"; use "{database}"')
        connection.execute("set TimeZone = 'UTC'; set threads = 1")
        for name in self.order:
            node = self.nodes[name]
            relation = f'"{node["schema"]}"."{node["name"]}"'
            connection.execute(f'create schema if not exists "{node["schema"]}"')
            if node["resource_type"] == "seed":
                self._load_seed(connection, relation, node)
                continue
            sql = node["compiled_code"].replace(str(self.home), str(home))
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            connection.execute(f"create {kind} {relation} as {sql}")
        return connection

    @staticmethod
    def _load_seed(
        connection: duckdb.DuckDBPyConnection, relation: str, node: dict[str, Any]
    ) -> None:
        file = PROJECT / node["original_file_path"]
        with file.open(encoding="utf-8", newline="") as stream:
            columns = next(csv.reader(stream))
        types = node["config"]["column_types"]
        chosen = ", ".join(
            f"cast({column} as {types.get(column, 'varchar')}) as {column}" for column in columns
        )
        connection.execute(
            f"create table {relation} as select {chosen}"
            f" from read_csv('{file}', header = true, all_varchar = true)"
        )


def environment(landing: Path, home: Path, **more: str) -> dict[str, str]:
    return os.environ | {
        "AISM_LANDING_DIR": str(landing),
        "AISM_HOME": str(home),
        "AISM_AS_OF": AS_OF.isoformat(),
        "DBT_LOG_PATH": str(home / "logs"),
        **more,
    }


def succeed(arguments: list[str], variables: dict[str, str]) -> None:
    done = subprocess.run(
        arguments, cwd=PROJECT, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> CompiledModels:
    home = tmp_path_factory.mktemp("compiled")
    selection = [f"+{mart}" for mart in MARTS]
    dbt = str(Path(sys.executable).with_name("dbt"))
    succeed(
        [
            *(dbt, "--quiet", "compile", "--select", *selection, "--exclude", *NO_TESTS),
            # No story is older; the months of ten empty years only take time.
            *("--vars", '{"history_start": "2024-01-01"}'),
        ],
        environment(tmp_path_factory.mktemp("nothing"), home),
    )
    return CompiledModels(home)


@pytest.fixture
def run(tmp_path: Path, compiled: CompiledModels) -> Run:
    def run_compiled(organisation: Organisation) -> duckdb.DuckDBPyConnection:
        landing, home = tmp_path / "landing", tmp_path / "home"
        landing.mkdir()
        land(organisation.write(landing), home)
        return compiled.run(home)

    return run_compiled


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One working state for all whole builds, so that dbt parses the project once."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def build(tmp_path: Path, state: Path) -> Run:
    """`aism build`, and the published file."""

    def build_whole(organisation: Organisation) -> duckdb.DuckDBPyConnection:
        landing, warehouse = tmp_path / "landing", tmp_path / "warehouse"
        landing.mkdir()
        succeed(
            [sys.executable, "-m", "aism", "build", "--as-of", AS_OF.isoformat()],
            environment(organisation.write(landing), state, AISM_WAREHOUSE_DIR=str(warehouse)),
        )
        return duckdb.connect(str(warehouse / "current.duckdb"), read_only=True)

    return build_whole
