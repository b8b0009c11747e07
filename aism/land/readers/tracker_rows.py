"""What the readers of trackers have in common: single values, and the rows of one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from aism.land.json_lines import LineFault
from aism.land.model import LandedFile, ReadReport, Reason, Sink
from aism.land.rows import RowBuffer
from aism.land.values import ValueFault, parse_timestamp

MAX_TITLE = 500
MAX_VALUE = 200
"""Characters; what is longer is text and no value."""

_EPOCH = datetime(1970, 1, 1)


class Value(NamedTuple):
    """One value of a field of an item; ``None`` where the tracker has no id or no name."""

    field: str
    value_id: str | None
    value: str | None


class Link(NamedTuple):
    """From an item to another one, of which the file names the id, the key or both."""

    link: str
    target_id: str | None
    target_key: str | None


class Change(NamedTuple):
    """A dated change of one field; (item_id, change_id, field) is unique."""

    record_path: str
    item_id: str
    change_id: str
    changed_at: datetime
    field: str
    from_id: str | None
    from_value: str | None
    to_id: str | None
    to_value: str | None


@dataclass(slots=True)
class Item:
    """An item with its values and links; the columns of ``tracker_items``."""

    record_path: str
    item_id: str
    item_key: str
    project: str | None
    title: str | None
    created_at: datetime | None
    updated_at: datetime | None
    closed_at: datetime | None
    discovered_on: date | None = None
    status_at: datetime | None = None
    has_history: bool = False
    values: list[Value] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """What may name a system, for the alias map."""


class ObjectRow(NamedTuple):
    """What an id stands for."""

    kind: str
    object_id: str
    name: str | None
    parent_kind: str | None = None
    parent_id: str | None = None
    category: str | None = None


class TrackerRows:
    """The rows of one file, kept until its end: what comes again stands in its later form."""

    def __init__(self, file: LandedFile, sink: Sink, report: ReadReport) -> None:
        self._sha256 = file.sha256
        self._sink = sink
        self._report = report
        self.items: dict[str, Item] = {}
        self.changes: list[Change] = []
        self._objects: dict[tuple[str, str], ObjectRow] = {}
        self._pages: list[tuple[str, int, int | None]] = []

    def put_item(self, item: Item) -> None:
        """Keep an item; one of the same id before it is superseded."""
        if self.items.pop(item.item_id, None) is not None:
            self._report.superseded += 1
        self.items[item.item_id] = item

    def put_object(self, row: ObjectRow) -> None:
        """Keep what an id stands for; the same id before it is superseded."""
        if self._objects.pop(row[:2], None) is not None:
            self._report.superseded += 1
        self._objects[row[:2]] = row

    def put_page(self, document: str, items: int, stated_total: int | None) -> None:
        """Note a document with the number of its records and what it says there are in all."""
        self._pages.append((document, items, stated_total))

    def write(self) -> None:
        """Write everything and name the targets; call once, at the end."""
        head = (self._sha256,)
        self._write(
            "tracker_items",
            [
                (
                    self._sha256,
                    item.record_path,
                    item.item_id,
                    item.item_key,
                    item.project,
                    item.title,
                    item.created_at,
                    item.discovered_on,
                    item.updated_at,
                    item.status_at,
                    item.closed_at,
                    item.has_history,
                )
                for item in self.items.values()
            ],
        )
        by_id = [((self._sha256, item.item_id), item) for item in self.items.values()]
        values = [(*key, *value) for key, item in by_id for value in dict.fromkeys(item.values)]
        links = [(*key, *link) for key, item in by_id for link in dict.fromkeys(item.links)]
        self._write("tracker_values", values)
        self._write("tracker_links", links)
        changes = {(one.item_id, one.change_id, one.field): one for one in self.changes}
        by_time = sorted(changes.values(), key=lambda one: (one.changed_at, one[1:4]))
        self._write("tracker_changes", [(*head, *one) for one in by_time])
        self._write("tracker_objects", [(*head, *row) for row in self._objects.values()])
        self._write("tracker_pages", [(*head, *page) for page in self._pages])
        self._report.targets |= {name for item in self.items.values() for name in item.names}

    def _write(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        buffer = RowBuffer(self._sink, table)
        for row in rows:
            buffer.add(row)
        buffer.flush()


def checked(text: str | None, column_name: str) -> str | None:
    """Return text that may enter the lake, None for an empty one; raises ``nul_byte``."""
    if text and "\0" in text:
        raise LineFault(Reason.NUL_BYTE, column_name)
    return text or None


def short(text: str | None, column_name: str) -> str | None:
    """Return ``checked`` text of at most 200 characters, None for a longer one."""
    text = checked(text, column_name)
    return text if text is None or len(text) <= MAX_VALUE else None


def title_of(text: str | None, column_name: str) -> str | None:
    """Return the first 500 characters of ``checked`` text."""
    text = checked(text, column_name)
    return None if text is None else text[:MAX_TITLE]


def id_of(value: int | str | None, column_name: str) -> str | None:
    """Return an id as text, None for none; an id over 200 characters is ``wrong_type``."""
    text = checked(str(value) if isinstance(value, int) else value, column_name)
    if text is not None and len(text) > MAX_VALUE:
        raise LineFault(Reason.WRONG_TYPE, column_name)
    return text


def required_id(value: int | str | None, column_name: str) -> str:
    """Return ``id_of``; none is ``missing_key``."""
    text = id_of(value, column_name)
    if text is None:
        raise LineFault(Reason.MISSING_KEY, column_name)
    return text


def moment(value: str | int | None, column_name: str) -> datetime | None:
    """Parse a time of ISO 8601 or of milliseconds since 1970 to UTC; None for none.

    Raises:
        LineFault: ``bad_timestamp``.

    """
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int):
            return _EPOCH + timedelta(milliseconds=value)
        return parse_timestamp(value)
    except (ValueFault, OverflowError):
        raise LineFault(Reason.BAD_TIMESTAMP, column_name) from None


def required_moment(value: str | int | None, column_name: str) -> datetime:
    """Return ``moment``; none is ``missing_key``."""
    found = moment(value, column_name)
    if found is None:
        raise LineFault(Reason.MISSING_KEY, column_name)
    return found


def label_names(label: str) -> list[str]:
    """Return the label and what follows its first colon, where that is something."""
    _, _, rest = label.partition(":")
    return [label, rest.strip()] if rest.strip() else [label]
