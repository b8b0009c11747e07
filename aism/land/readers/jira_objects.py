"""Lists of what Jira's ids stand for: statuses, issue types, fields, resolutions, priorities."""

from __future__ import annotations

import re

import msgspec

from aism.land.readers.jira_issues import CUSTOM
from aism.land.readers.tracker_documents import NOTHING, Raw, is_there
from aism.land.readers.tracker_rows import ObjectRow, id_of, required_id, short

_KIND = re.compile(
    r"/rest/api/[^/]+/"
    r"(?P<kind>statuscategory|status|issuetype|resolution|priority|project|component|field)/"
)
_CATEGORIES = {"TODO": "new", "IN_PROGRESS": "indeterminate", "DONE": "done"}
"""What the search for statuses calls the keys of categories."""


class _Category(msgspec.Struct):
    key: str | None = None


class _Schema(msgspec.Struct):
    type: str | None = None
    items: str | None = None


class _Marks(msgspec.Struct, rename="camel"):
    """What tells the kinds apart where there is no address."""

    id: Raw = NOTHING
    self_: str | None = msgspec.field(default=None, name="self")
    status_category: Raw = NOTHING
    subtask: Raw = NOTHING
    hierarchy_level: Raw = NOTHING
    schema: Raw = NOTHING
    clause_names: Raw = NOTHING
    status_color: Raw = NOTHING
    is_default: Raw = NOTHING


class _Object(msgspec.Struct, rename="camel"):
    id: int | str
    name: str | None = None
    status_category: _Category | str | None = None
    project_id: int | str | None = None


class _Field(msgspec.Struct):
    schema: _Schema | None = None


_decode_marks = msgspec.json.Decoder(_Marks).decode
_decode_object = msgspec.json.Decoder(_Object).decode
_decode_field = msgspec.json.Decoder(_Field).decode


def kind_of(raw: Raw) -> str | None:
    """Name the kind of an object of a list, None for what is none."""
    try:
        marks = _decode_marks(raw)
    except (msgspec.MsgspecError, RecursionError):
        return None
    if found := _KIND.search(marks.self_ or ""):
        return found["kind"]
    for kind, mark in (
        ("status", marks.status_category),
        ("issuetype", marks.subtask),
        ("issuetype", marks.hierarchy_level),
        ("field", marks.schema),
        ("field", marks.clause_names),
        ("priority", marks.status_color),
        ("resolution", marks.is_default),
    ):
        if is_there(mark):
            return kind
    is_custom = bytes(marks.id).startswith(b'"' + CUSTOM.encode())
    return "field" if is_custom else None


def read_object(raw: Raw) -> ObjectRow:
    """Make a row of an object of a list.

    Raises:
        LineFault: ``nul_byte`` or ``missing_key``, with the key.
        msgspec.MsgspecError: not of the shape of an object.

    """
    one = _decode_object(raw)
    category = one.status_category
    key = category.key if isinstance(category, _Category) else _CATEGORIES.get(category or "")
    project_id = id_of(one.project_id, "projectId")
    return ObjectRow(
        kind=kind_of(raw) or "",
        object_id=required_id(one.id, "id"),
        name=short(one.name, "name"),
        parent_kind="project" if project_id else None,
        parent_id=project_id,
        category=short(key, "statusCategory.key"),
    )


def is_of_person(raw: Raw) -> bool:
    """Tell whether a field holds people, by its schema."""
    try:
        schema = _decode_field(raw).schema
    except msgspec.MsgspecError:
        return False
    return schema is not None and "user" in (schema.type, schema.items)
