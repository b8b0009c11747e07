"""SQLite files of other people: rows of plain tables, and nothing that the file itself defines.

A schema is a program: views, generated columns and virtual tables run what their author wrote.
Only stored columns of ordinary tables are read, by an authorizer that refuses everything else,
and a file that takes more work or yields more bytes than its size explains is given up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from aism.land.model import Reason, UnreadableFileError
from aism.land.streams import Limits

MAGIC = b"SQLite format 3\0"

_STEPS_AT_ONCE = 10_000
_STEPS, _STEPS_PER_BYTE = 1_000_000, 16
"""Virtual machine steps: a pass over a table takes about two for each stored value."""
_BYTES, _BYTES_PER_BYTE = 16_000_000, 8
_ROWS, _BYTES_PER_ROW = 1_000, 8
"""A row takes a pointer, two lengths, its number and a type for each column."""
_MAX_VALUE_BYTES = 256 * 1024 * 1024
_WAL = 2
_NOTE_WAL = "write-ahead log: what was not checkpointed into the file is not read"
_SETTINGS = (
    "pragma trusted_schema = off",
    "pragma query_only = on",
    "pragma cell_size_check = on",
    "pragma mmap_size = 0",
)


class SqliteFile:
    """The tables of one file; made by ``open_sqlite``."""

    def __init__(self, connection: sqlite3.Connection, size_bytes: int, note: str | None) -> None:
        self.note = note
        self._connection = connection
        self._bytes_left = _BYTES + _BYTES_PER_BYTE * size_bytes
        self._max_rows = _ROWS + size_bytes // _BYTES_PER_ROW
        self._columns: dict[str, list[str]] = {}

    def has(self, table: str) -> bool:
        """Tell whether there is such a table; raises UnreadableFileError if it is no plain one."""
        return bool(self._stored_columns(table))

    def rows(self, table: str, wanted: Sequence[str]) -> Iterator[dict[str, object]]:
        """Yield the wanted columns that exist, text and blobs as bytes, in the order stored."""
        names = [name for name in wanted if name in self._stored_columns(table)]
        if not names:
            return
        columns = ", ".join(f'"{name}"' for name in names)
        query = f'select {columns} from "{table}" not indexed'  # noqa: S608 - names of ours
        with _guarded(self._connection, table):
            for number, row in enumerate(self._connection.execute(query)):
                self._bytes_left -= sum(len(value) for value in row if isinstance(value, bytes))
                if self._bytes_left < 0 or number > self._max_rows:
                    raise UnreadableFileError(Reason.TOO_LARGE, "more than the file can hold")
                yield dict(zip(names, row, strict=True))

    def _stored_columns(self, table: str) -> list[str]:
        if table not in self._columns:
            self._columns[table] = self._find_columns(table)
        return self._columns[table]

    def _find_columns(self, table: str) -> list[str]:
        found = self._connection.execute(
            "select type, rootpage from sqlite_master where name = ? collate nocase", (table,)
        ).fetchall()
        things = [(kind, root) for kind, root in found if kind != b"index"]
        if not things:
            return []
        # A virtual table is a table without pages.
        if len(things) != 1 or things[0][0] != b"table" or not things[0][1]:
            raise UnreadableFileError(Reason.UNREADABLE_FILE, "a view or trigger for a table")
        # Leaves out generated columns.
        columns = self._connection.execute(f'pragma table_info("{table}")').fetchall()
        return [row[1].decode(errors="replace") for row in columns]


@contextmanager
def open_sqlite(path: Path, size_bytes: int) -> Iterator[SqliteFile]:
    """Open a database read only, as it lies there: no log beside it is replayed.

    Raises:
        UnreadableFileError: it is damaged, cut, too large, or costs more than its size explains;
            while reading too.

    """
    if size_bytes > Limits.from_environment().decompressed_bytes:
        raise UnreadableFileError(Reason.TOO_LARGE, "database over the limit")
    steps_left = (_STEPS + _STEPS_PER_BYTE * size_bytes) // _STEPS_AT_ONCE

    def stop() -> int:
        nonlocal steps_left
        steps_left -= 1
        return steps_left < 0

    try:
        uri = f"file:{quote(str(path.resolve().parent / path.name))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.text_factory = bytes
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            connection.set_progress_handler(stop, _STEPS_AT_ONCE)
            for setting in _SETTINGS:
                connection.execute(setting)
            with path.open("rb") as stream:
                is_wal = _WAL in stream.read(20)[18:20]
            yield SqliteFile(connection, size_bytes, _NOTE_WAL if is_wal else None)
    except (sqlite3.Error, OSError, OverflowError) as error:
        reason = Reason.TOO_LARGE if steps_left < 0 else Reason.UNREADABLE_FILE
        raise UnreadableFileError(reason, type(error).__name__) from None


@contextmanager
def _guarded(connection: sqlite3.Connection, table: str) -> Iterator[None]:
    """Let statements read the stored columns of one table, directly, and do nothing else."""

    def decide(
        action: int, name: str | None, _: str | None, __: str | None, source: str | None
    ) -> int:
        is_read = action == sqlite3.SQLITE_READ and (name or "").lower() == table.lower()
        is_ours = source is None and (is_read or action == sqlite3.SQLITE_SELECT)
        return sqlite3.SQLITE_OK if is_ours else sqlite3.SQLITE_DENY

    connection.set_authorizer(decide)
    try:
        yield
    finally:
        connection.set_authorizer(None)
