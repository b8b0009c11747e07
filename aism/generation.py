"""One generation: a fresh, read-only DuckDB file with the schemas core and marts and no more."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
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
        definitions = read_definitions(connection)
        rows = {
            table: _copy_table(connection, table, definition)
            for table, definition in definitions.items()
        }
        connection.execute(
            "update generation.marts.build_generation "
            "set generation = ?, published_at = ?, git_commit = ?",
            [stamp.generation, stamp.published_at, stamp.git_commit],
        )
        connection.execute(f"checkpoint {GENERATION}")
    finally:
        connection.execute(f"detach {GENERATION}")
    close_file(file)
    return rows


def close_file(file: Path) -> None:
    """Make a detached file what readers open: complete, never written again, on the disk.

    Raises:
        AuditError: a write-ahead log remained, so the file would not be complete.
    """
    if file.with_name(f"{file.name}.wal").exists():
        raise AuditError(f"{file.name} was not written completely: a write-ahead log remained.")
    file.chmod(0o444)
    sync_file(file)


def published_tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    """Return the tables (and views) of core and marts in the attached build file, by name."""
    return list(read_definitions(connection))


@dataclass(frozen=True, slots=True)
class Definition:
    """What a published table is besides its rows. ``columns``: name, type, nullable, comment."""

    comment: str | None
    columns: tuple[tuple[str, str, bool, str | None], ...]

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [name for name, *_ in self.columns]


def read_definitions(connection: duckdb.DuckDBPyConnection) -> dict[Table, Definition]:
    """Return the tables (and views) of core and marts in the attached build file, by name.

    One question for all: the catalog of the engine is slow to answer.
    """
    rows = connection.execute(
        """
        with tables as (
            select schema_name, table_name, comment from duckdb_tables()
            where database_name = $build
            union all
            select schema_name, view_name, comment from duckdb_views()
            where database_name = $build
        )

        select
            tables.schema_name, tables.table_name, tables.comment,
            columns.column_name, columns.data_type, columns.is_nullable, columns.comment
        from tables
        inner join duckdb_columns() as columns
            on
                tables.schema_name = columns.schema_name
                and tables.table_name = columns.table_name
        where columns.database_name = $build and list_contains($schemas, tables.schema_name)
        order by tables.schema_name, tables.table_name, columns.column_index
        """,
        {"build": BUILD, "schemas": list(PUBLISHED_SCHEMAS)},
    ).fetchall()
    return {
        Table(schema, name): Definition(comment, tuple(tuple(row[3:]) for row in group))
        for (schema, name, comment), group in groupby(rows, key=lambda row: row[:3])
    }


def _copy_table(connection: duckdb.DuckDBPyConnection, table: Table, definition: Definition) -> int:
    for statement in statements_of(table, definition, GENERATION):
        connection.execute(statement)
    copy = table.within(GENERATION)
    # Ordered, so that equal builds give equal files and readers' filters skip row groups.
    connection.execute(f"insert into {copy} from {table.within(BUILD)} order by all")
    counted = connection.execute(f"select count(*) from {copy}").fetchall()  # noqa: S608  # quoted above
    return int(counted[0][0])


def statements_of(
    table: Table, definition: Definition, database: str, *, nullable: Collection[str] = ()
) -> list[str]:
    """Return what creates an empty table in a database, with types, NOT NULL and comments.

    Columns named in ``nullable`` may be null whatever the definition says.
    """
    created = table.within(database)
    definitions = ", ".join(
        f"{quoted(name)} {data_type}{'' if may_be_null or name in nullable else ' not null'}"
        for name, data_type, may_be_null, _ in definition.columns
    )
    statements = [f"create table {created} ({definitions})"]
    if definition.comment:
        statements.append(f"comment on table {created} is {literal(definition.comment)}")
    statements += [
        f"comment on column {created}.{quoted(name)} is {literal(comment)}"
        for name, _, _, comment in definition.columns
        if comment
    ]
    return statements


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
