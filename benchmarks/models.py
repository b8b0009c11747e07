"""The project's own compiled SQL in one DuckDB process, without dbt around it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.costs import Told, program, run

if TYPE_CHECKING:
    import duckdb

PACKAGE = "ai_security_metrics"


def environment(folder: Path) -> dict[str, str]:
    """Return the settings of a project state of its own: landing, home, warehouse and logs."""
    return {
        "AISM_LANDING_DIR": str(folder / "landing"),
        "AISM_HOME": str(folder / "home"),
        "AISM_WAREHOUSE_DIR": str(folder / "warehouse"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }


def dbt(folder: Path, *arguments: str) -> Told:
    """Run a dbt command of the project on the state of ``folder``."""
    return run([program("dbt"), "--quiet", *arguments], environment(folder))


def aism(folder: Path, *arguments: str) -> Told:
    """Run a command of the project on the state of ``folder``."""
    return run([program("python"), "-m", "aism", *arguments], environment(folder))


def manifest(home: Path) -> dict[str, Any]:
    """Return what dbt wrote down of the project when it last ran."""
    found: dict[str, Any] = json.loads((home / "target" / "manifest.json").read_text("utf-8"))
    return found


def upstream(known: dict[str, Any], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return models, and all that they stand on, in building order."""
    ordered: dict[str, dict[str, Any]] = {}

    def visit(key: str) -> None:
        node = known["nodes"].get(key)
        if node is None or node["resource_type"] != "model" or key in ordered:
            return
        for parent in node["depends_on"]["nodes"]:
            visit(parent)
        ordered[key] = node

    for name in names:
        visit(f"model.{PACKAGE}.{name}")
    return list(ordered.values())


def compiled(home: Path, node: dict[str, Any]) -> str:
    """Return the SQL that dbt made of a model."""
    path: str = node["original_file_path"]
    return (home / "target" / "compiled" / PACKAGE / path).read_text("utf-8")


def open_build(home: Path, memory_limit: str = "") -> duckdb.DuckDBPyConnection:
    """Open what dbt built, as dbt does; all processors take part."""
    import duckdb  # here, so that who only starts processes stays small

    database = duckdb.connect(str(home / "build.duckdb"))
    database.execute("set TimeZone = 'UTC'")
    if memory_limit:
        database.execute(f"set memory_limit = '{memory_limit}'")
    return database


def rebuild(
    database: duckdb.DuckDBPyConnection, home: Path, names: Sequence[str]
) -> dict[str, float]:
    """Make the tables under ``names`` anew, views left as they are; return seconds of each.

    With the SQL of a first build, which keeps no rows.
    """
    seconds: dict[str, float] = {}
    for node in upstream(manifest(home), names):
        if node["config"]["materialized"] == "view":
            continue
        begun = time.perf_counter()
        database.execute(
            f"create or replace table {node['relation_name']} as {compiled(home, node)}"
        )
        seconds[node["name"]] = time.perf_counter() - begun
    return seconds


def contents(database: duckdb.DuckDBPyConnection) -> list[list[int]]:
    """Return row counts and hashes of the attack facts and their mart, names of files left out.

    Of the mart's doubles nine digits: the last depends on the order in which several threads add.
    """
    measures = ", ".join(
        f"round({name}, 9)"
        for name in ("attack_success_rate", "interval_low", "interval_high", "effective_n")
    )
    keys = "run_id, target_name, attack, judge, attempts, successes, prompts, comparability_key"
    found = []
    for rows in (
        "(select * exclude (file_name) from intermediate.int_attack_results)",
        "(select * exclude (file_name) from core.fct_attack_results)",
        f"(select {keys}, {measures} from marts.attack_success_by_run)",
    ):
        [row] = database.execute(
            f"select count(*), sum(hash(t) % 1000000007)::bigint from {rows} as t"
        ).fetchall()
        found.append(list(row))
    return found
