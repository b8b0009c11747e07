"""The lake on disk: immutable files named by content, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import cast

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from aism.errors import AismError
from aism.land.model import ReadReport, Reason
from aism.land.registers import PARSED_TABLES
from aism.land.schemas import TABLES, TIMESTAMP


class LakeError(AismError):
    """The lake cannot be written: no space, no permission."""


_ALL_TABLES = {**TABLES, **PARSED_TABLES}
_EMPTY = "empty.parquet"
_UNFINISHED = ".unfinished"


@dataclass(slots=True)
class Reading:
    """What is remembered of one reading of one file's bytes: a report, or why there is none."""

    report: ReadReport = field(default_factory=ReadReport)
    unreadable: Reason | None = None
    tables: list[str] = field(default_factory=list)
    """Tables that hold rows of the file."""


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a file beside ``path``, then put it in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + _UNFINISHED)
    write(unfinished)
    _put(unfinished, path)


def _put(unfinished: Path, path: Path) -> None:
    descriptor = os.open(unfinished, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    unfinished.replace(path)


class FileSink:
    """The sink of one landed file: each table is one Parquet file, kept only by ``commit``."""

    def __init__(self, lake: Path, key: str) -> None:
        self._lake = lake
        self._key = key
        self._writers: dict[str, pq.ParquetWriter] = {}

    def write(self, table: str, columns: Mapping[str, Sequence[object]]) -> None:
        """Append a batch of columns of equal length to ``table``."""
        schema = _ALL_TABLES[table]
        batch = pa.table(
            [pa.array(columns[field.name], field.type) for field in schema], schema=schema
        )
        try:
            if table not in self._writers:
                path = self._path(table)
                path.parent.mkdir(parents=True, exist_ok=True)
                unfinished = path.with_name(path.name + _UNFINISHED)
                self._writers[table] = pq.ParquetWriter(unfinished, schema, compression="zstd")
            self._writers[table].write_table(batch)
        except OSError as error:  # the lake's fault, not the landed file's
            raise LakeError(f"The lake {self._lake} cannot be written: {error}") from error

    def commit(self) -> list[str]:
        """Put the files in place; return the tables written."""
        for table, writer in self._writers.items():
            writer.close()
            path = self._path(table)
            _put(path.with_name(path.name + _UNFINISHED), path)
        return sorted(self._writers)

    def discard(self) -> None:
        """Forget what was written: a file is read whole or not at all."""
        for table, writer in self._writers.items():
            with suppress(OSError):
                writer.close()
            path = self._path(table)
            path.with_name(path.name + _UNFINISHED).unlink(missing_ok=True)
        self._writers.clear()

    def _path(self, table: str) -> Path:
        return self._lake / table / f"{self._key}.parquet"


class Lake:
    """The folder that dbt reads, and the cache of readings beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def parquet(self, table: str, key: str) -> Path:
        """Place of the rows of ``table`` that one landed file's bytes hold."""
        return self.folder / table / f"{key}.parquet"

    def latest(self, reading: Reading, key: str) -> datetime | None:
        """Return the last moment in the scanner tables of a file, None if there is none.

        None, too, where Parquet's statistics do not tell it.
        """
        latest: list[datetime] = []
        for table in reading.tables:
            moments = [field.name for field in TABLES.get(table, ()) if field.type == TIMESTAMP]
            if not moments:
                continue
            footer = pq.read_metadata(self.parquet(table, key))
            for place in range(footer.num_row_groups):
                group = footer.row_group(place)
                for number in range(group.num_columns):
                    column = group.column(number)
                    if column.path_in_schema not in moments:
                        continue
                    statistics = column.statistics
                    if statistics is None:
                        return None
                    if statistics.has_min_max:
                        latest.append(cast(datetime, statistics.max))
                    elif statistics.null_count != group.num_rows:
                        return None
        return max(latest, default=None)

    def recall(self, source: str, key: str) -> Reading | None:
        """Return an earlier reading of the same bytes, if all of its files are still there."""
        try:
            reading = msgspec.json.decode(self._sidecar(source, key).read_bytes(), type=Reading)
        except (OSError, msgspec.MsgspecError):
            return None
        is_whole = all(self.parquet(table, key).is_file() for table in reading.tables)
        return reading if is_whole else None

    def remember(self, source: str, key: str, reading: Reading) -> None:
        """Keep a reading for the next landing of the same bytes."""
        write_json(self._sidecar(source, key), reading)

    def write_empty_tables(self) -> None:
        """Give every scanner table one file without rows: missing is a fact of the ledger."""
        for table, schema in TABLES.items():
            path = self.folder / table / _EMPTY
            if not path.is_file():
                write_table(path, schema.empty_table())

    def keep_only(self, needed: Mapping[tuple[str, str], Reading]) -> None:
        """Remove the cached files of every (source, key) that no landed file needs."""
        keep = {self.folder / table / _EMPTY for table in TABLES}
        for (source, key), reading in needed.items():
            keep.add(self._sidecar(source, key))
            keep.update(self.parquet(table, key) for table in reading.tables)
        for folder in (*TABLES, "parsed"):
            for path in list((self.folder / folder).rglob("*")):
                if path.is_file() and path not in keep:
                    path.unlink()

    def _sidecar(self, source: str, key: str) -> Path:
        return self.folder / "parsed" / "readings" / source / f"{key}.json"


def write_table(path: Path, table: pa.Table) -> None:
    """Write one Parquet file whole."""
    write_whole(path, lambda target: pq.write_table(table, target, compression="zstd"))


def write_json(path: Path, value: object) -> None:
    """Write one JSON file whole, keys and sets in order."""
    data = msgspec.json.encode(value, order="deterministic")
    write_whole(path, lambda target: target.write_bytes(data))
