"""Some marts of a landing folder as hashes of their rows, by models that the sample's build ran.

python -m tests.trust.marts BUILT LANDING HOME DAY ...   prints them for each day
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
from tests.python.whole import SAMPLE_AS_OF

MARTS: Final = (
    *("dim_periods", "fct_findings", "fct_finding_events", "fct_attack_results", "fct_scans"),
    *("fct_assessments", "fct_incidents", "open_findings"),
    *("metric_mean_time_to_remediate", "metric_open_overdue_findings"),
    *("metric_attack_success_rate", "metric_system_test_coverage_rate"),
)
HISTORY_START: Final = ("2015-01-01", "2023-01-01")
"""As the project has it, and as it is here: years before the first row only take time."""


class BuiltModels(CompiledModels):
    """The models as the sample's build compiled them, to run again on other landing folders."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.as_of = SAMPLE_AS_OF
        manifest = json.loads((home / "builds" / "target" / "manifest.json").read_bytes())
        self.nodes = manifest["nodes"]
        history = self.nodes["model.ai_security_metrics.stg_ledger__as_of"]
        assert history["compiled_code"].count(HISTORY_START[0]) == 1
        history["compiled_code"] = history["compiled_code"].replace(*HISTORY_START)
        self.order = self.behind(MARTS)


def hashes(models: BuiltModels, home: Path, as_of: dt.date) -> dict[str, str]:
    """Return a hash of the rows of each mart, without order and without the names of files."""
    connection = models.connect()
    models.run(connection, home, as_of=as_of)
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


def main(built: Path, landing: Path, home: Path, days: list[dt.date]) -> None:
    """Land a folder and print hashes of the marts by day, and what the clock of this process is."""
    land(landing, home)
    models = BuiltModels(built)
    by_day = {day.isoformat(): hashes(models, home, day) for day in days}
    local = dt.datetime(2026, 7, 1, tzinfo=dt.UTC).astimezone().isoformat()
    engine = duckdb.execute("select current_setting('TimeZone')").fetchall()[0][0]
    print(json.dumps({"marts": by_day, "local": local, "engine": engine}))


if __name__ == "__main__":
    folders = [Path(argument) for argument in sys.argv[1:4]]
    main(folders[0], folders[1], folders[2], [dt.date.fromisoformat(day) for day in sys.argv[4:]])
