"""Reads tables of one DuckDB file and writes them as JSON lines: a process of its own.

DuckDB checks the sums of a file's blocks, not the sense of them: a made-up file with sound sums
ends the process that reads it. It is this one, which has nothing to lose. Run by path; it imports
nothing of the project.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from pathlib import Path
from typing import Any

import duckdb

NO_TABLE = 3
TOO_LARGE = 4

_CONFIG: dict[str, Any] = {
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "threads": 1,
    "memory_limit": "512MB",
    "temp_directory": "",
    "lock_configuration": True,
}
_IN_MAIN = "schema_name = 'main' and database_name = current_database() and not internal"
_THINGS = f"""
    select sql from duckdb_tables() where {_IN_MAIN} and table_name = $table
    union all
    select null from duckdb_views() where {_IN_MAIN} and view_name = $table
"""  # noqa: S608
_COLUMNS = f"""
    select column_name, data_type from duckdb_columns()
    where {_IN_MAIN} and table_name = $table
"""  # noqa: S608
_GENERATED = re.compile(r"generated\s+always", re.IGNORECASE)
_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT"})
_ROWS_AT_ONCE = 1000


def main(database: str, folder: str, wanted: str, max_bytes: str) -> int:
    """Write ``folder/<table>.jsonl`` for each wanted table that the database has.

    ``wanted`` is JSON, table -> columns. The first line has the columns that exist, each other
    one a row: integers, else text. Returns an exit code.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    left = int(max_bytes)
    with duckdb.connect(database, read_only=True, config=_CONFIG) as connection:
        for table, names in json.loads(wanted).items():
            things = connection.execute(_THINGS, {"table": table}).fetchall()
            if any(sql is None or _GENERATED.search(sql) for (sql,) in things):
                return NO_TABLE
            types = dict(connection.execute(_COLUMNS, {"table": table}).fetchall())
            if columns := [name for name in names if name in types]:
                left = _write(connection, table, columns, types, Path(folder), left)
            if left < 0:
                return TOO_LARGE
    return 0


def _write(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: list[str],
    types: dict[str, str],
    folder: Path,
    left: int,
) -> int:
    """Write one table; returns how many of the allowed bytes are left, negative if it stopped."""
    selected = ", ".join(
        f'"{name}"' if types[name] in _INTEGERS else f'cast("{name}" as varchar)'
        for name in columns
    )
    cursor = connection.execute(f'select {selected} from main."{table}"')  # noqa: S608
    with (folder / f"{table}.jsonl").open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(columns) + "\n")
        while left >= 0 and (rows := cursor.fetchmany(_ROWS_AT_ONCE)):
            for row in rows:
                left -= stream.write(json.dumps(row) + "\n")
    return left


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
