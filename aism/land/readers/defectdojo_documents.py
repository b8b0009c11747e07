"""A DefectDojo export as text: which records it holds, and how they came together.

A file is one JSON document or several, one after another. Where one is no sound JSON as a whole,
its records are cut out by their brackets: a bad record costs one row, and a file that was cut
keeps what stands before the cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from aism.land.display import make_visible
from aism.land.json_lines import MAX_RESCUED_DEPTH, LineFault, check_text
from aism.land.model import Reason, UnreadableFileError
from aism.land.readers.tracker_documents import total_of

Raw = msgspec.Raw
_ABSENT = Raw()

# A string without an end is a match, too: see tracker_documents.
_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+(?:"|\\?\Z))*+([{}\[\]])', re.DOTALL)
"""Up to the next bracket that stands outside of texts."""
_RESULTS = re.compile(rb'"results"\s*+:\s*+\Z')
_KEY_REACH = 64
_BLANK = b" \t\r\n\xef\xbb\xbf"
_BETWEEN = b", \t\r\n"


class _Page(msgspec.Struct):
    """The keys of a page of the REST interface; ``results`` makes it one."""

    results: Raw = _ABSENT
    count: Raw = _ABSENT
    prefetch: Raw = _ABSENT


_decode_frame = msgspec.json.Decoder(list[Raw] | dict[str, Raw]).decode
_decode_page = msgspec.json.Decoder(_Page).decode
_decode_list = msgspec.json.Decoder(list[Raw]).decode
_decode_prefetch = msgspec.json.Decoder(dict[str, Raw]).decode


@dataclass(slots=True)
class Batch:
    """Records that came together: a page, an array, or an object alone, with their paths."""

    records: list[tuple[str, Raw]]
    is_lone: bool = False
    stated_total: int | None = None
    prefetched: list[tuple[str, str, Raw]] = field(default_factory=list)
    """Objects that a page carries beside its records: field, path, object."""


@dataclass(slots=True)
class Export:
    """All of a file."""

    batches: list[Batch] = field(default_factory=list)
    is_complete: bool = True
    is_checked: bool = True
    """All of the text is UTF-8 and nowhere nested too deep; else each record is to be checked."""


@dataclass(slots=True)
class _Frame:
    """One document: the records of an array or of a page, else the document itself."""

    records: list[Raw]
    page: _Page | None = None
    is_lone: bool = False
    is_complete: bool = True


def open_export(data: bytes) -> Export:
    """Find the records of a file, none of them decoded yet.

    Raises:
        UnreadableFileError: there is nothing but blanks, or it nests without end.

    """
    export = Export(is_checked=_is_sound_text(data))
    frame = _frame_of(data) if export.is_checked else None
    if frame is not None:
        frames = [frame]
    else:
        frames = [
            ((export.is_checked or _is_sound_text(part)) and _frame_of(part)) or _cut_out(part)
            for part in _split(data)
        ]
    if not frames:
        raise UnreadableFileError(Reason.NOT_JSON)
    for number, frame in enumerate(frames, 1):
        name = f"document {number}"
        _add_frame(export, frame, f"{name}: " if len(frames) > 1 else "", name)
    return export


def _add_frame(export: Export, frame: _Frame, prefix: str, name: str) -> None:
    export.is_complete &= frame.is_complete
    if frame.is_lone:
        export.batches.append(Batch([(name, raw) for raw in frame.records], is_lone=True))
    elif frame.page is not None:
        _add_page(export, frame, prefix)
    else:
        batch = Batch([])
        for index, raw in enumerate(frame.records):
            path = f"{prefix}[{index}]"
            inner = _page_in(raw)
            if inner is None:
                batch.records.append((path, raw))
            else:
                _add_page(export, inner, f"{path}.")
        if batch.records or not frame.records:
            export.batches.append(batch)


def _add_page(export: Export, frame: _Frame, prefix: str) -> None:
    page = frame.page or _Page()
    records = [(f"{prefix}results[{index}]", raw) for index, raw in enumerate(frame.records)]
    batch = Batch(records, stated_total=total_of(page.count))
    batch.prefetched.extend(_prefetched(page.prefetch, prefix))
    export.batches.append(batch)


def _prefetched(prefetch: Raw, prefix: str) -> Iterator[tuple[str, str, Raw]]:
    try:
        for name, block in _decode_prefetch(prefetch).items():
            for key, raw in _decode_prefetch(block).items():
                shown = f"{make_visible(name, 40)}[{make_visible(key, 40)}]"
                yield name, f"{prefix}prefetch.{shown}", raw
    except (msgspec.MsgspecError, RecursionError):
        return  # a courtesy of the page: its records say the same by id


def _is_sound_text(data: bytes) -> bool:
    try:
        check_text(data)
    except LineFault:
        return False
    return True


def _frame_of(data: bytes) -> _Frame | None:
    """Open a sound document of checked text; None for any other."""
    try:
        frame = _decode_frame(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    if isinstance(frame, list):
        return _Frame(frame)
    results = frame.get("results")
    if results is None or not _is_array(results):
        return _Frame([Raw(data)], is_lone=True)
    keys = {key: frame[key] for key in _Page.__struct_fields__ if key in frame}
    return _Frame(_decode_list(results), page=_Page(**keys))


def _page_in(raw: Raw) -> _Frame | None:
    """Open an element of an array that is a page; None for one that is a record."""
    try:
        page = _decode_page(raw)
    except (msgspec.MsgspecError, RecursionError):
        frame = _cut_out(bytes(raw))
        return frame if frame.page is not None else None
    if not _is_array(page.results):
        return None
    return _Frame(_decode_list(page.results), page=page)


def _is_array(raw: Raw) -> bool:
    return bytes(memoryview(raw)[:1]) == b"["


def _split(data: bytes) -> list[bytes]:
    """Cut a text into its documents; the last one may be cut already."""
    documents: list[bytes] = []
    start = position = depth = 0
    while match := _BRACKET.match(data, position):
        position = match.end()
        depth += 1 if match[1] in b"{[" else -1
        if depth > MAX_RESCUED_DEPTH:
            raise UnreadableFileError(Reason.TOO_DEEP)
        if depth <= 0:
            depth = 0
            documents.append(data[start:position].strip(_BLANK))
            start = position
    if rest := data[start:].strip(_BLANK):
        documents.append(rest)
    return documents


def _cut_out(data: bytes) -> _Frame:
    """Cut records out of a document that is not sound as a whole.

    What stands between them and is no blank or comma counts as one more record: it will fail.
    """
    is_array = data.startswith(b"[")
    records: list[Raw] = []
    position = depth = start = 0
    inside = 0  # the depth of the array of records, 0 before and after it
    found = False
    body = (0, len(data))
    while match := _BRACKET.match(data, position):
        position = match.end()
        if match[1] in b"{[":
            depth += 1
            if inside:
                if depth == inside + 1:
                    _add_rest(records, data[start : position - 1])
                    start = position - 1
            elif (
                not found and match[1] == b"[" and _begins_records(data, position, depth, is_array)
            ):
                inside, found, start = depth, True, position
                body = (position, len(data))
            continue
        depth -= 1
        if inside and depth == inside:
            records.append(Raw(data[start:position]))
            start = position
        elif inside and depth < inside:
            _add_rest(records, data[start : position - 1])
            body = (body[0], position - 1)
            inside = 0
    if not found:
        return _Frame([Raw(data)], is_lone=True, is_complete=depth <= 0)
    if inside:
        _add_rest(records, data[start:])
    page = None if is_array else _page_around(data, *body)
    return _Frame(records, page=page, is_complete=not inside and depth <= 0)


def _begins_records(data: bytes, position: int, depth: int, is_array: bool) -> bool:
    if is_array:
        return depth == 1
    start = max(0, position - 1 - _KEY_REACH)
    return depth == 2 and _RESULTS.search(data, start, position - 1) is not None


def _add_rest(records: list[Raw], rest: bytes) -> None:
    if rest := rest.strip(_BETWEEN):
        records.append(Raw(rest))


def _page_around(data: bytes, start: int, end: int) -> _Page:
    try:
        return _decode_page(data[:start] + data[end:])
    except (msgspec.MsgspecError, RecursionError):
        return _Page()
