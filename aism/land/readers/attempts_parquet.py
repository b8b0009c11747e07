"""Generic attempts from Parquet, batch by batch: only faulty rows become Python objects."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from aism.land.model import Fault, LandedFile, ReadReport, Reason, Sink, UnreadableFileError
from aism.land.readers.attempts_contract import (
    COLUMNS,
    OUTCOMES,
    REQUIRED,
    ExtraKeys,
    is_good_header,
    note_extra,
    number_text,
)
from aism.land.streams import open_regular
from aism.land.values import ValueFault, parse_timestamp

# The stubs know one signature per type; these functions work on all of them.
Array: TypeAlias = Any
DataType: TypeAlias = Any
compute: Any = pc

_BATCH_ROWS = 65_536
_MAX_ROWS = 1_000_000_000
_TIMESTAMP = pa.timestamp("us")
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
"""The years 1 to 9999."""
_UNITS_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


class _Faults:
    """The first fault of each row of a batch: columns must come in the order of the contract."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.is_faulty: Array = None
        self.found: list[tuple[int, Reason, str]] = []

    def add(self, mask: Array, reason: Reason, column: str) -> None:
        """Fault the rows where ``mask`` is true and that have no fault yet; null is false."""
        mask = compute.fill_null(mask, False)
        if self.is_faulty is not None:
            mask = compute.and_not(mask, self.is_faulty)
        if not compute.any(mask).as_py():
            return
        rows = compute.indices_nonzero(mask).to_pylist()
        self.found.extend((row, reason, column) for row in rows)
        self.is_faulty = mask if self.is_faulty is None else compute.or_(self.is_faulty, mask)


def read_parquet(file: LandedFile, sink: Sink) -> ReadReport:
    """Read typed or text columns into the table attempts; ``line_number`` is the row, from 1.

    Numbers become text in text columns; timestamps with a zone become UTC; dates and timestamps
    are taken for ``attempted_at`` only, booleans for ``is_control`` only: elsewhere ``wrong_type``.

    Raises:
        UnreadableFileError: no sound Parquet file.

    """
    report = ReadReport()
    os.close(open_regular(file.path))  # Arrow itself would wait for a pipe
    with _unreadable_if_broken():
        parquet = pq.ParquetFile(file.path)
    with parquet:
        if parquet.metadata.num_rows > _MAX_ROWS:
            raise UnreadableFileError(Reason.TOO_LARGE, "rows over the limit")
        names = parquet.schema_arrow.names
        if is_good_header(names):
            _read(parquet, file, sink, report)
        else:
            report.rows_read = parquet.metadata.num_rows
            report.faults = [
                _fault(row, Reason.BAD_HEADER, None) for row in range(1, report.rows_read + 1)
            ] or [Fault(Reason.BAD_HEADER)]
    return report


def _read(parquet: pq.ParquetFile, file: LandedFile, sink: Sink, report: ReadReport) -> None:
    names = parquet.schema_arrow.names
    extra = ExtraKeys()
    extra.add(names)
    note_extra(report, extra.names)
    for columns, faults in _typed_batches(parquet, [name for name in COLUMNS if name in names]):
        first, end = report.rows_read + 1, report.rows_read + 1 + faults.rows
        report.rows_read += faults.rows
        for row, reason, column in sorted(faults.found):
            report.faults.append(_fault(first + row, reason, column))
        place: dict[str, Array] = {
            "file_sha256": pa.repeat(file.sha256, faults.rows),
            "line_number": pa.array(range(first, end), pa.int64()),
        }
        table = pa.table({**place, **columns})
        if faults.is_faulty is not None:
            table = table.filter(compute.invert(faults.is_faulty))
        if table.num_rows:
            _count(table, report)
            sink.write("attempts", _as_columns(table))
    report.run_lines = dict(report.runs)


def _fault(row: int, reason: Reason, column: str | None) -> Fault:
    return Fault(reason, row, f"row[{row}]", column)


@contextmanager
def _unreadable_if_broken() -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise UnreadableFileError(Reason.UNREADABLE_FILE, type(error).__name__) from None


def _typed_batches(
    parquet: pq.ParquetFile, present: list[str]
) -> Iterator[tuple[dict[str, Array], _Faults]]:
    batches = parquet.iter_batches(batch_size=_BATCH_ROWS, columns=present)
    while True:
        with _unreadable_if_broken():
            batch = next(batches, None)
            if batch is None:
                return
            typed = _typed(batch)
        yield typed


def _as_columns(table: pa.Table) -> dict[str, Sequence[object]]:
    # An Arrow array is a sequence of its values in all but name; the sink takes it as it is.
    arrays = {name: table.column(name).combine_chunks() for name in table.column_names}
    return cast("dict[str, Sequence[object]]", arrays)


def _count(table: pa.Table, report: ReadReport) -> None:
    for run in compute.value_counts(table.column("run_id")).to_pylist():
        report.runs[run["values"]] = report.runs.get(run["values"], 0) + run["counts"]
    report.targets.update(compute.unique(table.column("target_name")).to_pylist())


