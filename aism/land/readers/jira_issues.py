"""Jira issues: one record to one item with its values and links. People are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from aism.land.json_lines import LineFault
from aism.land.model import Reason
from aism.land.readers.tracker_documents import Raw
from aism.land.readers.tracker_rows import (
    Item,
    Link,
    Value,
    id_of,
    label_names,
    moment,
    required_id,
    short,
    title_of,
)

CUSTOM = "customfield_"
is_custom = re.compile(r"customfield_[0-9]{1,12}").fullmatch
Id: TypeAlias = int | str | None

_PERSON_KEYS = frozenset(("accountId", "accountType", "displayName", "emailAddress"))
_MAX_LEVELS = 8
"""Cascading fields have two."""
_WHOLE = 2**53


class _Named(msgspec.Struct):
    id: Id = None
    name: str | None = None
    key: str | None = None


class _Category(msgspec.Struct):
    key: str | None = None


class _Status(_Named):
    statusCategory: _Category | None = None  # noqa: N815 - Jira's name


class _Linked(msgspec.Struct):
    id: Id = None
    key: str | None = None


class _LinkType(msgspec.Struct):
    name: str | None = None


class _IssueLink(msgspec.Struct, rename="camel"):
    type: _LinkType | None = None
    inward_issue: _Linked | None = None
    outward_issue: _Linked | None = None


class _Fields(msgspec.Struct):
    summary: str | None = None
    created: str | int | None = None
    updated: str | int | None = None
    resolutiondate: str | int | None = None
    status: _Status | None = None
    resolution: _Named | None = None
    issuetype: _Named | None = None
    priority: _Named | None = None
    project: _Named | None = None
    parent: _Linked | None = None
    labels: list[str] | None = None
    components: list[_Named] | None = None
    issuelinks: list[_IssueLink] | None = None


class _Issue(msgspec.Struct):
    id: int | str
    key: str
    fields: _Fields


class _Customs(msgspec.Struct):
    fields: dict[str, Raw]


_decode_issue = msgspec.json.Decoder(_Issue).decode
_decode_customs = msgspec.json.Decoder(_Customs).decode
_decode_any = msgspec.json.Decoder().decode


def read_issue(record_path: str, raw: Raw, person_fields: set[str]) -> Item:
    """Make an item of an issue; custom fields that hold people are added to ``person_fields``.

    Raises:
        LineFault: ``nul_byte``, ``bad_timestamp``, ``missing_key`` or ``wrong_type``, with the key.
        msgspec.MsgspecError: not of the shape of an issue.

    """
    issue = _decode_issue(raw)
    fields, project = issue.fields, issue.fields.project
    key = required_id(issue.key, "key")
    project_key = short(project.key, "fields.project.key") if project else None
    item = Item(
        record_path=record_path,
        item_id=required_id(issue.id, "id"),
        item_key=key,
        project=project_key or key.rpartition("-")[0] or None,
        title=title_of(fields.summary, "fields.summary"),
        created_at=moment(fields.created, "fields.created"),
        updated_at=moment(fields.updated, "fields.updated"),
        closed_at=moment(fields.resolutiondate, "fields.resolutiondate"),
    )
    item.values += _system_values(fields)
    for name, value in _decode_customs(raw).fields.items():
        if is_custom(name):
            found = list(_custom_values(name, value, person_fields))
            item.values += found
            item.names += [one.value for one in found if one.value]
    for label in fields.labels or ():
        if kept := short(label, "fields.labels"):
            item.values.append(Value("label", None, kept))
            item.names += label_names(kept)
    item.names += [one.value for one in item.values if one.field == "component" and one.value]
    if project:
        item.names += [
            name for name in (project_key, short(project.name, "fields.project.name")) if name
        ]
    elif item.project:
        item.names.append(item.project)
    item.links += _links(fields.issuelinks or [])
    return item


def _system_values(fields: _Fields) -> Iterator[Value]:
    status = fields.status
    if status is not None:
        yield from _named("status", status)
        category = status.statusCategory
        if category is not None and (key := short(category.key, "fields.status.statusCategory")):
            yield Value("status_category", key, key)
    for field, named in (
        ("resolution", fields.resolution),
        ("issuetype", fields.issuetype),
        ("priority", fields.priority),
        *(("component", component) for component in fields.components or ()),
    ):
        if named is not None:
            yield from _named(field, named)
    for field, linked in (("project", fields.project), ("parent", fields.parent)):
        if linked is not None:
            value_id = id_of(linked.id, f"fields.{field}.id")
            value = short(linked.key, f"fields.{field}.key")
            if value_id or value:
                yield Value(field, value_id, value)


def _named(field: str, named: _Named) -> Iterator[Value]:
    value_id, value = id_of(named.id, f"fields.{field}.id"), short(named.name, f"fields.{field}")
    if value_id or value:
        yield Value(field, value_id, value)


def _links(links: list[_IssueLink]) -> Iterator[Link]:
    for link in links:
        kind = short(link.type.name if link.type else None, "fields.issuelinks.type.name") or "?"
        for direction, other in (("outward", link.outward_issue), ("inward", link.inward_issue)):
            if other is not None:
                target_id = id_of(other.id, "fields.issuelinks.id")
                target_key = id_of(other.key, "fields.issuelinks.key")
                if target_id or target_key:
                    yield Link(f"{kind}/{direction}", target_id, target_key)


def _custom_values(name: str, raw: Raw, person_fields: set[str]) -> Iterator[Value]:
    """Yield options, texts, numbers and dates; nothing of people, documents and long text."""
    try:
        value = _decode_any(raw)
    except (msgspec.MsgspecError, RecursionError):
        raise LineFault(Reason.NUMBER_RANGE, f"fields.{name}") from None
    for one in value if isinstance(value, list) else [value]:
        for _ in range(_MAX_LEVELS):
            if not isinstance(one, dict):
                text = short(_text(one), f"fields.{name}")
                if text is not None:
                    yield Value(name, None, text)
                break
            if _PERSON_KEYS & one.keys() or "/user?" in str(one.get("self")):
                person_fields.add(name)
                break
            yield from _option(name, one)
            one = one.get("child")


def _option(name: str, option: Mapping[str, Any]) -> Iterator[Value]:
    number = option.get("id")
    value_id = short(_text(number), f"fields.{name}.id")
    said = (option.get(key) for key in ("value", "name", "key"))
    value = short(next(filter(None, map(_text, said)), None), f"fields.{name}.value")
    if value_id or value:
        yield Value(name, value_id, value)


def _text(value: object) -> str | None:
    """Return text, a number as its shortest text, a boolean as in JSON; None for the rest."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    return str(value) if isinstance(value, int | float) else None
