"""The automation team's GitHub repository: its issues, each with its list of events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sample.organisation.calendar import chance, later, stamp, stream
from sample.organisation.lifecycles import Event
from sample.organisation.tracked import (
    GITHUB_REPOSITORY,
    GITHUB_SYSTEM,
    Tracked,
    made_up_hex,
    tracked,
)

API = f"https://api.github.com/repos/{GITHUB_REPOSITORY}"
SITE = f"https://github.com/{GITHUB_REPOSITORY}"
FINDING, ACCEPTED, FAILED, PASSED, FALSE_POSITIVE = (
    "ai-security-finding",
    "accepted",
    "retest-failed",
    "retest-passed",
    "false-positive",
)
# A label that no line of policy reads: `unmapped_values` asks what it means.
UNREAD_LABEL = "needs-owner-decision"
UNREAD_LABEL_ON = "F-0211"
# A pull request and a question of the same repository: no findings, and in no number.
PULL_TITLE, PULL_AT = "Check the hash of the weights before loading them", datetime(2025, 3, 24, 9)
QUESTION_TITLE, QUESTION_AT = (
    "Which threshold does the shadow queue run with?",
    datetime(2026, 5, 6, 13, 20),
)
FIRST_NUMBER = 12
FIRST_EVENT = 16_000_000_001
FIRST_LABEL = 8_100_000_001
COLORS = {"severity": "d93f0b", "finding": "5319e7", "class": "c5def5"}

Told = dict[str, object]


@dataclass
class _Issue:
    """An issue and its events, in their order."""

    title: str
    created: datetime
    labels: list[str] = field(default_factory=list)
    number: int = 0
    is_pull: bool = False
    state: str = "open"
    state_reason: str | None = None
    closed: datetime | None = None
    events: list[tuple[datetime, Told]] = field(default_factory=list)

    def label(self, at: datetime, *names: str) -> None:
        for name in names:
            self.labels.append(name)
            self.events.append((at, {"event": "labeled", "label": name}))

    def unlabel(self, at: datetime, *names: str) -> None:
        for name in names:
            if name in self.labels:
                self.labels.remove(name)
                self.events.append((at, {"event": "unlabeled", "label": name}))

    def close(self, at: datetime, reason: str | None, commit: str | None = None) -> None:
        self.state, self.state_reason, self.closed = "closed", reason, at
        told: Told = {"event": "closed", "state_reason": reason, "commit_id": commit}
        self.events.append((at, told))

    def reopen(self, at: datetime) -> None:
        self.state, self.state_reason, self.closed = "open", "reopened", None
        self.events.append((at, {"event": "reopened", "state_reason": None}))


def issues() -> list[dict[str, object]]:
    """Return all issues and pull requests of the repository, the newest first."""
    pull = _Issue(PULL_TITLE, PULL_AT, is_pull=True)
    pull.label(PULL_AT, "dependencies")
    pull.close(later(PULL_AT, 2), None)
    question = _Issue(QUESTION_TITLE, QUESTION_AT)
    question.label(QUESTION_AT, "question")
    question.close(later(QUESTION_AT, 1), "completed")
    found = [pull, question, *map(_of_finding, tracked(GITHUB_SYSTEM))]
    found.sort(key=lambda one: one.created)
    for place, issue in enumerate(found):
        issue.number = FIRST_NUMBER + 3 * place
    labels = sorted({str(told["label"]) for one in found for _, told in one.events if _has(told)})
    label_ids = {name: FIRST_LABEL + 37 * place for place, name in enumerate(labels)}
    numbers = _event_ids(found)
    return [_record(issue, label_ids, numbers) for issue in reversed(found)]


def _has(told: Told) -> bool:
    return "label" in told


def _of_finding(item: Tracked) -> _Issue:
    finding = item.finding
    issue = _Issue(finding.title, finding.reported)
    severity = f"severity:{finding.severity}"
    issue.label(finding.reported, FINDING, severity, *item.labels)
    if finding.finding_id == UNREAD_LABEL_ON:
        issue.label(later(finding.reported, 0.1), UNREAD_LABEL)
    for event in item.events:
        _tell(issue, event)
    return issue


def _tell(issue: _Issue, event: Event) -> None:
    """Say on GitHub what happened; an event that the team has no word for is an error."""
    at = event.at
    match event.event_type:
        case "accepted":
            issue.label(at, ACCEPTED)
        case "disputed":
            issue.label(at, f"disputed:{event.reason}")
        case "false_positive":
            issue.label(at, FALSE_POSITIVE)
            issue.close(at, "not_planned")
        case "remediation_claimed":
            issue.unlabel(at, FAILED)
            rng = stream("github", event.finding_id, at)
            issue.close(at, "completed", _commit(event) if chance(rng, 0.6) else None)
        case "retest_failed":
            issue.label(at, FAILED)
            issue.reopen(at)
        case "retest_passed":
            issue.label(at, PASSED)
        case "reopened":
            issue.unlabel(at, PASSED)
            issue.reopen(at)
        case _:
            raise ValueError(event.event_type)


def _commit(event: Event) -> str:
    return made_up_hex(40, "commit", event.finding_id, event.at)


def _event_ids(found: Iterable[_Issue]) -> dict[tuple[int, int], int]:
    """Return the id of each event of each issue; ids rise in the order of all of them."""
    places = sorted(
        (at, issue.number, place) for issue in found for place, (at, _) in enumerate(issue.events)
    )
    return {(number, place): FIRST_EVENT + 11 * i for i, (_, number, place) in enumerate(places)}


def _record(
    issue: _Issue, label_ids: dict[str, int], numbers: dict[tuple[int, int], int]
) -> dict[str, object]:
    kind = "pull" if issue.is_pull else "issues"
    updated = max([issue.created, *(at for at, _ in issue.events)])
    record: dict[str, object] = {
        "url": f"{API}/issues/{issue.number}",
        "repository_url": API,
        "html_url": f"{SITE}/{kind}/{issue.number}",
        "id": 2_900_000_000 + 1_013 * issue.number,
        "number": issue.number,
        "title": issue.title,
        "state": issue.state,
        "state_reason": issue.state_reason,
        "labels": [
            {"id": label_ids[name], "name": name, "color": _color(name)} for name in issue.labels
        ],
        "milestone": None,
        "created_at": stamp(issue.created),
        "updated_at": stamp(updated),
        "closed_at": stamp(issue.closed) or None,
    }
    if issue.is_pull:
        record["pull_request"] = {
            "url": f"{API}/pulls/{issue.number}",
            "merged_at": stamp(issue.closed) or None,
        }
    record["events"] = [
        _event(numbers[issue.number, place], at, told)
        for place, (at, told) in enumerate(issue.events)
    ]
    return record


def _event(event_id: int, at: datetime, told: Told) -> dict[str, object]:
    record: dict[str, object] = {
        "id": event_id,
        "url": f"{API}/issues/events/{event_id}",
        "commit_id": None,
        "created_at": stamp(at),
        **told,
    }
    if _has(told):
        name = str(told["label"])
        record["label"] = {"name": name, "color": _color(name)}
    return record


def _color(name: str) -> str:
    return COLORS.get(name.partition(":")[0], "ededed")