def _typed(batch: pa.RecordBatch) -> tuple[dict[str, Array], _Faults]:
    faults = _Faults(batch.num_rows)
    columns: dict[str, Array] = {}
    for column in COLUMNS:
        if column in batch.schema.names:
            values = _plain(batch.column(column))
        else:
            values = pa.nulls(batch.num_rows)
        if column == "attempted_at":
            columns[column] = _timestamps(values, column, faults)
        elif column == "is_control":
            columns[column] = compute.fill_null(_booleans(values, column, faults), False)
        else:
            columns[column] = _texts(values, column, faults)
    return columns, faults


def _plain(values: Array) -> Array:
    """Undo the encodings that only save space."""
    if pa.types.is_dictionary(values.type):
        return values.dictionary_decode()
    return values.storage if isinstance(values, pa.ExtensionArray) else values


def _texts(values: Array, column: str, faults: _Faults) -> Array:
    kind = values.type
    if _is_textual(kind):
        texts = _sound_texts(values, column, faults)
    elif pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        texts = values.cast(pa.string())
    elif pa.types.is_floating(kind):
        # Through text, so that a narrow 0.1 stays 0.1.
        numbers = values.cast(pa.string()).cast(pa.float64())
        is_finite = compute.is_finite(numbers)
        faults.add(compute.invert(is_finite), Reason.NAN_OR_INFINITY, column)
        numbers = compute.if_else(is_finite, numbers, pa.scalar(None, pa.float64()))
        texts = _map_distinct(numbers, number_text, pa.string())
    else:
        texts = _refused(values, column, faults, pa.string())
    if column in REQUIRED:
        faults.add(compute.is_null(texts), Reason.MISSING_VALUE, column)
    if column == "outcome":
        is_known = compute.is_in(texts, value_set=pa.array(OUTCOMES))
        faults.add(compute.invert(is_known), Reason.UNKNOWN_VALUE, column)
    return texts


def _timestamps(values: Array, column: str, faults: _Faults) -> Array:
    kind = values.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _in_range(values, column, faults)
    if not _is_textual(kind):
        return _refused(values, column, faults, _TIMESTAMP)
    texts = _sound_texts(values, column, faults)

    def parsed(text: str) -> object:
        try:
            return parse_timestamp(text)
        except ValueFault:
            return None

    moments = _map_distinct(texts, parsed, _TIMESTAMP)
    is_bad = compute.and_(compute.is_valid(texts), compute.is_null(moments))
    faults.add(is_bad, Reason.BAD_TIMESTAMP, column)
    return moments


def _in_range(values: Array, column: str, faults: _Faults) -> Array:
    """Take typed times to microseconds of UTC; years outside 1 to 9999 are no timestamps."""
    kind = values.type
    if pa.types.is_date32(kind):
        values = values.cast(pa.date64())
        per_second = 1000
    elif pa.types.is_date64(kind):
        per_second = 1000
    else:
        per_second = _UNITS_PER_SECOND[kind.unit]
    ticks = values.cast(pa.int64())
    first, end = _FIRST_SECOND * per_second, (_LAST_SECOND + 1) * per_second
    if end < 2**63:
        is_out = compute.or_(compute.less(ticks, first), compute.greater_equal(ticks, end))
        faults.add(is_out, Reason.BAD_TIMESTAMP, column)
        values = compute.if_else(is_out, pa.scalar(None, values.type), values)
    return values.cast(_TIMESTAMP, safe=False)


def _booleans(values: Array, column: str, faults: _Faults) -> Array:
    if pa.types.is_boolean(values.type):
        return values
    if not _is_textual(values.type):
        return _refused(values, column, faults, pa.bool_())
    texts = compute.ascii_lower(_sound_texts(values, column, faults))
    is_true, is_false = compute.equal(texts, "true"), compute.equal(texts, "false")
    faults.add(compute.invert(compute.or_(is_true, is_false)), Reason.BAD_BOOLEAN, column)
    return is_true


def _is_textual(kind: DataType) -> bool:
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    is_bytes = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    return is_text or is_bytes or pa.types.is_string_view(kind) or pa.types.is_binary_view(kind)


def _sound_texts(values: Array, column: str, faults: _Faults) -> Array:
    """Check what Parquet does not promise: bytes are UTF-8, without NUL; empty text is null."""
    stored = values.cast(pa.binary())
    try:
        texts = stored.cast(pa.string())
    except pa.ArrowInvalid:
        decoded = [_decoded(value) for value in stored.to_pylist()]
        texts = pa.array(decoded, pa.string())
        is_bad = compute.and_(compute.is_valid(stored), compute.is_null(texts))
        faults.add(is_bad, Reason.BAD_UTF8, column)
    faults.add(compute.match_substring(texts, "\0"), Reason.NUL_BYTE, column)
    return compute.if_else(compute.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _decoded(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def _refused(values: Array, column: str, faults: _Faults, kind: DataType) -> Array:
    faults.add(compute.is_valid(values), Reason.WRONG_TYPE, column)
    return pa.repeat(pa.scalar(None, kind), len(values))


def _map_distinct(values: Array, change: Callable[[Any], object], kind: DataType) -> Array:
    """Apply a Python function once for each distinct value; null stays null."""
    encoded = values.dictionary_encode()
    changed = pa.array([change(value) for value in encoded.dictionary.to_pylist()], kind)
    return changed.take(encoded.indices)
