"""Generic attempts: one row per try of one attack against one target, as CSV, JSONL or Parquet."""

from __future__ import annotations

from collections import Counter
from operator import itemgetter

import msgspec

from aism.land.csv_rows import CsvRow, is_sound_utf8, read_csv
from aism.land.json_lines import LineFault, read_lines
from aism.land.model import Fault, LandedFile, ReadReport, Reason, Sink
from aism.land.readers.attempts_contract import (
    COLUMNS,
    NOT_UTF8,
    ExtraKeys,
    is_good_header,
    note_extra,
    parse_attempt,
)
from aism.land.readers.attempts_parquet import read_parquet
from aism.land.rows import RowBuffer
from aism.land.schemas import TABLES
from aism.land.streams import open_stream

VERSION = 1

_in_lake_order = itemgetter(*(COLUMNS.index(name) for name in TABLES["attempts"].names[2:]))
"""Reorders a typed row; the table begins with the place of the row: file hash and line."""
_decode = msgspec.json.Decoder(dict[str, object]).decode


def read_attempts(file: LandedFile, sink: Sink) -> ReadReport:
    """Read a file of generic attempts into the table attempts, by the ending of its name.

    ``runs`` and ``run_lines`` both count valid rows. A CSV or Parquet file whose header breaks the
    contract gives one ``bad_header`` per row, and one without a line if it has no rows.

    Raises:
        UnreadableFileError: the file cannot be opened, unpacked, is too large or no Parquet file.

    """
    name = file.name.lower()
    if name.endswith(".parquet"):
        return read_parquet(file, sink)
    report = ReadReport()
    keeper = _RowKeeper(file, sink, report)
    if name.endswith(".csv"):
        _read_csv(file, report, keeper)
    else:
        _read_jsonl(file, report, keeper)
    keeper.close()
    return report


class _RowKeeper:
    """Types rows and passes them on; a row is kept whole or not at all."""

    def __init__(self, file: LandedFile, sink: Sink, report: ReadReport) -> None:
        self._sha256 = file.sha256
        self._report = report
        self._rows = RowBuffer(sink, "attempts")
        self._runs: Counter[object] = Counter()
        self._targets: set[object] = set()

    def take(self, line_number: int, record: dict[str, object]) -> None:
        """Keep one row; raises LineFault."""
        values = parse_attempt(record)
        self._rows.add((self._sha256, line_number, *_in_lake_order(values)))
        run_id, target_name, *_ = values
        self._runs[run_id] += 1
        self._targets.add(target_name)

    def close(self) -> None:
        self._rows.flush()
        self._report.runs = {str(run_id): rows for run_id, rows in self._runs.items()}
        self._report.run_lines = dict(self._report.runs)
        self._report.targets = {str(name) for name in self._targets}


def _read_jsonl(file: LandedFile, report: ReadReport, keeper: _RowKeeper) -> None:
    extra = ExtraKeys()

    def take(line_number: int, line: bytes) -> None:
        record = _decode(line)
        keeper.take(line_number, record)
        extra.add(record)

    read_lines(file.path, report, take)
    note_extra(report, extra.names)


def _read_csv(file: LandedFile, report: ReadReport, keeper: _RowKeeper) -> None:
    with open_stream(file.path) as stream:
        header, rows = read_csv(stream)
        if not is_good_header(header):
            for row in rows:
                report.rows_read += 1
                report.faults.append(Fault(Reason.BAD_HEADER, row.line_number))
            if not report.faults:
                report.faults.append(Fault(Reason.BAD_HEADER))
            return
        extra = ExtraKeys()
        extra.add(header)
        note_extra(report, extra.names)
        for row in rows:
            report.rows_read += 1
            try:
                keeper.take(row.line_number, _record(header, row))
            except LineFault as fault:
                report.faults.append(
                    Fault(fault.reason, row.line_number, column_name=fault.column_name)
                )


def _record(header: list[str], row: CsvRow) -> dict[str, object]:
    if row.fault is not None:
        raise LineFault(row.fault)
    if len(row.cells) != len(header):
        raise LineFault(Reason.RAGGED_ROW)
    if row.is_utf8:
        return dict(zip(header, row.cells, strict=True))
    cells = (cell if is_sound_utf8(cell) else NOT_UTF8 for cell in row.cells)
    record = dict(zip(header, cells, strict=True))
    if all(record.get(column) is not NOT_UTF8 for column in COLUMNS):
        raise LineFault(Reason.BAD_UTF8)
    return record
