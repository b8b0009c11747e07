"""Histories as GitHub issues with their events: embedded, one file per issue, or one for all.

Labels are named in events and have ids in issues only; a repository has its own ids for them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.python.replay.desk import Change, Desk
from tests.python.replay.histories import END, Event, Organisation
from tests.python.replay.registers import repository_of

Json = dict[str, Any]


class GithubDesk(Desk):
    """An issue: labels, open or closed, and how it was closed."""

    def tell(self) -> None:
        self.hold(f"severity:{self.finding.severity}", self.created_at)
        if self.finding.duplicate_of:
            self.finding.style = "labels"
        super().tell()

    def rate(self, event: Event) -> None:
        (old,) = (one for one in self.labels if one.startswith("severity:"))
        self.drop(old, event.at)
        self.hold(f"severity:{event.severity}", event.at)

    def can_close(self, why: str) -> bool:
        return why == "fix"  # `not_planned` tells nothing by itself

    def close(self, at: datetime, why: str) -> None:
        reason = "completed"
        if why == "quiet":
            reason = self.chance.choice(("completed", "not_planned"))
        self.closed = why
        self.changes.append(Change(at, "state", None, reason))

    def open(self, at: datetime) -> None:
        self.closed = ""
        self.changes.append(Change(at, "state", "closed", None))


def write_github(landing: Path, organisation: Organisation) -> None:
    """Write issues and events of all histories, a repository each."""
    for number, system in enumerate(organisation.systems):
        repository = repository_of(system.system_id)
        label_ids: dict[str, int] = defaultdict(lambda: 1000 + number + 100 * len(label_ids))  # noqa: B023
        issues: list[Json] = []
        histories: list[list[Json]] = []
        for place, finding in enumerate(organisation.of(system), 1):
            desk = GithubDesk(organisation.chance, finding)
            desk.tell()
            issue, events = _issue(repository, place, desk, label_ids)
            issues.append(issue)
            histories.append(events)
        issues += _pull_request(repository, len(issues) + 1)
        folder = landing / "github" / system.system_id
        if number % 3 == 0:
            for issue, events in zip(issues, histories, strict=False):
                issue["events"] = events
        elif number % 3 == 1:
            for issue, events in zip(issues, histories, strict=False):
                _write(folder / f"events-{issue['number']}.json", events)
        else:
            # The list of a repository names the issue in each event, and is newest first.
            listed = [
                {**event, "issue": {"number": issue["number"], "repository_url": _url(repository)}}
                for issue, events in zip(issues, histories, strict=False)
                for event in events
            ]
            listed.sort(key=lambda one: (one["created_at"], one["id"]), reverse=True)
            half = len(listed) // 2
            _write(folder / "events-page-1.json", listed[: half + 1])
            _write(folder / "events-page-2.json", listed[half:])  # one event is in both
        _write(folder / "issues.json", issues)


def _issue(
    repository: str, number: int, desk: GithubDesk, label_ids: dict[str, int]
) -> tuple[Json, list[Json]]:
    finding = desk.finding
    if finding.duplicate_of and number % 2:
        desk.hold("duplicate", desk.created_at)
    events: list[Json] = []
    for label in desk.first_labels:
        if desk.chance.random() < 0.5:  # some interfaces write no event for first labels
            events.append(_labelled(Change(desk.created_at, "label", None, label)))
    if finding.duplicate_of and not number % 2:
        events.append({"event": "marked_as_duplicate", "created_at": _time(desk.created_at)})
    reason, closed_at = None, None
    for change in desk.changes:
        if change.field == "label":
            events.append(_labelled(change))
        elif change.after:
            reason, closed_at = change.after, change.at
            commit = "ab" * 20 if desk.chance.random() < 0.3 else None
            events.append(
                {
                    "event": "closed",
                    "created_at": _time(change.at),
                    # Events have no word for what the issue calls completed.
                    "state_reason": reason if desk.chance.random() < 0.5 else None,
                    "commit_id": commit if reason == "completed" else None,
                }
            )
            if reason == "not_planned":
                events[-1]["state_reason"] = reason
        else:
            reason, closed_at = "reopened", None
            events.append({"event": "reopened", "created_at": _time(change.at)})
    for place, event in enumerate(events):
        event["id"] = number * 100_000 + place
        event["url"] = f"{_url(repository)}/issues/events/{event['id']}"
    last = max([desk.created_at, *(change.at for change in desk.changes)])
    issue: Json = {
        "number": number,
        "title": finding.title,
        "state": "closed" if closed_at else "open",
        "state_reason": reason,
        "created_at": _time(desk.created_at),
        "updated_at": _time(min(last + timedelta(hours=3), END)),
        "closed_at": _time(closed_at) if closed_at else None,
        "repository_url": _url(repository),
        "labels": [{"id": label_ids[label], "name": label} for label in desk.labels],
    }
    return issue, events


def _labelled(change: Change) -> Json:
    name = change.after or change.before
    return {
        "event": "labeled" if change.after else "unlabeled",
        "created_at": _time(change.at),
        "label": {"name": name, "color": "ededed"},
    }


def _pull_request(repository: str, number: int) -> list[Json]:
    request = {
        "number": number,
        "state": "open",
        "title": "Filter retrieved text",
        "created_at": _time(END - timedelta(days=3)),
        "repository_url": _url(repository),
        "labels": [{"id": 1, "name": "ai-security-finding"}],
        "pull_request": {"url": f"{_url(repository)}/pulls/{number}"},
    }
    return [request]


def _url(repository: str) -> str:
    return f"https://api.github.com/repos/{repository}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _write(path: Path, content: list[Json]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
