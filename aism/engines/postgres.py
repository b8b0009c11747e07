"""The lake in PostgreSQL: a schema `lake` with a table for each table of Parquet files.

Only files that are new come over, rows of files that are gone leave, and both happen in one
transaction: whoever reads the lake meanwhile sees it as it was.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from aism.engines.lake_files import LakeFile
from aism.errors import AismError, UsageError

FILE: Final = "lake_file"
"""The column that says which file a row came from: the hash of its bytes."""
LOCK: Final = 4_021_947_116
"""Number of the advisory lock that lets one loader in."""
BATCH_ROWS: Final = 65_536


class LoadError(AismError):
    """The lake could not be copied; the copy that was there before stays."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: files that came, files that left, rows that came."""

    files_added: int
    files_removed: int
    rows_added: int


def connection_settings(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the settings of the target `postgres` in profiles.yml, for libpq."""
    environ = os.environ if environ is None else environ
    settings = {
        "host": environ.get("AISM_POSTGRES_HOST", "localhost"),
        "port": environ.get("AISM_POSTGRES_PORT", "5432"),
        "user": environ.get("AISM_POSTGRES_USER", "aism"),
        "dbname": environ.get("AISM_POSTGRES_DATABASE", "aism"),
        "sslmode": environ.get("AISM_POSTGRES_SSLMODE", "prefer"),
    }
    if password := environ.get("DBT_ENV_SECRET_AISM_POSTGRES_PASSWORD"):
        settings["password"] = password
    return settings


@contextmanager
def connected() -> Iterator[Any]:
    """Yield a connection of psycopg2.

    Raises:
        UsageError: the driver is not installed, or nothing answers under these settings.
    """
    try:
        import psycopg2
    except ImportError:
        raise UsageError(
            "PostgreSQL needs its adapter: pip install --require-hashes --no-deps "
            "-r requirements-postgres.lock"
        ) from None
    try:
        connection = psycopg2.connect(application_name="aism load", **connection_settings())
    except psycopg2.OperationalError as error:
        raise UsageError(f"No connection to PostgreSQL: {' '.join(str(error).split())}") from None
    try:
        yield connection
    finally:
        connection.close()


def load_lake(files: Iterable[LakeFile]) -> Loaded:
    """Make the schema `lake` of the database hold the rows of these files and no others.

    Raises:
        UsageError: no connection, or a database that would sort text in another way.
        LoadError: PostgreSQL refused; nothing was changed.
    """
    with connected() as connection:
        import psycopg2

        try:
            with connection, connection.cursor() as cursor:
                return Load(cursor).run(list(files))
        except psycopg2.Error as error:
            raise LoadError(f"PostgreSQL: {' '.join(str(error).split())}") from None


class Load:
    """One load in one transaction."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def run(self, files: list[LakeFile]) -> Loaded:
        """Bring the lake up to date; files are ordered by table."""
        require_same_order_of_text(self._cursor)
        self._execute("select pg_advisory_xact_lock(%s)", LOCK)
        self._execute("create schema if not exists lake")
        self._execute(
            "create table if not exists lake.loaded_files ("
            "table_name text not null, lake_file text not null, rows_loaded bigint not null, "
            "primary key (table_name, lake_file))"
        )
        added = removed = rows = 0
        tables = {table: list(group) for table, group in groupby(files, lambda file: file.table)}
        for table, of_table in tables.items():
            self._make_table(table, pq.read_schema(of_table[0].path))
            there = self._loaded(table)
            wanted = {file.sha256: file for file in of_table}
            removed += self._remove(table, there - wanted.keys())
            for sha256 in sorted(wanted.keys() - there):
                rows += self._add(table, wanted[sha256])
                added += 1
            if there != wanted.keys():
                self._execute(f"analyze {relation(table)}")
        return Loaded(added, removed, rows)

    def _make_table(self, table: str, schema: pa.Schema) -> None:
        """Create the table; one of an older release is made anew, views on it go with it."""
        columns = [(field.name, type_name(field.type)) for field in schema]
        self._execute(
            "select attname, format_type(atttypid, null) from pg_attribute "
            "where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum",
            relation(table),
        )
        there = [(name, kind) for name, kind in self._cursor.fetchall() if name != FILE]
        if there == columns:
            return
        self._execute(f"drop table if exists {relation(table)} cascade")
        self._execute("delete from lake.loaded_files where table_name = %s", table)
        described = ", ".join(f'"{name}" {kind}' for name, kind in columns)
        self._execute(f"create table {relation(table)} ({described}, {FILE} text not null)")

    def _loaded(self, table: str) -> set[str]:
        self._execute("select lake_file from lake.loaded_files where table_name = %s", table)
        return {sha256 for (sha256,) in self._cursor.fetchall()}

    def _remove(self, table: str, gone: set[str]) -> int:
        if gone:
            files = sorted(gone)
            self._execute(
                f"delete from {relation(table)} where lake_file = any(%s)",  # noqa: S608  # our names
                files,
            )
            self._execute(
                "delete from lake.loaded_files where table_name = %s and lake_file = any(%s)",
                table,
                files,
            )
        return len(gone)

    def _add(self, table: str, file: LakeFile) -> int:
        rows = 0
        with pq.ParquetFile(file.path) as parquet:
            names = ", ".join(f'"{name}"' for name in parquet.schema_arrow.names)
            copy = f"copy {relation(table)} ({names}, {FILE}) from stdin with (format csv)"
            for batch in parquet.iter_batches(batch_size=BATCH_ROWS):
                marked = batch.append_column(FILE, pa.array([file.sha256] * batch.num_rows))
                self._cursor.copy_expert(copy, as_csv(marked))
                rows += batch.num_rows
        self._execute("insert into lake.loaded_files values (%s, %s, %s)", table, file.sha256, rows)
        return rows

    def _execute(self, sql: str, *values: object) -> None:
        self._cursor.execute(sql, values or None)


def require_same_order_of_text(cursor: Any) -> None:
    """Raise UsageError unless text sorts by code point and has upper and lower case everywhere."""
    cursor.execute("select 'a' > 'B', lower('Ä') = 'ä', current_setting('server_encoding')")
    if cursor.fetchone() != (True, True, "UTF8"):
        raise UsageError(
            "This database sorts text by the rules of a language, or knows only ASCII: the same "
            "rows would give other results. Create it with encoding 'UTF8', lc_collate 'C' and "
            "lc_ctype 'C.UTF-8' from template0 (docs/other-engines.md)."
        )


def relation(table: str) -> str:
    """Return the quoted name of a table of the lake."""
    return f'lake."{table}"'


def type_name(kind: pa.DataType) -> str:
    """Return PostgreSQL's name, as it writes it itself, of a type of the lake."""
    if pa.types.is_timestamp(kind):
        return "timestamp without time zone"
    return {
        pa.string(): "text",
        pa.int32(): "integer",
        pa.int64(): "bigint",
        pa.float64(): "double precision",
        pa.bool_(): "boolean",
        pa.date32(): "date",
    }[kind]


def as_csv(batch: pa.RecordBatch) -> io.BytesIO:
    """Return rows as CSV: text is quoted, so that null (nothing) and empty ("") stay apart."""
    stream = io.BytesIO()
    pc.write_csv(batch, stream, pc.WriteOptions(include_header=False, quoting_style="needed"))
    stream.seek(0)
    return stream
