"""GitHub issues: one record to one item with its values. People and bodies are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from aism.land.json_lines import Int64, LineFault
from aism.land.model import Reason
from aism.land.readers.tracker_documents import Raw
from aism.land.readers.tracker_rows import (
    Item,
    Value,
    id_of,
    label_names,
    moment,
    required_moment,
    short,
    title_of,
)

_REPOSITORY = re.compile(
    r"/repos/(?P<name>[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100})(?:[/?#]|\Z)"
)


class _Label(msgspec.Struct):
    name: str | None = None
    id: int | str | None = None


class _Milestone(msgspec.Struct):
    title: str | None = None
    id: int | str | None = None


class _Issue(msgspec.Struct):
    number: Int64
    state: str
    created_at: str | None
    repository_url: str | None = None
    url: str | None = None
    title: str | None = None
    state_reason: str | None = None
    labels: list[_Label | str] | None = None
    milestone: _Milestone | None = None
    type: _Label | None = None
    updated_at: str | None = None
    closed_at: str | None = None


_decode_issue = msgspec.json.Decoder(_Issue).decode


def repository_of(*urls: str | None) -> str | None:
    """Return the ``owner/name`` in the first address that has one."""
    for url in urls:
        if url and (found := _REPOSITORY.search(url)):
            return found["name"]
    return None


def item_id_of(repository: str | None, number: int | str | None) -> str:
    """Return ``owner/name#number``; raises ``missing_key`` for what is not known of it."""
    if repository is None:
        raise LineFault(Reason.MISSING_KEY, "repository_url")
    if number is None:
        raise LineFault(Reason.MISSING_KEY, "issue")
    return f"{repository}#{number}"


def read_issue(record_path: str, raw: Raw) -> Item:
    """Make an item of an issue.

    Raises:
        LineFault: ``nul_byte``, ``bad_timestamp`` or ``missing_key``, with the key.
        msgspec.MsgspecError: not of the shape of an issue.

    """
    issue = _decode_issue(raw)
    repository = repository_of(issue.repository_url, issue.url)
    item_id = item_id_of(repository, issue.number)
    item = Item(
        record_path=record_path,
        item_id=item_id,
        item_key=item_id,
        project=repository,
        title=title_of(issue.title, "title"),
        created_at=required_moment(issue.created_at, "created_at"),
        updated_at=moment(issue.updated_at, "updated_at"),
        closed_at=moment(issue.closed_at, "closed_at"),
        values=list(_values(issue)),
    )
    if repository:
        item.values.append(Value("repository", None, repository))
        item.names.append(repository)
    for value in item.values:
        if value.field == "label" and value.value:
            item.names += label_names(value.value)
    return item


def _values(issue: _Issue) -> Iterator[Value]:
    for field, value in (("state", issue.state), ("state_reason", issue.state_reason)):
        if kept := short(value, field):
            yield Value(field, None, kept)
    for label in issue.labels or ():
        one = _Label(label) if isinstance(label, str) else label
        yield from _named("label", one.id, one.name)
    if issue.milestone:
        yield from _named("milestone", issue.milestone.id, issue.milestone.title)
    if issue.type:
        yield from _named("type", issue.type.id, issue.type.name)


def _named(field: str, value_id: int | str | None, name: str | None) -> Iterator[Value]:
    made = Value(field, id_of(value_id, f"{field}.id"), short(name, field))
    if made.value_id or made.value:
        yield made
