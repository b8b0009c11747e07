"""DuckDB files of other people (PyRIT 0.8): rows of plain tables, read by a process of its own.

The file is copied first, for DuckDB would replay a log that lies beside it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from aism.land.model import Reason, UnreadableFileError
from aism.land.readers import pyrit_duckdb_child
from aism.land.streams import Limits

MAGIC, MAGIC_AT = b"DUCK", 8

_BYTES, _BYTES_PER_BYTE = 64_000_000, 64
"""DuckDB packs columns well; a file that unpacks to more is no memory of PyRIT."""
_SECONDS = 1800


class DuckdbFile:
    """The tables of one file; made by ``open_duckdb``."""

    note: str | None = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, table: str) -> bool:
        """Tell whether there is such a table with any of the wanted columns."""
        return self._lines(table).is_file()

    def rows(self, table: str, wanted: Sequence[str]) -> Iterator[dict[str, object]]:
        """Yield the wanted columns that exist, in the order stored: integers, else bytes."""
        if not self.has(table):
            return
        with self._lines(table).open(encoding="utf-8") as stream:
            names = json.loads(next(stream))
            for line in stream:
                row = zip(names, json.loads(line), strict=True)
                yield {
                    name: value.encode() if isinstance(value, str) else value
                    for name, value in row
                    if name in wanted
                }

    def _lines(self, table: str) -> Path:
        return self._folder / f"{table}.jsonl"


@contextmanager
def open_duckdb(
    path: Path, size_bytes: int, wanted: Mapping[str, Sequence[str]]
) -> Iterator[DuckdbFile]:
    """Open the ``wanted`` tables (table -> columns) of a database.

    Raises:
        UnreadableFileError: it is damaged, too large, written by a DuckDB that this one cannot
            read, or has a view in place of a table.

    """
    if size_bytes > Limits.from_environment().document_bytes:
        raise UnreadableFileError(Reason.TOO_LARGE, "database over the limit")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "memory.duckdb"
        max_bytes = _BYTES + _BYTES_PER_BYTE * size_bytes
        arguments = (str(copy), folder, json.dumps(dict(wanted)), str(max_bytes))
        try:
            shutil.copyfile(path, copy)
            child = subprocess.run(  # noqa: S603 - this interpreter, a file of ours
                [sys.executable, "-I", pyrit_duckdb_child.__file__, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UnreadableFileError(Reason.UNREADABLE_FILE, type(error).__name__) from None
        if child.returncode == pyrit_duckdb_child.TOO_LARGE:
            raise UnreadableFileError(Reason.TOO_LARGE, "more bytes than the file explains")
        if child.returncode:
            raise UnreadableFileError(Reason.UNREADABLE_FILE, f"exit code {child.returncode}")
        yield DuckdbFile(Path(folder))
