"""Some marts of a landing folder as hashes of their rows, from models as dbt compiles them.

python -m tests.trust.marts COMPILED LANDING HOME DAY ...   prints them for each day
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from pathlib import Path
from typing import Final

import duckdb

from aism.land import land
from tests.python.compiled import CompiledModels

MARTS: Final = (
    *("dim_periods", "fct_findings", "fct_finding_events", "fct_attack_results", "fct_scans"),
    *("fct_assessments", "fct_incidents", "open_findings"),
    *("metric_mean_time_to_remediate", "metric_open_overdue_findings"),
    *("metric_attack_success_rate", "metric_system_test_coverage_rate"),
)
COMPILED_AS_OF: Final = dt.date(2026, 6, 30)
HISTORY_START: Final = dt.date(2023, 1, 1)


def hashes(compiled: CompiledModels, home: Path, as_of: dt.date) -> dict[str, str]:
    """Return a hash of the rows of each mart, without order and without the names of files."""
    connection = compiled.connect()
    compiled.run(connection, home, as_of=as_of)
    return {
        mart: _hash(connection, f'"{schema}"."{mart}"')
        for schema, mart in connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " union select schema_name, view_name from duckdb_views() order by all"
        ).fetchall()
        if mart in MARTS
    }


def _hash(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    described = connection.execute(f"describe {table}").fetchall()
    columns = ", ".join(column for column, *_ in described if column != "file_name")
    rows = connection.execute(f"select {columns} from {table}").fetchall()
    return hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()


def main(compiled: Path, landing: Path, home: Path, days: list[dt.date]) -> None:
    """Land a folder and print hashes of the marts by day, and what the clock of this process is."""
    land(landing, home)
    models = CompiledModels(compiled / "home", COMPILED_AS_OF, MARTS)
    by_day = {day.isoformat(): hashes(models, home, day) for day in days}
    local = dt.datetime(2026, 7, 1, tzinfo=dt.UTC).astimezone().isoformat()
    engine = duckdb.execute("select current_setting('TimeZone')").fetchall()[0][0]
    print(json.dumps({"marts": by_day, "local": local, "engine": engine}))


if __name__ == "__main__":
    folders = [Path(argument) for argument in sys.argv[1:4]]
    main(folders[0], folders[1], folders[2], [dt.date.fromisoformat(day) for day in sys.argv[4:]])
