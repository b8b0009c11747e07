"""Read a published warehouse with whatever DuckDB this interpreter has; print what was seen.

    python read_warehouse.py WAREHOUSE

One JSON object. It imports nothing of the project: a client's interpreter has DuckDB and no more.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import duckdb


def main() -> None:
    """Describe the current generation and its Parquet files."""
    warehouse = Path(sys.argv[1])
    database = duckdb.connect(str(warehouse / "current.duckdb"), read_only=True)
    named = database.execute(
        "select schema_name, table_name, comment from duckdb_tables() order by all"
    ).fetchall()
    seen = {
        "duckdb": duckdb.__version__,
        "tables": {
            f"{schema}.{table}": _content(database, f'"{schema}"."{table}"')
            for schema, table, _ in named
        },
        "table_comments": {f"{schema}.{table}": comment for schema, table, comment in named},
        "columns": database.execute(
            "select schema_name, table_name, column_name, data_type, comment "
            "from duckdb_columns() where not internal order by all"
        ).fetchall(),
        "write": _try_to_write(database),
        "parquet": {
            file.stem: _content(database, f"read_parquet('{file}')")
            for file in sorted((warehouse / "current").glob("*.parquet"))
        },
    }
    print(json.dumps(seen))


def _content(database: Any, relation: str) -> tuple[int, str]:
    """Return how many rows there are, and a hash of all of them in one order."""
    rows = sorted(map(repr, database.execute(f"select * from {relation}").fetchall()))
    return len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _try_to_write(database: Any) -> str:
    try:
        database.execute("delete from marts.metric_values")
    except duckdb.Error as error:
        return type(error).__name__
    return "written"


if __name__ == "__main__":
    main()
