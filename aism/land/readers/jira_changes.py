"""Jira change histories: the dated changes of the fields that the lake keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from aism.land.readers.jira_issues import CUSTOM, is_custom
from aism.land.readers.tracker_documents import Raw
from aism.land.readers.tracker_rows import (
    MAX_VALUE,
    Change,
    checked,
    required_id,
    required_moment,
    short,
)

_FIELDS = {
    "status": "status",
    "resolution": "resolution",
    "priority": "priority",
    "issuetype": "issuetype",
    "project": "project",
    "key": "Key",
    "labels": "label",
    "component": "component",
    "components": "component",
    "parent": "parent",
    "issueparentassociation": "parent",
}
"""By the id or the name in the history, in lower case; anything else may hold text or people."""
NAMED = "name:"
"""Before a custom field that is known by its name only, as Jira Server tells it."""
_ACCOUNT = re.compile(
    r"\b(?:[0-9a-f]{24}|[0-9]{5,6}:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|qm:|JIRAUSER[0-9])"
)
"""Ids of people: Cloud accounts, old and new, customers of the service desk, Server users."""
_LETTER = re.compile(r"[^\W\d_TZ]")
"""Besides those of a time."""

Side: TypeAlias = tuple[str | None, str | None]
"""Id and value before or after a change."""


class _Item(msgspec.Struct, rename="camel"):
    field: str
    fieldtype: str | None = None
    field_id: str | None = None
    from_: str | int | None = msgspec.field(default=None, name="from")
    from_string: str | None = None
    to: str | int | None = None
    to_string: str | None = msgspec.field(default=None, name="toString")


class _History(msgspec.Struct):
    id: int | str
    created: str | int | None
    items: list[_Item]


_decode_history = msgspec.json.Decoder(_History).decode


def read_history(record_path: str, raw: Raw, item_id: str) -> tuple[str, list[Change]]:
    """Return the id of a history and its changes of fields that are kept.

    Raises:
        LineFault: ``nul_byte``, ``bad_timestamp`` or ``missing_key``, with the key.
        msgspec.MsgspecError: not of the shape of a history.

    """
    history = _decode_history(raw)
    history_id = required_id(history.id, "id")
    changed_at = required_moment(history.created, "created")
    changes: list[Change] = []
    for number, item in enumerate(history.items):
        field = _field_of(item)
        if field is None:
            continue
        sides = list(_sides(item, field))
        for part, (before, after) in enumerate(sides):
            # A list is one item with all its values: each that came or went is a change.
            change_id = f"{history_id}/{number}" + (f"/{part}" if field == "label" else "")
            changes.append(
                Change(record_path, item_id, change_id, changed_at, field, *before, *after)
            )
    return history_id, changes


def _field_of(item: _Item) -> str | None:
    field_id = item.field_id or ""
    if field_id.startswith(CUSTOM):
        return field_id if is_custom(field_id) else None
    if item.fieldtype == "custom":
        name = short(item.field, "items.field")
        return name and NAMED + name
    return _FIELDS.get(field_id.casefold()) or _FIELDS.get(item.field.casefold())


def _sides(item: _Item, field: str) -> Iterator[tuple[Side, Side]]:
    """Yield what was and what is, for each value that changed."""
    if field == "label":
        yield from _labels(_words(item.from_string), _words(item.to_string))
        return
    from_id, to_id = _id(item.from_), _id(item.to)
    from_value = checked(item.from_string, "items.fromString")
    to_value = checked(item.to_string, "items.toString")
    texts = [text for text in (from_id, from_value, to_id, to_value) if text is not None]
    if not texts or max(map(len, texts)) > MAX_VALUE:
        return
    if field.startswith((CUSTOM, NAMED)) and (
        _is_person(from_id, field) or _is_person(to_id, field)
    ):
        return
    yield (from_id, from_value), (to_id, to_value)


def _labels(before: list[str], after: list[str]) -> Iterator[tuple[Side, Side]]:
    for label in before:
        if label not in after:
            yield (None, label), (None, None)
    for label in after:
        if label not in before:
            yield (None, None), (None, label)


def _words(text: str | None) -> list[str]:
    words = dict.fromkeys((checked(text, "items.toString") or "").split())
    return [word for word in words if len(word) <= MAX_VALUE]


def _id(value: str | int | None) -> str | None:
    return checked(None if value is None else str(value), "items.from")


def _is_person(value_id: str | None, field: str) -> bool:
    """Tell the id of a person; of a field without an id any name is one: options have numbers."""
    if value_id is None:
        return False
    if field.startswith(NAMED) and _LETTER.search(value_id):
        return True
    return _ACCOUNT.search(value_id) is not None


def is_reserved(name: str) -> bool:
    """Tell whether a custom field of this name would pass for one of Jira's own."""
    return name.casefold() in {*_FIELDS, *map(str.casefold, _FIELDS.values())}
