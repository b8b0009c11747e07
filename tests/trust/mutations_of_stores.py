"""Seeded damage to files with an inner order: Parquet, SQLite, DuckDB and zip archives."""

from __future__ import annotations

import io
import random
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from aism.land.archive import Archive
from tests.trust.mutations_of_values import ODD_TEXTS, damage_json

PAGE: Final = 4096


def break_a_page(chance: random.Random, data: bytes) -> bytes:
    """Overwrite one page, or a part of it, with zeros, with noise or with another page."""
    pages = max(1, len(data) // PAGE)
    at = chance.randrange(pages) * PAGE + chance.choice((0, 0, 100))
    length = chance.choice((8, 16, 100, PAGE))
    other = chance.randrange(pages) * PAGE
    new = chance.choice((bytes(length), chance.randbytes(length), data[other : other + length]))
    return data[:at] + new + data[at + len(new) :]


def change_the_version(chance: random.Random, data: bytes) -> bytes:
    """Say another version or size in the first bytes, as a newer program would."""
    at = chance.choice((8, 12, 16, 18, 19, 20, 24, 28, 44, 48, 56, 60, 92, 96))
    return data[:at] + struct.pack("<I", chance.choice((0, 1, 99, 1000, 2**31))) + data[at + 4 :]


def lose_the_end(chance: random.Random, data: bytes) -> bytes:
    """Cut the file where a download stopped, or change the length that its end tells."""
    if chance.random() < 0.5:
        return data[: -chance.choice((1, 4, 8, 100, len(data) // 2))]
    end = struct.pack("<I", chance.choice((0, 1, len(data), 2**31 - 1, 2**32 - 1)))
    return data[:-8] + end + data[-4:]


_ARROW_VALUES: Final[tuple[Callable[[int], Any], ...]] = (
    lambda rows: pa.array([float("nan")] * rows),
    lambda rows: pa.array([float("inf")] * rows, pa.float32()),
    lambda rows: pa.array([None] * rows, pa.null()),
    lambda rows: pa.array([b"\xff\xfe"] * rows, pa.binary()),
    lambda rows: pa.array([b"a\0b"] * rows, pa.large_binary()),
    lambda rows: pa.array([[1, 2]] * rows, pa.list_(pa.int64())),
    lambda rows: pa.array([{"a": 1}] * rows),
    lambda rows: pa.array([[("a", 1)]] * rows, pa.map_(pa.string(), pa.int64())),
    lambda rows: pa.array([2**64 - 1] * rows, pa.uint64()),
    lambda rows: pa.array([-(2**63)] * rows, pa.timestamp("ns")),
    lambda rows: pa.array([2**63 - 1] * rows, pa.timestamp("s", tz="Asia/Kathmandu")),
    lambda rows: pa.array([0] * rows, pa.time64("ns")),
    lambda rows: pa.array([0] * rows, pa.duration("us")),
    lambda rows: pa.array([0] * rows, pa.date32()),
    lambda rows: pa.array([-(2**31)] * rows, pa.date32()),
    lambda rows: pa.array([b"0" * 16] * rows, pa.binary(16)),
    lambda rows: pa.array(["success"] * rows).dictionary_encode(),
    lambda rows: pa.array([True] * rows),
    lambda rows: pa.array([1.5] * rows, pa.float16()),
    lambda rows: pa.array(["x" * 70_000] * rows, pa.large_string()),
    lambda rows: pa.array([ODD_TEXTS[at % len(ODD_TEXTS)] for at in range(rows)]),
    lambda rows: pa.array([10**30] * rows, pa.decimal128(38, 0)),
    lambda rows: pa.array([10**70] * rows, pa.decimal256(76, 2)),
)


def retype_a_column(chance: random.Random, data: bytes) -> bytes:
    """Write a sound Parquet file with another type or name of a column, or without rows."""
    table = pq.read_table(io.BytesIO(data))
    at = chance.randrange(table.num_columns)
    name = table.column_names[at]
    match chance.randrange(6):
        case 0:
            other = chance.choice((name.upper(), "", table.column_names[0], f"{name}\0", "a.b"))
            table = table.rename_columns([other if n == name else n for n in table.column_names])
        case 1:
            table = table.slice(0, chance.choice((0, 1)))
        case 2:
            table = table.remove_column(at)
        case _:
            values = chance.choice(_ARROW_VALUES)(table.num_rows)
            table = table.set_column(at, name, values)
    written = io.BytesIO()
    codec: Any = chance.choice(("snappy", "gzip", "zstd", "lz4", "brotli", "none"))
    # A type that Parquet has none of gives no other file.
    with suppress(pa.ArrowException, NotImplementedError):
        pq.write_table(table, written, compression=codec, row_group_size=chance.choice((3, 1000)))
        return written.getvalue()
    return lose_the_end(chance, data)


_STATEMENTS: Final = (
    "drop table {table}",
    "alter table {table} rename to other",
    "create view other as select 1 as id",
    "drop table {table}; create view {table} as with recursive n(id) as (select 1 union all "
    "select id + 1 from n) select id from n",
    "update {table} set {column} = null",
    "update {table} set {column} = 9223372036854775807",
    "update {table} set {column} = 1.5",
    "update {table} set {column} = $value",
    "update {table} set {column} = $value where rowid = 2",
    "update {table} set {column} = (select {column} from {table} limit 1)",
    "delete from {table}",
    "delete from {table} where rowid % 2 = 0",
    "insert into {table} select * from {table}",
    "insert into {table} ({column}) values ($value)",
    "alter table {table} add column {column}_2 varchar",
    "alter table {table} drop column {column}",
)
_STORED: Final[tuple[Any, ...]] = (
    *ODD_TEXTS,
    *("[]", "{}", "[", '{"a": NaN}', '{"a": 1e400}', '"\\ud800"', "[" * 500 + "]" * 500, "1"),
    *('{"class_name": 5}', '{"__type__": [], "class_name": null}', '[{"x": "\\u0000"}]'),
    *(b"\xff\xfe", b"\0", b"", bytes(1000)),
)


def change_rows_of_sqlite(chance: random.Random, data: bytes) -> bytes:
    """Change what a SQLite database says, or the shape of one of its tables."""

    def change(file: Path) -> None:
        with closing(sqlite3.connect(file)) as connection:
            (tables,) = zip(
                *connection.execute("select name from sqlite_master where type = 'table'"),
                strict=True,
            )
            table = chance.choice(tables)
            columns = [row[1] for row in connection.execute(f'pragma table_info("{table}")')]
            for statement in _filled(chance, table, columns):
                with suppress(sqlite3.Error):
                    value = chance.choice(_STORED)
                    connection.execute(statement, {"value": value} if "$value" in statement else {})
            connection.commit()
            if chance.random() < 0.2:
                connection.execute("pragma journal_mode = wal")

    return _changed(data, change)


def change_rows_of_duckdb(chance: random.Random, data: bytes) -> bytes:
    """Do the same to a DuckDB database."""

    def change(file: Path) -> None:
        with duckdb.connect(file) as connection:
            described = connection.execute(
                "select table_name, list(column_name) from duckdb_columns() where not internal"
                " group by all order by all"
            ).fetchall()
            table, columns = chance.choice(described)
            for statement in _filled(chance, table, sorted(columns)):
                with suppress(duckdb.Error):
                    value = chance.choice(_STORED)
                    connection.execute(statement, {"value": value} if "$value" in statement else {})

    return _changed(data, change)


def _filled(chance: random.Random, table: str, columns: list[str]) -> list[str]:
    chosen = chance.choice(_STATEMENTS).format(table=table, column=chance.choice(columns))
    return chosen.split("; ")


def _changed(data: bytes, change: Callable[[Path], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "memory"
        file.write_bytes(data)
        change(file)
        return file.read_bytes()


def repack(chance: random.Random, data: bytes) -> bytes:
    """Write an archive anew with a member lost, twice, renamed, or with other content."""
    members = _members_of(data)
    at = chance.randrange(len(members))
    name, content = members[at]
    match chance.randrange(7):
        case 0:
            del members[at]
        case 1:
            members.append((name, damage_json(chance, content)))
        case 2:
            odd = chance.choice(
                ("../" + name, "/" + name, "", name.upper(), "a\\..\\b", "\u202e.json")
            )
            members[at] = (odd, content)
        case 3:
            members[at] = (name, chance.choice((b"", b"null", b"[]", b"\xff", b"[" * 9_000)))
        case 4:
            members = [(f"folder/{name}", content) for name, content in members]
        case 5:
            members[at] = (name, members[0][1])
        case _:
            members[at] = (name, damage_json(chance, content))
    written = io.BytesIO()
    method = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
        archive.comment = chance.choice((b"", b"PK\x05\x06" * 9))
    return written.getvalue()


def _members_of(data: bytes) -> list[tuple[str, bytes]]:
    # zipfile of Python 3.11 knows no Zstandard.
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        with Archive(Path(file.name)) as archive:
            return [(member.name, archive.read(member)) for member in archive.members]
