"""RFC 4180, strictly: records as they stand in the bytes, and a fault where they do not hold.

Python's csv module guesses at broken quoting and counts lines its own way; here a broken record
costs its first physical line and nothing after it.
"""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from aism.land.model import Reason
from aism.land.streams import MAX_LINE_BYTES, Line, lines_of

_CELL = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\Z)')
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")


class CsvRow(NamedTuple):
    """One record: ``cells`` is empty when ``fault`` says that the record could not be split."""

    line_number: int
    """Physical line on which the record starts, from 1."""
    cells: list[str]
    raw_text: str
    fault: Reason | None
    """``ragged_row`` for broken quoting, ``line_too_long``; the number of cells is not judged."""
    is_utf8: bool
    """False: some cell fails ``is_sound_utf8``."""


def is_sound_utf8(cell: str) -> bool:
    """Tell whether a cell's bytes were UTF-8; bytes that were not stand as lone surrogates."""
    return _ESCAPED_BYTE.search(cell) is None


def read_csv(stream: BinaryIO | io.BufferedReader) -> tuple[list[str], Iterator[CsvRow]]:
    """Split ``stream`` into its header and a stream of records; blank lines are no records.

    The header is empty when there is none or when it cannot be split. Reading never fails on
    content; errors of the stream itself (``UnreadableFileError``) pass through.
    """
    rows = _records(stream)
    header = next(rows, None)
    return (header.cells if header else []), rows


def _records(stream: BinaryIO | io.BufferedReader) -> Iterator[CsvRow]:
    lines = lines_of(stream)
    pending: deque[Line] = deque()
    while True:
        line = pending.popleft() if pending else next(lines, None)
        if line is None:
            return
        number, data, _ = line
        if data is None:
            yield CsvRow(number, [], "", Reason.LINE_TOO_LONG, True)
        elif b'"' not in data:
            if data:
                yield _row(number, data)
        elif data.count(b'"') % 2 == 0:
            yield _row(number, data)
        else:
            parts = _quoted_lines(line, pending, lines)
            row = _row(number, _joined(parts))
            if row.fault and len(parts) > 1:
                # Only the first line is given up: what follows may be sound records.
                pending.extendleft(reversed(parts[1:]))
                row = _row(number, data)
            yield row


def _quoted_lines(first: Line, pending: deque[Line], lines: Iterator[Line]) -> list[Line]:
    """Gather the physical lines of a record whose quotes are open at the end of ``first``.

    A quote stands in a record only in pairs, so an even count ends it.
    """
    parts = [first]
    size = len(first.data or b"")
    while size <= MAX_LINE_BYTES:
        line = pending.popleft() if pending else next(lines, None)
        if line is None:
            break
        parts.append(line)
        if line.data is None:
            break
        size += len(line.data)
        if line.data.count(b'"') % 2:
            break
    return parts


def _joined(parts: list[Line]) -> bytes:
    *inner, last = parts
    return b"".join((line.data or b"") + line.ending for line in inner) + (last.data or b"")


def _row(line_number: int, data: bytes) -> CsvRow:
    try:
        text, is_utf8 = data.decode(), True
    except UnicodeDecodeError:
        text, is_utf8 = data.decode(errors="surrogateescape"), False
    if '"' not in text and "\r" not in text:
        return CsvRow(line_number, text.split(","), text, None, is_utf8)
    cells: list[str] = []
    position = 0
    while match := _CELL.match(text, position):
        quoted, plain, end = match.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        if not end:
            return CsvRow(line_number, cells, text, None, is_utf8)
        position = match.end()
    return CsvRow(line_number, [], text, Reason.RAGGED_ROW, is_utf8)
