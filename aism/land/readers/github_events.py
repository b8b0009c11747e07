"""GitHub events of issues: the dated changes of state, labels and milestones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, TypeAlias

import msgspec

from aism.land.json_lines import Int64
from aism.land.readers.github_issues import item_id_of, repository_of
from aism.land.readers.tracker_documents import NOTHING, Raw, is_there
from aism.land.readers.tracker_rows import Change, id_of, required_id, required_moment, short

TALK = frozenset(
    (
        "commented",
        "cross-referenced",
        "committed",
        "reviewed",
        "line-commented",
        "commit-commented",
    )
)
"""Entries of a timeline that are no events: most have no id, and all tell of other things."""

_TRUE = "true"
_Side: TypeAlias = tuple[str | None, str | None]
_Told: TypeAlias = tuple[str, _Side, _Side]
"""A field, and id and value of it before and after."""
_NOTHING: _Side = (None, None)


class _EmbeddedIssue(msgspec.Struct):
    number: Int64
    repository_url: str | None = None
    url: str | None = None
    pull_request: Raw = NOTHING


class _Named(msgspec.Struct):
    id: int | str | None = None
    name: str | None = None
    title: str | None = None


class _Event(msgspec.Struct):
    id: int | str
    event: str
    created_at: str | None
    url: str | None = None
    issue: _EmbeddedIssue | None = None
    commit_id: str | None = None
    state_reason: str | None = None
    label: _Named | None = None
    milestone: _Named | None = None


class Event(NamedTuple):
    """An event as it is kept; ``changes`` may be none."""

    event_id: str
    item_id: str
    changes: list[Change]


_decode_event = msgspec.json.Decoder(_Event).decode


def read_event(
    record_path: str,
    raw: Raw,
    number: str | None = None,
    repository: str | None = None,
    item_id: str | None = None,
) -> Event | None:
    """Read one event; None for that of a pull request.

    The issue is ``item_id`` where it is known, else the one inside the event, else ``number`` in
    the repository of the event's address or in ``repository``.

    Raises:
        LineFault: ``nul_byte``, ``bad_timestamp`` or ``missing_key``, with the key.
        msgspec.MsgspecError: not of the shape of an event.

    """
    event = _decode_event(raw)
    issue = event.issue
    if issue is not None and is_there(issue.pull_request):
        return None
    event_id = required_id(event.id, "id")
    changed_at = required_moment(event.created_at, "created_at")
    if item_id is None:
        if issue is not None:
            of_issue = repository_of(issue.repository_url, issue.url, event.url)
            item_id = item_id_of(of_issue, issue.number)
        else:
            item_id = item_id_of(repository_of(event.url) or repository, number)
    return Event(event_id, item_id, list(_changes(event, record_path, item_id, changed_at)))


def _changes(
    event: _Event, record_path: str, item_id: str, changed_at: datetime
) -> Iterator[Change]:
    for field, before, after in _told(event):
        if before != after:
            yield Change(record_path, item_id, str(event.id), changed_at, field, *before, *after)


def _told(event: _Event) -> Iterator[_Told]:
    kind = event.event
    if kind in ("closed", "reopened"):
        states: tuple[_Side, _Side] = ((None, "open"), (None, "closed"))
        before, after = states if kind == "closed" else states[::-1]
        yield "state", before, after
        if reason := short(event.state_reason, "state_reason"):
            yield "state_reason", _NOTHING, (None, reason)
        if kind == "closed" and event.commit_id:
            yield "closed_by_commit", _NOTHING, (None, _TRUE)
    elif kind in ("labeled", "unlabeled"):
        yield _came_or_went("label", event.label, kind == "labeled")
    elif kind in ("milestoned", "demilestoned"):
        yield _came_or_went("milestone", event.milestone, kind == "milestoned")
    elif kind == "marked_as_duplicate":
        yield "duplicate", _NOTHING, (None, _TRUE)
    elif kind == "unmarked_as_duplicate":
        yield "duplicate", (None, _TRUE), _NOTHING
    elif kind in ("transferred", "renamed"):
        yield kind, _NOTHING, (None, _TRUE)


def _came_or_went(field: str, named: _Named | None, came: bool) -> _Told:
    side = _NOTHING
    if named is not None:
        side = (id_of(named.id, f"{field}.id"), short(named.name or named.title, field))
    return (field, _NOTHING, side) if came else (field, side, _NOTHING)
