"""JSON files of tracker APIs: one document, several one after another, records that are damaged.

A page of an API is saved as it came, and pages of one query are often appended to one file. A
damaged record must not take the others with it: what no decoder takes (a constant that is no
JSON, half a character, bytes that are not UTF-8, nesting beyond the limit) is marked before the
document is decoded, and the mark is the fault of the record around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

import msgspec

from aism.land.json_documents import read_document
from aism.land.json_lines import (
    MAX_DEPTH,
    MAX_RESCUED_DEPTH,
    LineFault,
    check_text,
    classify,
    explain,
)
from aism.land.model import Fault, ReadReport, Reason, UnreadableFileError

Raw: TypeAlias = msgspec.Raw
Top: TypeAlias = dict[str, msgspec.Raw] | list[msgspec.Raw]
_T = TypeVar("_T")

NOTHING = Raw()
"""The value of a key that is not there."""

_MARKS = {
    rb"\ufFfA": Reason.NAN_OR_INFINITY,
    rb"\ufFfB": Reason.LONE_SURROGATE,
    rb"\ufFfC": Reason.BAD_UTF8,
    rb"\ufFfD": Reason.TOO_DEEP,
}
"""Spellings that no writer of JSON uses."""
_CONSTANT, _HALF, _BYTES, _DEEP = _MARKS
_ANY_MARK = re.compile(rb"\\ufFf[A-D]")
# Python before 3.11.5 does not give back what a branch of a possessive group took before it failed:
# a string without an end is a match, too, and a minus is looked for afterwards.
_TOKEN = re.compile(
    rb'(?:[^"{}\[\]NI]++|"(?:[^"\\]++|\\.)*+(?:"|\\?\Z))*+(?P<token>[{}\[\]]|NaN|Infinity)',
    re.DOTALL,
)
_HALF_CHARACTER = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_NO_UTF8 = re.compile("[\udc80-\udcff]")
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_top: Callable[[bytes], Top] = msgspec.json.Decoder(Top).decode


@dataclass(slots=True)
class Document:
    """One document of a file; ``name`` is its place, ``prefix`` stands before paths in it."""

    name: str
    prefix: str
    raw: Raw
    top: Top


def read_documents(path: Path, report: ReadReport) -> Iterator[Document]:
    """Yield the documents of a plain or gzipped file; objects and arrays, records still raw.

    Of several documents one that is no sound JSON is one row held back. The file is not complete
    when that is the last one: the export was cut.

    Raises:
        UnreadableFileError: the file cannot be opened or unpacked, is over the limit of a
            document, nests without end, or its only document is no JSON object or array.

    """
    data = read_document(path)
    try:
        check_text(data)
        top = _decode_top(data)
    except (LineFault, msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        parts = _split(_with_marked_bytes(data))
    else:
        yield Document("document 1", "", Raw(data), top)
        return
    if len(parts) == 1:
        try:
            yield Document("document 1", "", *_decode(parts[0]))
        except LineFault as fault:
            raise UnreadableFileError(fault.reason) from None
        return
    for number, part in enumerate(parts, 1):
        name = f"document {number}"
        try:
            raw, top = _decode(part)
        except LineFault as fault:
            report.rows_read += 1
            report.faults.append(Fault(fault.reason, record_path=name))
            report.is_complete = report.is_complete and number < len(parts)
        else:
            yield Document(name, f"{name}: ", raw, top)


def _decode(data: bytes) -> tuple[Raw, Top]:
    for text in (data, _HALF_CHARACTER.sub(_mark_half, data)):
        try:
            return Raw(text), _decode_top(text)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            continue
    raise LineFault(classify(data, (dict, list)) or Reason.NOT_JSON)


def _mark_half(escape: re.Match[bytes]) -> bytes:
    return _HALF if escape["lone"] else escape[0]


def _with_marked_bytes(data: bytes) -> bytes:
    try:
        data.decode()
    except UnicodeDecodeError:
        text = data.decode(errors="surrogateescape")
        return _NO_UTF8.sub(_BYTES.decode().replace("\\", r"\\"), text).encode()
    return data


def _split(data: bytes) -> list[bytes]:
    """Cut at the ends of documents and mark what no decoder takes; at least one part."""
    parts: list[bytes] = []
    pieces: list[bytes] = []
    depth = copied = end = 0
    # Matched from where the last one ended: a search would try every byte of a cut string.
    while match := _TOKEN.match(data, end):
        token, at, end = match["token"], match.start("token"), match.end()
        if token in b"{[":
            if not depth and not (between := data[copied:at]).isspace() and between:
                parts.append(between)
            if not depth:
                copied = at
            depth += 1
            if depth > MAX_RESCUED_DEPTH:
                raise UnreadableFileError(Reason.TOO_DEEP)
            if depth == MAX_DEPTH + 1:
                pieces.append(data[copied:at])
                copied = at
        elif token in b"}]":
            if not depth:
                continue  # stands between documents, as any other text that is none
            if depth == MAX_DEPTH + 1:
                pieces.append(b'"%s"' % _DEEP)
                copied = end
            depth -= 1
            if not depth:
                pieces.append(data[copied:end])
                parts.append(b"".join(pieces))
                pieces, copied = [], match.end()
        elif 0 < depth <= MAX_DEPTH:
            before = data[copied:at].removesuffix(b"-") if token == b"Infinity" else data[copied:at]
            pieces.append(before + b'"%s"' % _CONSTANT)
            copied = end
    pieces.append(data[copied:])
    rest = b"".join(pieces)
    if not parts or (rest and not rest.isspace()):
        parts.append(rest)
    return parts


def take_record(
    report: ReadReport, path: str, raw: Raw, take: Callable[[str, Raw], bool | None]
) -> None:
    """Give one record to ``take(record_path, raw)``; ``report`` keeps count.

    ``take`` keeps the record, returns False for what is no row, or raises ``LineFault``, a msgspec
    error or ``RecursionError`` before it has kept anything: that is one fault under ``path``.
    """
    try:
        if take_checked(path, raw, take) is not False:
            report.rows_read += 1
    except LineFault as fault:
        report.rows_read += 1
        report.faults.append(Fault(fault.reason, record_path=path, column_name=fault.column_name))


def take_checked(path: str, raw: Raw, take: Callable[[str, Raw], _T]) -> _T:
    """Return what ``take`` does; every fault of the record is a ``LineFault``."""
    data = bytes(raw)
    if mark := _ANY_MARK.search(data):
        raise LineFault(_MARKS[mark[0]])
    try:
        return take(path, raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise explain(data, error) from None


def split_off(raw: Raw, keys: Iterable[str]) -> tuple[Raw, dict[str, Raw]]:
    """Take the values of ``keys`` out of an object, so that what is bad in them stays theirs."""
    try:
        parts = _decode_object(raw)
    except (msgspec.MsgspecError, RecursionError):
        return raw, {}
    taken = {key: parts.pop(key) for key in keys if key in parts}
    return (Raw(msgspec.json.encode(parts)), taken) if taken else (raw, {})


def is_there(raw: Raw) -> bool:
    """Tell whether a key is there with more than null."""
    return bytes(memoryview(raw)[:1]) not in (b"", b"n")


def total_of(raw: Raw | None) -> int | None:
    """Return a number of records that a page states; None for anything else."""
    if raw is None:
        return None
    try:
        number = msgspec.json.decode(raw, type=int)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return number if 0 <= number < 2**63 else None
