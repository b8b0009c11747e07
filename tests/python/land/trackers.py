"""What the tests of tracker readers share: a sink in memory, and a reader called on content."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aism.land.model import LandedFile, Reader, ReadReport, Reason, UnreadableFileError
from aism.land.schemas import TABLES

Row = dict[str, Any]
SHA256 = "ab" * 32


class MemorySink:
    """Keeps what a reader writes, typed as the lake would."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {name: [] for name in TABLES}

    def write(self, table: str, columns: Mapping[str, Sequence[object]]) -> None:
        arrays = [pa.array(columns[field.name], field.type) for field in TABLES[table]]
        self.tables[table].extend(pa.table(arrays, schema=TABLES[table]).to_pylist())


class Told:
    """What a reader made of one file."""

    def __init__(self, report: ReadReport, sink: MemorySink) -> None:
        self.report = report
        self.items = sink.tables["tracker_items"]
        self.all_values = sink.tables["tracker_values"]
        self.all_changes = sink.tables["tracker_changes"]
        self.links = [
            (row["item_id"], row["link"], row["target_id"], row["target_key"])
            for row in sink.tables["tracker_links"]
        ]
        self.objects = {
            (row["kind"], row["object_id"]): row for row in sink.tables["tracker_objects"]
        }
        self.pages = [
            (row["document"], row["items"], row["stated_total"])
            for row in sink.tables["tracker_pages"]
        ]
        self.tables = sink.tables

    @property
    def item(self) -> Row:
        (item,) = self.items
        return item

    @property
    def ids(self) -> list[str]:
        return [item["item_id"] for item in self.items]

    @property
    def faults(self) -> list[tuple[str | None, str | None, Reason]]:
        return [(one.record_path, one.column_name, one.reason) for one in self.report.faults]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Rows read, superseded and held back."""
        return self.report.rows_read, self.report.superseded, len(self.report.faults)

    def values(self, field: str, item_id: str | None = None) -> list[tuple[str | None, str | None]]:
        """Id and value of every value of a field."""
        return [
            (row["value_id"], row["value"])
            for row in self.all_values
            if row["field"] == field and item_id in (None, row["item_id"])
        ]

    def changes(self, field: str) -> list[tuple[str | None, str | None]]:
        """Value before and after every change of a field, oldest first."""
        return [
            (row["from_value"], row["to_value"])
            for row in self.all_changes
            if row["field"] == field
        ]

    def text(self) -> str:
        """Everything that the lake would hold."""
        return json.dumps([self.tables, sorted(self.report.targets)], default=str) + str(
            self.report
        )


def read(reader: Reader, folder: Path, content: Any, name: str = "export-2026-03-01.json") -> Told:
    """Let a reader read ``content``: bytes as they are, anything else as JSON."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
    sink = MemorySink()
    file = LandedFile(path, f"tracker/{name}", "tracker", SHA256, len(data))
    return Told(reader(file, sink), sink)


def unreadable(reader: Reader, folder: Path, content: bytes, name: str = "a.json") -> Reason:
    """Return why a file as a whole could not be read."""
    with pytest.raises(UnreadableFileError) as error:
        read(reader, folder, content, name)
    return error.value.reason


def shared_trackers() -> Path | None:
    """Return the folder of real payloads, None where they are not."""
    beside = Path(__file__).resolve().parents[3].parent / "shared" / "data"
    folder = Path(os.environ.get("AISM_SHARED_DATA", beside)) / "trackers"
    return folder if folder.is_dir() else None
