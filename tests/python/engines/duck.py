"""What DuckDB makes of a landing folder: the measure for other engines."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import duckdb

from tests.python.compiled import environment, succeed
from tests.python.engines.compare import Table

DBT = str(Path(sys.executable).with_name("dbt"))
OF_THE_BUILD = (
    "marts.build_generation",
    "marts.landing_files",
    "marts.source_freshness",
    "marts.test_results",
)
"""Tables that say when and how they were built."""


def build_on_duckdb(landing: Path, home: Path, as_of: dt.date) -> dict[str, Table]:
    """Build core and marts without their tests; return every table of them."""
    succeed(
        [DBT, "--quiet", "build", "--exclude-resource-types", "test", "unit_test"],
        environment(landing, home, as_of, AISM_WAREHOUSE_DIR=str(home / "warehouse")),
    )
    return tables_of(home / "build.duckdb")


def tables_of(database: Path) -> dict[str, Table]:
    """Read core and marts of a DuckDB file."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "select table_schema || '.' || table_name, list(column_name order by ordinal_position),"
            " list(column_name) filter (data_type = 'DOUBLE') from information_schema.columns"
            " where table_schema in ('core', 'marts') group by 1 order by 1"
        ).fetchall()
        return {
            name: Table(
                columns,
                frozenset(doubles or ()),
                connection.execute(
                    f"select {', '.join(map(quoted, columns))} from {name}"
                ).fetchall(),
            )
            for name, columns, doubles in found
            if name not in OF_THE_BUILD
        }


def quoted(name: str) -> str:
    return f'"{name}"'
