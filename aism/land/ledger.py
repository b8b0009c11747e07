"""The ledger: every landed file with its counts, everything held back, and what was landed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from aism.land.display import visible_name
from aism.land.files import PROGRAM, Refused
from aism.land.lake import write_table
from aism.land.model import Fault
from aism.land.resolve import Landed
from aism.land.schemas import TEXT, TIMESTAMP

PERSONAL = frozenset({f"{PROGRAM}team_members"})
"""Sources of which no text is told on: whose rows are about people."""

_FILES = pa.schema(
    [
        ("file_name", TEXT),
        ("source", TEXT),
        ("file_sha256", TEXT),
        ("size_bytes", pa.int64()),
        ("landed_at", TIMESTAMP),
        ("rows_read", pa.int64()),
        ("rows_loaded", pa.int64()),
        ("rows_superseded", pa.int64()),
        ("rows_quarantined", pa.int64()),
        ("is_complete", pa.bool_()),
        ("is_readable", pa.bool_()),
        ("schema_note", TEXT),
    ]
)
_QUARANTINE = pa.schema(
    [
        ("file_name", TEXT),
        ("line_number", pa.int64()),
        ("record_path", TEXT),
        ("column_name", TEXT),
        ("reason", TEXT),
        ("raw_text", TEXT),
        ("source", TEXT),
    ]
)
_LANDING = pa.schema([("landing_sha256", TEXT), ("as_of", pa.date32())])
DELIVERY_CHECKS = pa.schema(
    [
        ("source", TEXT),
        ("file_name", TEXT),
        ("check_name", TEXT),
        ("observed", TEXT),
        ("expected", TEXT),
        ("status", TEXT),
        ("severity", TEXT),
        ("checked_as_of", pa.date32()),
    ]
)
"""Filled by `aism check`; landing leaves it empty."""

NO_READER = "no reader for this format yet"


class Ledger:
    """The ledger tables of a lake."""

    def __init__(self, lake_folder: Path) -> None:
        self._folder = lake_folder / "ledger"

    def write(
        self,
        files: Sequence[Landed],
        refused: Sequence[Refused],
        landing_sha256: str,
        as_of: date | None,
    ) -> list[dict[str, object]]:
        """Replace the ledger; returns the rows of ``files``, ordered by name."""
        first_seen = self._landed_at()
        now = datetime.now(UTC).replace(tzinfo=None)
        rows = [_file_row(landed) for landed in files] + [_refused_row(file) for file in refused]
        rows.sort(key=lambda row: str(row["file_name"]))
        for row in rows:
            row["landed_at"] = first_seen.get((row["file_name"], row["file_sha256"]), now)
        faults = [
            _fault_row(landed.file.name, landed.file.source, fault)
            for landed in sorted(files, key=lambda landed: landed.file.name)
            for fault in sorted(landed.faults, key=lambda fault: fault.line_number or 0)
        ] + [_fault_row(file.name, file.source, Fault(file.reason)) for file in refused]
        landing = [{"landing_sha256": landing_sha256, "as_of": as_of}]
        for name, content, schema in (
            ("files", rows, _FILES),
            ("quarantine", faults, _QUARANTINE),
            ("landing", landing, _LANDING),
        ):
            table = pa.Table.from_pylist(content, schema=schema)
            write_table(self._folder / f"{name}.parquet", table)
        # What was said of the lake before does not hold for this one.
        write_table(self._folder / "delivery_checks.parquet", DELIVERY_CHECKS.empty_table())
        return rows

    def _landed_at(self) -> dict[tuple[object, object], object]:
        try:
            rows = pq.read_table(self._folder / "files.parquet", schema=_FILES).to_pylist()
        except (OSError, pa.ArrowException):
            return {}
        return {(row["file_name"], row["file_sha256"]): row["landed_at"] for row in rows}


def _file_row(landed: Landed) -> dict[str, object]:
    file, report = landed.file, landed.reading.report
    quarantined = landed.quarantined
    return {
        "file_name": visible_name(file.name),
        "source": file.source,
        "file_sha256": file.sha256,
        "size_bytes": file.size_bytes,
        "rows_read": report.rows_read,
        "rows_loaded": report.rows_read - landed.superseded - quarantined,
        "rows_superseded": landed.superseded,
        "rows_quarantined": quarantined,
        "is_complete": report.is_complete and landed.is_readable,
        "is_readable": landed.is_readable and report.schema_note != NO_READER,
        "schema_note": report.schema_note,
    }


def _refused_row(file: Refused) -> dict[str, object]:
    return {
        "file_name": visible_name(file.name),
        "source": file.source,
        "file_sha256": None,
        "size_bytes": None,
        "rows_read": 0,
        "rows_loaded": 0,
        "rows_superseded": 0,
        "rows_quarantined": 0,
        "is_complete": False,
        "is_readable": False,
        "schema_note": None,
    }


def _fault_row(name: str, source: str, fault: Fault) -> dict[str, object]:
    # Text of scanner files never enters the lake, whatever a reader hands over.
    is_told = source.startswith(PROGRAM) and source not in PERSONAL
    raw_text = fault.raw_text if is_told else None
    return {
        "file_name": visible_name(name),
        "line_number": fault.line_number,
        "record_path": fault.record_path,
        "column_name": fault.column_name,
        "reason": fault.reason.value,
        "raw_text": raw_text,
        "source": source,
    }
