"""One JSON document per file: the whole checked once, its records decoded one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, TypeVar

import msgspec

from aism.land.json_lines import LineFault, check_text, explain
from aism.land.model import Fault, ReadReport, Reason, UnreadableFileError
from aism.land.streams import Limits, open_stream

_T = TypeVar("_T")
_BOM = b"\xef\xbb\xbf"
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_HALF_CHARACTER = rb"\ufFfD"
"""Stands for a lone surrogate: U+FFFD in a spelling that no writer of JSON uses."""


def read_document(path: Path) -> bytes:
    """Read a plain or gzipped file whole, without a BOM.

    Raises:
        UnreadableFileError: it cannot be opened or unpacked, or is over the limit of a document.

    """
    with open_stream(path) as stream:
        return read_bounded(stream).removeprefix(_BOM)


def read_bounded(stream: IO[bytes]) -> bytes:
    """Read ``stream`` to its end; raises UnreadableFileError ``too_large`` over the limit."""
    limit = Limits.from_environment().document_bytes
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise UnreadableFileError(Reason.TOO_LARGE, "one document over the limit")
    return data


def decode_document(data: bytes, decode: Callable[[bytes | msgspec.Raw], _T]) -> _T:
    """Decode the frame of a document; records inside it stay ``msgspec.Raw``.

    A lone surrogate is a fault of the record that holds it, not of the whole document.

    Raises:
        UnreadableFileError: not sound JSON, or not of the shape that ``decode`` wants.

    """
    try:
        check_text(data)
    except LineFault as fault:
        raise UnreadableFileError(fault.reason) from None
    try:
        return decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        # msgspec takes no lone surrogate even where it only skips.
        return decode_part(_ESCAPE.sub(_mark_half_character, data), decode)


def _mark_half_character(escape: re.Match[bytes]) -> bytes:
    return _HALF_CHARACTER if escape["lone"] else escape[0]


def decode_part(data: bytes | msgspec.Raw, decode: Callable[[bytes | msgspec.Raw], _T]) -> _T:
    """Decode a part of the frame whose text was checked with the whole document.

    Raises:
        UnreadableFileError: not of the shape that ``decode`` wants.

    """
    try:
        return decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        found = explain(bytes(data), error, kinds=(dict, list))
        raise UnreadableFileError(found.reason, found.column_name or "") from None


def take_records(
    records: Iterable[msgspec.Raw],
    path: str,
    report: ReadReport,
    take: Callable[[str, msgspec.Raw], None],
) -> None:
    """Give each record to ``take(record_path, raw)``; ``report`` keeps count.

    ``take`` decodes the record and keeps it, or raises ``LineFault``, a msgspec error or
    ``RecursionError`` before it has kept anything: that is one fault under ``path[index]``.
    """
    for index, raw in enumerate(records):
        take_record(f"{path}[{index}]", raw, report, take)


def take_record(
    record_path: str,
    raw: msgspec.Raw,
    report: ReadReport,
    take: Callable[[str, msgspec.Raw], None],
) -> None:
    """Do for one record what ``take_records`` does for all of an array."""
    report.rows_read += 1
    try:
        if _HALF_CHARACTER in bytes(raw):
            raise LineFault(Reason.LONE_SURROGATE)  # noqa: TRY301 - one place notes faults
        take(record_path, raw)
    except LineFault as fault:
        found = fault
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        found = explain(bytes(raw), error)
    else:
        return
    report.faults.append(
        Fault(found.reason, record_path=record_path, column_name=found.column_name)
    )
