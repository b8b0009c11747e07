"""What readers and the lander exchange: files, faults and the report of one read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Reason(StrEnum):
    """Why a row, a line or a file is held back: the closed list of the output contract."""

    BAD_HEADER = "bad_header"
    RAGGED_ROW = "ragged_row"
    BAD_UTF8 = "bad_utf8"
    BAD_TIMESTAMP = "bad_timestamp"
    BAD_NUMBER = "bad_number"
    BAD_BOOLEAN = "bad_boolean"
    NAN_OR_INFINITY = "nan_or_infinity"
    NEGATIVE_NUMBER = "negative_number"
    NOT_FIRST_DAY = "not_first_day"
    MISSING_VALUE = "missing_value"
    UNKNOWN_VALUE = "unknown_value"
    DANGLING_REFERENCE = "dangling_reference"
    EVENT_BEFORE_REPORT = "event_before_report"
    DELIVERED_BEFORE_REQUEST = "delivered_before_request"
    NO_EXCHANGE_RATE = "no_exchange_rate"
    UNREADABLE_FILE = "unreadable_file"
    BAD_GZIP = "bad_gzip"
    TOO_LARGE = "too_large"
    BAD_NAME = "bad_name"
    SYMLINK = "symlink"
    NOT_JSON = "not_json"
    TRAILING_TEXT = "trailing_text"
    NOT_OBJECT = "not_object"
    NUMBER_RANGE = "number_range"
    TOO_DEEP = "too_deep"
    LINE_TOO_LONG = "line_too_long"
    NUL_BYTE = "nul_byte"
    LONE_SURROGATE = "lone_surrogate"
    MISSING_KEY = "missing_key"
    WRONG_TYPE = "wrong_type"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing held back. ``line_number`` is physical (1 is the first), None for a whole file."""

    reason: Reason
    line_number: int | None = None
    record_path: str | None = None
    column_name: str | None = None
    raw_text: str | None = None


@dataclass(frozen=True, slots=True)
class LandedFile:
    """A regular file of the landing folder, its bytes hashed."""

    path: Path
    name: str
    """Relative to the landing folder, with ``/``."""
    source: str
    sha256: str
    size_bytes: int


@dataclass(slots=True)
class ReadReport:
    """What a reader says of one file; ``rows_read`` counts valid and faulty rows or lines alike."""

    rows_read: int = 0
    faults: list[Fault] = field(default_factory=list)
    superseded: int = 0
    """Valid rows that a later row of the same file stands for: read, neither loaded nor faulty."""
    is_complete: bool = True
    schema_note: str | None = None
    runs: dict[str, int] = field(default_factory=dict)
    """Scanner files: run id -> valid rows (generic attempts) or status-2 attempt lines (garak)."""
    run_lines: dict[str, int] = field(default_factory=dict)
    """Scanner files: run id -> lines of the run; they load or are superseded together."""
    row_prints: dict[str, list[int]] = field(default_factory=dict)
    """Scanner files: run id -> one 63-bit hash per valid row, where other files may tell the same
    run under another id. A run whose rows are all among those of another one is that run."""
    unnamed_runs: set[str] = field(default_factory=set)
    """Scanner files: the runs whose id was made from their rows, because the file names none."""
    targets: set[str] = field(default_factory=set)
    """Scanner files: the target names seen, for the alias map."""


class Sink(Protocol):
    """Where a reader puts typed records: one Parquet file per table and landed file."""

    def write(self, table: str, columns: Mapping[str, Sequence[object]]) -> None:
        """Append a batch to ``table`` (a key of ``schemas.TABLES``): lists of equal length."""


class Reader(Protocol):
    """A reader of one format: bytes of one file in, records to the sink, a report back.

    Raises:
        UnreadableFileError: nothing of the file could be read; the reason is in the error.

    """

    def __call__(self, file: LandedFile, sink: Sink) -> ReadReport: ...


class UnreadableFileError(Exception):
    """A whole file could not be read; it becomes one quarantine entry without a line."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
