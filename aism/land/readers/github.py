"""GitHub exports of REST answers: issues, events and timelines of issues.

What a record is, its keys say, not the name of the file. Pull requests, comments and people never
leave the reader.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

import msgspec

from aism.land.json_lines import LineFault
from aism.land.model import Fault, LandedFile, ReadReport, Reason, Sink
from aism.land.readers.github_events import TALK, read_event
from aism.land.readers.github_issues import read_issue, repository_of
from aism.land.readers.tracker_documents import (
    NOTHING,
    Document,
    Raw,
    is_there,
    read_documents,
    split_off,
    take_checked,
    take_record,
    total_of,
)
from aism.land.readers.tracker_names import issue_in_name
from aism.land.readers.tracker_rows import TrackerRows

VERSION = 1

_ISSUES, _EVENTS = "issues", "events"
_HISTORIES = ("events", "timeline")
_PULLS, _PULL_EVENTS, _TALK = "pull requests", "events of pull requests", "comments and references"


class _Probe(msgspec.Struct):
    """Keys that tell what an object is."""

    event: str | None = None
    items: Raw = NOTHING
    pull_request: Raw = NOTHING
    issue_url: Raw = NOTHING
    head: Raw = NOTHING
    base: Raw = NOTHING
    number: Raw = NOTHING

    @property
    def left_out(self) -> str | None:
        if self.event is not None:
            return _TALK if self.event in TALK else None
        if is_there(self.pull_request) or (is_there(self.head) and is_there(self.base)):
            return _PULLS
        return _TALK if is_there(self.issue_url) and not is_there(self.number) else None


class _Address(msgspec.Struct):
    url: str | None = None


_NO_PROBE = _Probe()
_decode_probe = msgspec.json.Decoder(_Probe).decode
_decode_address = msgspec.json.Decoder(_Address).decode
_decode_array = msgspec.json.Decoder(list[Raw]).decode
_decode_object = msgspec.json.Decoder(dict[str, Raw]).decode


def read_github(file: LandedFile, sink: Sink) -> ReadReport:
    """Read one ``.json[.gz]`` into the tracker_… tables.

    Rows are issues and events; an event inside an issue is one only where it is held back. Pull
    requests, their events and comments are no rows and counted in the note. Memory grows with
    the file.

    Raises:
        UnreadableFileError: the file cannot be opened or unpacked, is too large, or is no JSON.

    """
    report = ReadReport()
    reader = _GithubFile(file, sink, report)
    for document in read_documents(file.path, report):
        reader.take_document(document)
    reader.write()
    return report


class _GithubFile:
    """Takes the documents of one file; ``write`` comes last."""

    def __init__(self, file: LandedFile, sink: Sink, report: ReadReport) -> None:
        self._report = report
        self._rows = TrackerRows(file, sink, report)
        self._number = issue_in_name(file.name)
        base = file.name.rpartition("/")[2].casefold()
        # Of an empty array nothing but the name tells what there is none of.
        self._empty = _EVENTS if any(word in base for word in ("event", "timeline")) else _ISSUES
        self._events: set[tuple[str, str]] = set()
        self._left_out: Counter[str] = Counter()
        self._is_partial = False

    def take_document(self, document: Document) -> None:
        if isinstance(document.top, list):
            self._take_array(document.prefix, document.top)
        elif _is_array(document.top.get("items", NOTHING)):
            self._take_search(document.prefix, document.top)
        else:
            self._take_all([(document.name, document.raw)], None)

    def _take_array(self, path: str, array: list[Raw], total: int | None = None) -> None:
        """Take the records of an array; arrays and search results in it are pages of their own."""
        records: list[tuple[str, Raw]] = []
        for index, raw in enumerate(array):
            place = f"{path}[{index}]"
            if _is_array(raw):
                self._take_array(place, _decode_array(raw))
            elif _is_array(_probe(raw).items):
                self._take_search(f"{place}.", _decode_object(raw))
            else:
                records.append((place, raw))
        if records or not array:
            self._take_all(records, total)

    def _take_search(self, prefix: str, page: dict[str, Raw]) -> None:
        if bytes(page.get("incomplete_results", NOTHING)) == b"true":
            self._is_partial = True
        records = _decode_array(page["items"])
        places = [(f"{prefix}items[{index}]", raw) for index, raw in enumerate(records)]
        self._take_all(places, total_of(page.get("total_count")))

    def _take_all(self, records: list[tuple[str, Raw]], total: int | None) -> None:
        counts: Counter[str] = Counter()
        repository = _repository_in(records)
        for path, raw in records:
            probe = _probe(raw)
            document = _ISSUES if probe.event is None else _EVENTS
            left_out = probe.left_out
            if left_out:
                self._left_out[left_out] += 1
            if left_out != _TALK or document == _EVENTS:
                counts[document] += 1
            if left_out:
                continue
            if document == _EVENTS:
                take_record(self._report, path, raw, partial(self._take_event, repository))
            else:
                issue, histories = split_off(raw, _HISTORIES)
                take_record(self._report, path, issue, partial(self._take_issue, histories))
        if not records:
            counts[self._empty] = 0
        for document, count in counts.items():
            self._rows.put_page(document, count, total)

    def _take_issue(self, histories: dict[str, Raw], path: str, raw: Raw) -> None:
        item = read_issue(path, raw)
        lists = {key: history for key, history in histories.items() if is_there(history)}
        item.has_history = bool(lists)
        self._rows.put_item(item)
        for key, history in lists.items():
            if not _is_array(history):
                item.has_history = False
                self._hold_back(f"{path}.{key}", Reason.WRONG_TYPE, key)
                continue
            for index, event in enumerate(_decode_array(history)):
                event_path = f"{path}.{key}[{index}]"
                try:
                    take_checked(event_path, event, partial(self._take_own_event, item.item_id))
                except LineFault as fault:
                    item.has_history = False
                    self._hold_back(event_path, fault.reason, fault.column_name)

    def _take_own_event(self, item_id: str, path: str, raw: Raw) -> None:
        """Take an event that stands inside its issue and is no row of its own."""
        if _probe(raw).left_out:
            self._left_out[_TALK] += 1
        elif event := read_event(path, raw, item_id=item_id):
            self._rows.changes += event.changes

    def _take_event(self, repository: str | None, path: str, raw: Raw) -> bool:
        event = read_event(path, raw, self._number, repository)
        if event is None:
            self._left_out[_PULL_EVENTS] += 1
            return False
        if (event.item_id, event.event_id) in self._events:
            self._report.superseded += 1
        self._events.add((event.item_id, event.event_id))
        self._rows.changes += event.changes
        return True

    def _hold_back(self, path: str, reason: Reason, column_name: str | None) -> None:
        self._report.rows_read += 1
        self._report.faults.append(Fault(reason, record_path=path, column_name=column_name))

    def write(self) -> None:
        """Write all rows and say what was left out."""
        notes = [f"left out: {count:,} {what}" for what, count in sorted(self._left_out.items())]
        if self._is_partial:
            self._report.is_complete = False
            notes.append("the search timed out and found only a part")
        self._report.schema_note = "; ".join(notes) or None
        self._rows.write()


def _probe(raw: Raw) -> _Probe:
    try:
        return _decode_probe(raw)
    except (msgspec.MsgspecError, RecursionError):
        return _NO_PROBE  # what is wrong with it, its reader says


def _repository_in(records: list[tuple[str, Raw]]) -> str | None:
    """Return the repository that an address in an array names: some events have none."""
    for _, raw in records:
        try:
            found = repository_of(_decode_address(raw).url)
        except (msgspec.MsgspecError, RecursionError):
            continue
        if found:
            return found
    return None


def _is_array(raw: Raw) -> bool:
    return bytes(memoryview(raw)[:1]) == b"["
