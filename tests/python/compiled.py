"""The models as dbt compiles them, run in this process: many builds for the price of one parse."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

PROJECT = Path(__file__).parents[2]
NO_TESTS = ("resource_type:test", "resource_type:unit_test")


class CompiledModels:
    """Some marts and all that stands behind them, in an order in which it can run."""

    def __init__(self, home: Path, as_of: dt.date, marts: Iterable[str]) -> None:
        self.home = home
        self.as_of = as_of
        manifest = json.loads((home / "target" / "manifest.json").read_text())
        self.nodes: dict[str, dict[str, Any]] = manifest["nodes"]
        self.order = self.behind(marts)

    def behind(self, marts: Iterable[str]) -> list[str]:
        """Return these models after everything that they read."""
        order: list[str] = []
        for mart in marts:
            self._visit(f"model.ai_security_metrics.{mart}", order)
        return order

    def _visit(self, node: str, order: list[str]) -> None:
        if node in order or node not in self.nodes:
            return
        for before in self.nodes[node]["depends_on"].get("nodes", []):
            self._visit(before, order)
        order.append(node)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a database in memory that holds the seeds."""
        connection = duckdb.connect()
        (database,) = {self.nodes[node]["database"] for node in self.order}
        connection.execute(f'attach \':memory:\' as "{database}"; use "{database}"')
        connection.execute("set TimeZone = 'UTC'; set threads = 1")
        for name in self.order:
            node = self.nodes[name]
            connection.execute(f'create schema if not exists "{node["schema"]}"')
            if node["resource_type"] == "seed":
                _load_seed(connection, node)
        return connection

    def run(
        self,
        connection: duckdb.DuckDBPyConnection,
        home: Path,
        *,
        as_of: dt.date | None = None,
        marts: Iterable[str] = (),
        instead: Mapping[str, str] | None = None,
        stored_by: str = "",
    ) -> None:
        """Build all models, or what is behind some marts, on what landed in a working state.

        ``instead`` holds the SQL of models that are not to run as compiled, ``stored_by`` the
        order in which the rows of every table are stored.
        """
        for name in self.behind(marts) if marts else self.order:
            node = self.nodes[name]
            if node["resource_type"] == "seed":
                continue
            sql = (instead or {}).get(node["name"], node["compiled_code"])
            sql = sql.replace(str(self.home), str(home))
            if as_of is not None and node["name"] == "stg_ledger__as_of":
                sql = sql.replace(f"'{self.as_of}'", f"'{as_of}'")
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            if stored_by and kind == "table":
                sql = f"select * from ({sql}) as made order by {stored_by}"
            connection.execute(f"create or replace {kind} {_relation(node)} as {sql}")


def _relation(node: dict[str, Any]) -> str:
    return f'"{node["schema"]}"."{node["name"]}"'


def _load_seed(connection: duckdb.DuckDBPyConnection, node: dict[str, Any]) -> None:
    file = PROJECT / node["original_file_path"]
    with file.open(encoding="utf-8", newline="") as stream:
        columns = next(csv.reader(stream))
    types = node["config"]["column_types"]
    chosen = ", ".join(
        f"cast({column} as {types.get(column, 'varchar')}) as {column}" for column in columns
    )
    connection.execute(
        f"create table {_relation(node)} as select {chosen}"
        f" from read_csv('{file}', header = true, all_varchar = true)"
    )


def compile_models(
    folder: Path, as_of: dt.date, history_start: dt.date, marts: Iterable[str]
) -> CompiledModels:
    """Let dbt compile the marts and what they read, with working state and logs below a folder.

    Months from ``history_start`` on are there; years before the first row only take time.
    """
    landing, home = folder / "landing", folder / "home"
    for made in (landing, home):
        made.mkdir(parents=True)
    marts = list(marts)
    dbt = str(Path(sys.executable).with_name("dbt"))
    succeed(
        [
            *(dbt, "--quiet", "compile", "--select", *(f"+{mart}" for mart in marts)),
            *("--exclude", *NO_TESTS),
            *("--vars", json.dumps({"history_start": history_start.isoformat()})),
        ],
        environment(landing, home, as_of, AISM_WAREHOUSE_DIR=str(folder / "warehouse")),
    )
    return CompiledModels(home, as_of, marts)


def environment(landing: Path, home: Path, as_of: dt.date, **more: str) -> dict[str, str]:
    """Return the environment of a run on a landing folder, in a working state."""
    return os.environ | {
        "AISM_LANDING_DIR": str(landing),
        "AISM_HOME": str(home),
        "AISM_AS_OF": as_of.isoformat(),
        "DBT_LOG_PATH": str(home / "logs"),
        **more,
    }


def succeed(arguments: list[str], variables: dict[str, str]) -> None:
    """Run a command in the project's folder; it must end well."""
    done = subprocess.run(
        arguments, cwd=PROJECT, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
