"""Jira exports: search pages, issues, change histories and lists of what ids stand for.

What a document is, its keys say, not its name. Descriptions, comments and people never leave the
reader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

import msgspec

from aism.land.json_lines import LineFault
from aism.land.model import Fault, LandedFile, ReadReport, Reason, Sink
from aism.land.readers.jira_changes import NAMED, is_reserved, read_history
from aism.land.readers.jira_issues import is_custom, read_issue
from aism.land.readers.jira_objects import is_of_person, kind_of, read_object
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
from aism.land.readers.tracker_names import id_in_url, issue_in_name
from aism.land.readers.tracker_rows import Change, TrackerRows, required_id

VERSION = 1

_ISSUES, _CHANGELOG, _OBJECTS = "issues", "changelog", "objects"
_PAGES = ("issues", "issueChangeLogs", "histories", "values")
_NO_ISSUE = "issue"
"""Named as missing where nothing says to which issue a history belongs."""


class _Probe(msgspec.Struct, rename="camel"):
    """Keys that tell what an object in an array is."""

    fields: Raw = NOTHING
    changelog: Raw = NOTHING
    items: Raw = NOTHING
    issues: Raw = NOTHING
    issue_change_logs: Raw = NOTHING
    histories: Raw = NOTHING
    values: Raw = NOTHING

    @property
    def is_page(self) -> bool:
        pages = (self.issues, self.issue_change_logs, self.histories, self.values)
        return any(map(_is_array, pages))


class _Changelog(msgspec.Struct):
    histories: list[Raw]
    total: Raw = NOTHING


class _IssueChanges(msgspec.Struct, rename="camel"):
    issue_id: int | str | None = None
    change_histories: list[Raw] = []


_decode_probe = msgspec.json.Decoder(_Probe).decode
_decode_changelog = msgspec.json.Decoder(_Changelog).decode
_decode_issue_changes = msgspec.json.Decoder(_IssueChanges).decode
_decode_object = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_array = msgspec.json.Decoder(list[Raw]).decode
_decode_text = msgspec.json.Decoder(str).decode
_decode_names = msgspec.json.Decoder(dict[str, str]).decode


@dataclass(slots=True)
class _Past:
    """What the file holds of the change history of one issue."""

    seen: set[str] = field(default_factory=set)
    stated: int | None = None
    is_listed: bool = False
    is_damaged: bool = False

    @property
    def is_whole(self) -> bool:
        enough = self.stated is None or len(self.seen) >= self.stated
        return self.is_listed and not self.is_damaged and enough


def read_jira(file: LandedFile, sink: Sink) -> ReadReport:
    """Read one ``.json[.gz]`` into the tracker_… tables.

    Rows are issues, histories of separate changelogs, and objects of lists; a history inside an
    issue is one only where it is held back. Memory grows with the file.

    Raises:
        UnreadableFileError: the file cannot be opened or unpacked, is too large, or is no JSON.

    """
    report = ReadReport()
    reader = _JiraFile(file, sink, report)
    for document in read_documents(file.path, report):
        reader.take_document(document)
    reader.write()
    return report


class _JiraFile:
    """Takes the documents of one file; ``write`` comes last."""

    def __init__(self, file: LandedFile, sink: Sink, report: ReadReport) -> None:
        self._report = report
        self._rows = TrackerRows(file, sink, report)
        self._named_issue = issue_in_name(file.name, with_keys=True)
        self._pasts: dict[str, _Past] = {}
        self._page_histories: set[tuple[str, str]] = set()
        self._person_fields: set[str] = set()
        self._field_ids: dict[str, set[str]] = {}
        """Of custom fields, by their names."""

    def take_document(self, document: Document) -> None:
        top = document.top
        if isinstance(top, list):
            self._take_array(document.prefix, top)
        elif not self._take_page(document.prefix, top):
            self._take_all([(document.name, document.raw)])

    def _take_array(self, prefix: str, array: list[Raw]) -> None:
        records: list[tuple[str, Raw]] = []
        for index, raw in enumerate(array):
            path = f"{prefix}[{index}]"
            if _is_page(raw):
                self._take_page(f"{path}.", _decode_object(raw))
            else:
                records.append((path, raw))
        if records or not array:
            self._take_all(records)

    def _take_page(self, prefix: str, page: dict[str, Raw]) -> bool:
        """Take the records of one page; False for an object that is none."""
        key = next((key for key in _PAGES if key in page), None)
        if key is None or ("fields" in page and key != _ISSUES):
            return False
        self._learn_names(page.get("names"))
        path, total = f"{prefix}{key}", total_of(page.get("total"))
        if not _is_array(page[key]):
            self._hold_back(path, Reason.WRONG_TYPE, key)
            return True
        records = [(f"{path}[{i}]", raw) for i, raw in enumerate(_decode_array(page[key]))]
        if key == "issues":
            if total is None and _is_followed(page):
                total = len(records) + 1  # all that can be said: there is at least one more
            self._take_all(records, total, _ISSUES)
        elif key == "issueChangeLogs":
            self._take_bulk(records)
        else:
            url = _text(page.get("self"))
            is_changelog = key == "histories" or "/changelog" in url or not records
            kind = _CHANGELOG if is_changelog else None
            self._take_all(records, total, kind, id_in_url(url, "issue"))
        return True

    def _take_all(
        self,
        records: list[tuple[str, Raw]],
        total: int | None = None,
        document: str | None = None,
        issue: str | None = None,
    ) -> None:
        """Take records of one array; each says what it is unless ``document`` does."""
        counts: Counter[str] = Counter({document or _ISSUES: 0})
        issue = issue or self._named_issue
        for record_path, raw in records:
            kind = document or _kind(raw)
            counts[kind] += 1
            if kind == _CHANGELOG:
                take_record(self._report, record_path, raw, partial(self._take_history, issue))
            elif kind == _OBJECTS:
                take_record(self._report, record_path, raw, self._take_object)
            else:
                issue_raw, parts = split_off(raw, ["changelog"])
                take = partial(self._take_issue, parts.get("changelog"))
                take_record(self._report, record_path, issue_raw, take)
        if issue and total is not None and counts.keys() == {_CHANGELOG}:
            past = self._past(issue)
            past.is_listed = True
            past.stated = max(total, past.stated or 0)
        for kind, count in counts.items():
            if count or len(counts) == 1:
                self._rows.put_page(kind, count, total)

    def _take_issue(self, changelog: Raw | None, path: str, raw: Raw) -> None:
        item = read_issue(path, raw, self._person_fields)
        before = self._rows.items.get(item.item_id)
        if before is not None and before.updated_at != item.updated_at:
            self._pasts.pop(item.item_id, None)  # an older history is not the whole one
        self._rows.put_item(item)
        if changelog is not None and is_there(changelog):
            self._take_changelog(f"{path}.changelog", changelog, item.item_id)

    def _take_changelog(self, path: str, raw: Raw, item_id: str) -> None:
        past = self._past(item_id)
        try:
            changelog = _decode_changelog(raw)
        except msgspec.MsgspecError:
            past.is_damaged = True
            self._hold_back(path, Reason.WRONG_TYPE, "histories")
            return
        past.is_listed = True
        stated = total_of(changelog.total)
        if stated is not None:
            past.stated = max(stated, past.stated or 0)
        for index, history in enumerate(changelog.histories):
            history_path = f"{path}.histories[{index}]"
            try:
                take_checked(history_path, history, partial(self._keep_history, item_id))
            except LineFault as fault:
                past.is_damaged = True
                self._hold_back(history_path, fault.reason, fault.column_name)

    def _take_bulk(self, records: list[tuple[str, Raw]]) -> None:
        count = 0
        for path, raw in records:
            try:
                one = _decode_issue_changes(raw)
            except msgspec.MsgspecError:
                self._hold_back(path, Reason.WRONG_TYPE, "changeHistories")
                continue
            issue = None if one.issue_id is None else str(one.issue_id)
            count += len(one.change_histories)
            for index, history in enumerate(one.change_histories):
                history_path = f"{path}.changeHistories[{index}]"
                take = partial(self._take_history, issue)
                take_record(self._report, history_path, history, take)
        self._rows.put_page(_CHANGELOG, count, None)

    def _take_history(self, issue: str | None, path: str, raw: Raw) -> None:
        """Take a history that is a row of its own."""
        item_id = required_id(issue, _NO_ISSUE)
        history_id = self._keep_history(item_id, path, raw)
        if (item_id, history_id) in self._page_histories:
            self._report.superseded += 1
        self._page_histories.add((item_id, history_id))

    def _keep_history(self, item_id: str, path: str, raw: Raw) -> str:
        history_id, changes = read_history(path, raw, item_id)
        self._past(item_id).seen.add(history_id)
        self._rows.changes += changes
        return history_id

    def _take_object(self, _: str, raw: Raw) -> None:
        row = read_object(raw)
        if row.kind == "field":
            if is_of_person(raw):
                self._person_fields.add(row.object_id)
            if row.name and is_custom(row.object_id):
                self._field_ids.setdefault(row.name, set()).add(row.object_id)
        self._rows.put_object(row)

    def _learn_names(self, raw: Raw | None) -> None:
        if raw is None:
            return
        try:
            names = _decode_names(raw)
        except msgspec.MsgspecError:
            return
        for field_id, name in names.items():
            if is_custom(field_id):
                self._field_ids.setdefault(name, set()).add(field_id)

    def _past(self, item_id: str) -> _Past:
        return self._pasts.setdefault(item_id, _Past())

    def _hold_back(self, path: str, reason: Reason, column_name: str | None) -> None:
        self._report.rows_read += 1
        self._report.faults.append(Fault(reason, record_path=path, column_name=column_name))

    def write(self) -> None:
        """Write all rows, now that ids of keys, custom fields and fields of people are known."""
        ids = {item.item_key: item.item_id for item in self._rows.items.values()}
        for item in self._rows.items.values():
            pasts = [self._pasts.get(item.item_id), self._pasts.get(item.item_key)]
            item.has_history = any(past is not None and past.is_whole for past in pasts)
        self._rows.changes = list(self._standing_changes(ids))
        self._rows.write()

    def _standing_changes(self, ids: dict[str, str]) -> Iterable[Change]:
        for change in self._rows.changes:
            name = change.field
            if name.startswith(NAMED):
                known = self._field_ids.get(name.removeprefix(NAMED), set())
                name = next(iter(known)) if len(known) == 1 else name.removeprefix(NAMED)
                if is_reserved(name):
                    continue
            if name not in self._person_fields:
                item_id = ids.get(change.item_id, change.item_id)
                yield change._replace(field=name, item_id=item_id)


def _kind(raw: Raw) -> str:
    """Tell an issue, a history and an object of a list apart; what is none of them is no issue."""
    try:
        probe = _decode_probe(raw)
    except (msgspec.MsgspecError, RecursionError):
        return _ISSUES
    if is_there(probe.fields) or is_there(probe.changelog):
        return _ISSUES
    if is_there(probe.items):
        return _CHANGELOG
    return _OBJECTS if kind_of(raw) else _ISSUES


def _is_page(raw: Raw) -> bool:
    try:
        probe = _decode_probe(raw)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return probe.is_page and not is_there(probe.fields)


def _is_followed(page: dict[str, Raw]) -> bool:
    """Tell whether a page of the enhanced search, which states no total, is not the last one."""
    if "isLast" in page:
        return bytes(page["isLast"]) == b"false"
    return bool(_text(page.get("nextPageToken")))


def _is_array(raw: Raw | None) -> bool:
    return raw is not None and bytes(memoryview(raw)[:1]) == b"["


def _text(raw: Raw | None) -> str:
    try:
        return "" if raw is None else _decode_text(raw)
    except msgspec.MsgspecError:
        return ""
