"""One generation: a fresh, read-only DuckDB file with the schemas core and marts and no more."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from aism.audit import BUILD
from aism.errors import AuditError

GENERATION: Final = "generation"
"""The name under which the new file is attached; SQL here names it."""

PUBLISHED_SCHEMAS: Final = ("core", "marts")
STORAGE_VERSION: Final = "v1.2.0"
"""The newest format that DuckDB 1.4, which BI tools embed, still opens."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What publishing adds to marts.build_generation. ``published_at`` is UTC without zone."""

    generation: int
    published_at: dt.datetime
    git_commit: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the published interface."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    def within(self, database: str) -> str:
        """Return the quoted name in an attached database."""
        return f"{quoted(database)}.{quoted(self.schema)}.{quoted(self.name)}"


def write_generation(
    connection: duckdb.DuckDBPyConnection, file: Path, stamp: Stamp
) -> dict[Table, int]:
    """Copy core and marts of the attached build file to the new ``file``, durably.

    The file is left attached-to by nobody, mode 0444. Tables keep column types, NOT NULL and
    comments; there are no indexes. Rows are in the order of their columns.

    Returns:
        Row counts by table.

    Raises:
        AuditError: a write-ahead log remained, so the file would not be complete.
    """
    connection.execute(
        f"attach {literal(str(file))} as {GENERATION} (storage_version '{STORAGE_VERSION}')"
    )
    try:
        for schema in PUBLISHED_SCHEMAS:
            connection.execute(f"create schema {GENERATION}.{schema}")
        tables = published_tables(connection)
        rows = {table: _copy_table(connection, table) for table in tables}
        connection.execute(
            "update generation.marts.build_generation "
            "set generation = ?, published_at = ?, git_commit = ?",
            [stamp.generation, stamp.published_at, stamp.git_commit],
        )
        connection.execute(f"checkpoint {GENERATION}")
    finally:
        connection.execute(f"detach {GENERATION}")
    if file.with_name(f"{file.name}.wal").exists():
        raise AuditError(f"{file.name} was not written completely: a write-ahead log remained.")
    file.chmod(0o444)
    sync_file(file)
    return rows


def published_tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    """Return the tables (and views) of core and marts in the attached build file, by name."""
    rows = connection.execute(
        """
        select schema_name, table_name from duckdb_tables()
        where database_name = $build and list_contains($schemas, schema_name)
        union all
        select schema_name, view_name from duckdb_views()
        where database_name = $build and list_contains($schemas, schema_name)
        order by 1, 2
        """,
        {"build": BUILD, "schemas": list(PUBLISHED_SCHEMAS)},
    ).fetchall()
    return [Table(schema, name) for schema, name in rows]


def _copy_table(connection: duckdb.DuckDBPyConnection, table: Table) -> int:
    columns = connection.execute(
        """
        select column_name, data_type, is_nullable, comment from duckdb_columns()
        where database_name = ? and schema_name = ? and table_name = ?
        order by column_index
        """,
        [BUILD, table.schema, table.name],
    ).fetchall()
    copy = table.within(GENERATION)
    definitions = ", ".join(
        f"{quoted(name)} {data_type}{'' if nullable else ' not null'}"
        for name, data_type, nullable, _ in columns
    )
    connection.execute(f"create table {copy} ({definitions})")
    # Ordered, so that equal builds give equal files and readers' filters skip row groups.
    connection.execute(f"insert into {copy} from {table.within(BUILD)} order by all")
    comment = connection.execute(
        """
        select comment from duckdb_tables()
        where database_name = ? and schema_name = ? and table_name = ?
        """,
        [BUILD, table.schema, table.name],
    ).fetchone()
    if comment and comment[0]:
        connection.execute(f"comment on table {copy} is {literal(comment[0])}")
    for name, _, _, column_comment in columns:
        if column_comment:
            connection.execute(
                f"comment on column {copy}.{quoted(name)} is {literal(column_comment)}"
            )
    counted = connection.execute(f"select count(*) from {copy}").fetchall()  # noqa: S608  # quoted above
    return int(counted[0][0])


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write the rows of ``query`` to ``file``, durably."""
    connection.execute(f"copy ({query}) to {literal(str(file))} (format parquet, compression zstd)")
    sync_file(file)


def sync_file(path: Path) -> None:
    """Have the disk hold ``path``, a file or a folder's entries, before going on."""
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot open a folder
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def quoted(identifier: str) -> str:
    """Return an SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return an SQL text literal, for statements that take no bound values."""
    return "'" + text.replace("'", "''") + "'"
