"""The payments team's Jira project: one page of a search with the changelog of every issue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from sample.organisation.calendar import LAST_INSTANT, later, stream
from sample.organisation.lifecycles import Event
from sample.organisation.tracked import (
    JIRA_PROJECT,
    JIRA_RISK_FIELD,
    JIRA_RISK_FIELD_NAME,
    JIRA_SYSTEM,
    Tracked,
    tracked,
)
from sample.organisation.weaknesses import Severity

SITE = "https://northwind-bank.example/rest/api/2"
# Jira writes times in the zone of whoever exports: here one without summer time.
ZONE = timezone(timedelta(hours=2))

TO_DO, IN_PROGRESS, READY, FAILED, VERIFIED, REOPENED, DONE = (
    "To Do",
    "In Progress",
    "Ready for retest",
    "Retest failed",
    "Verified",
    "Reopened",
    "Done",
)
STATUS_IDS = {
    TO_DO: "10200",
    IN_PROGRESS: "3",
    READY: "10201",
    FAILED: "10202",
    VERIFIED: "10203",
    REOPENED: "4",
    DONE: "10204",
}
WONT_DO, DUPLICATE, NOT_REPEATED = "Won't Do", "Duplicate", "Cannot Reproduce"
RESOLUTION_IDS = {DONE: "10000", WONT_DO: "10001", DUPLICATE: "10002", NOT_REPEATED: "10003"}
PRIORITY_IDS = {"Highest": "1", "High": "2", "Medium": "3", "Low": "4"}
PRIORITIES: dict[Severity, str] = {
    "critical": "Highest",
    "high": "High",
    "medium": "Medium",
    "low": "Low",
}
FINDING_TYPE, EPIC, TASK = ("10110", "AI Security Finding"), ("10000", "Epic"), ("10002", "Task")
STATUS_AFTER = {
    "accepted": IN_PROGRESS,
    "remediation_claimed": READY,
    "retest_failed": FAILED,
    "retest_passed": VERIFIED,
}
# An epic and a task of the same project: no findings, and in no number.
EPIC_TITLE, EPIC_AT = "Harden the dispute agent for the autumn release", datetime(2025, 4, 28, 7)
TASK_TITLE, TASK_AT = "Move the retest harness to the new tenant", datetime(2026, 8, 4, 12, 30)
FIRST_NUMBER = 101
FIRST_HISTORY = 70_001

Change = dict[str, str | None]


@dataclass
class _Issue:
    """An issue and what its changelog tells, oldest first."""

    title: str
    type: tuple[str, str]
    created: datetime
    priority: str
    labels: list[str]
    number: int = 0
    status: str = TO_DO
    resolution: str | None = None
    resolved: datetime | None = None
    risk_until: str | None = None
    duplicate_of: str = ""
    finding_id: str = ""
    histories: list[tuple[datetime, list[Change]]] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{JIRA_PROJECT}-{self.number}"

    @property
    def issue_id(self) -> str:
        return str(20_000 + self.number)

    @property
    def updated(self) -> datetime:
        return self.histories[-1][0] if self.histories else self.created

    def move(self, status: str, resolution: str | None = None) -> list[Change]:
        changes = [_change("status", STATUS_IDS, self.status, status)]
        if resolution != self.resolution:
            changes.append(_change("resolution", RESOLUTION_IDS, self.resolution, resolution))
        self.status, self.resolution = status, resolution
        return changes

    def relabel(self, labels: list[str]) -> list[Change]:
        before, self.labels = self.labels, labels
        return [_said("labels", "labels", " ".join(before), " ".join(labels), has_ids=False)]

    def log(self, at: datetime, changes: list[Change]) -> None:
        self.histories.append((at, changes))
        self.resolved = (self.resolved or at) if self.resolution else None


def search_page() -> dict[str, object]:
    """Return the page: findings, the epic and the task, the newest first."""
    issues = [_of_finding(item) for item in tracked(JIRA_SYSTEM)]
    epic = _Issue(EPIC_TITLE, EPIC, EPIC_AT, "Medium", [])
    epic.log(later(EPIC_AT, 3), epic.move(IN_PROGRESS))
    task = _Issue(TASK_TITLE, TASK, TASK_AT, "Low", ["tooling"])
    task.log(later(TASK_AT, 9), task.move(DONE, DONE))
    issues = sorted([*issues, epic, task], key=lambda one: one.created)
    for number, issue in enumerate(issues, FIRST_NUMBER):
        issue.number = number
    by_finding = {issue.finding_id: issue for issue in issues if issue.finding_id}
    numbers = _history_ids(issues)
    return {
        "expand": "schema,names",
        "startAt": 0,
        "maxResults": 100,
        "total": len(issues),
        "names": {JIRA_RISK_FIELD: JIRA_RISK_FIELD_NAME},
        "issues": [
            _record(issue, by_finding.get(issue.duplicate_of), numbers)
            for issue in reversed(issues)
        ],
    }


def _of_finding(item: Tracked) -> _Issue:
    finding = item.finding
    issue = _Issue(
        finding.title,
        FINDING_TYPE,
        finding.reported,
        PRIORITIES[finding.severity],
        [*item.labels, f"system:{finding.system_id}"],
        duplicate_of=finding.duplicate_of,
        finding_id=finding.finding_id,
    )
    if finding.duplicate_of:
        issue.log(later(finding.reported, 0.2), issue.move(DONE, DUPLICATE))
    plain = issue.labels
    for event in item.events:
        changes = [] if issue.labels == plain else issue.relabel(plain)
        issue.log(event.at, [*changes, *_told(issue, event)])
        following = next((other.at for other in item.events if other.at > event.at), LAST_INSTANT)
        if event.event_type == "retest_passed":
            # Somebody tidies the board: by then the fix is verified, and closing says nothing new.
            tidied = later(event.at, stream("jira", event.finding_id, event.at).uniform(0.5, 3))
            if tidied < following:
                issue.log(tidied, issue.move(DONE, DONE))
    return issue


def _told(issue: _Issue, event: Event) -> list[Change]:
    """Say in Jira what happened; an event that this project has no word for is an error."""
    if event.event_type in STATUS_AFTER:
        return issue.move(STATUS_AFTER[event.event_type])
    if event.event_type == "reopened":
        return issue.move(REOPENED)
    if event.event_type == "disputed":
        return issue.relabel([*issue.labels, f"disputed:{event.reason}"])
    if event.event_type == "severity_changed":
        before, issue.priority = issue.priority, PRIORITIES[event.new_severity]  # type: ignore[index]
        return [_change("priority", PRIORITY_IDS, before, issue.priority)]
    if event.event_type == "false_positive":
        return issue.move(DONE, NOT_REPEATED)
    if event.event_type == "risk_accepted" and event.expires:
        issue.risk_until = event.expires.date().isoformat()
        told = _said(JIRA_RISK_FIELD_NAME, JIRA_RISK_FIELD, None, issue.risk_until, has_ids=True)
        return [*issue.move(DONE, WONT_DO), told | {"fieldtype": "custom"}]
    raise ValueError(event.event_type)


def _change(name: str, ids: dict[str, str], before: str | None, after: str | None) -> Change:
    said = _said(name, name, before, after, has_ids=False)
    return said | {
        "from": ids[before] if before else None,
        "to": ids[after] if after else None,
    }


def _said(
    name: str, field_id: str, before: str | None, after: str | None, *, has_ids: bool
) -> Change:
    return {
        "field": name,
        "fieldtype": "jira",
        "fieldId": field_id,
        "from": before if has_ids else None,
        "fromString": before,
        "to": after if has_ids else None,
        "toString": after,
    }


def _history_ids(issues: Iterable[_Issue]) -> dict[tuple[int, datetime], str]:
    """Return the id of each entry of each changelog; ids rise in the order of all of them."""
    places = sorted((at, issue.number) for issue in issues for at, _ in issue.histories)
    return {(number, at): str(FIRST_HISTORY + 7 * i) for i, (at, number) in enumerate(places)}


def _record(
    issue: _Issue, original: _Issue | None, numbers: dict[tuple[int, datetime], str]
) -> dict[str, object]:
    links = []
    if original is not None:
        outward = {"id": original.issue_id, "key": original.key}
        links.append({"id": "30001", "type": _DUPLICATES, "outwardIssue": outward})
    return {
        "expand": "changelog",
        "id": issue.issue_id,
        "self": f"{SITE}/issue/{issue.issue_id}",
        "key": issue.key,
        "fields": {
            "summary": issue.title,
            "issuetype": {"id": issue.type[0], "name": issue.type[1], "subtask": False},
            "project": {"id": "10003", "key": JIRA_PROJECT, "name": "AI security findings"},
            "status": {
                "id": STATUS_IDS[issue.status],
                "name": issue.status,
                "statusCategory": _category(issue.status),
            },
            "resolution": issue.resolution
            and {"id": RESOLUTION_IDS[issue.resolution], "name": issue.resolution},
            "resolutiondate": _time(issue.resolved) if issue.resolved else None,
            "priority": {"id": PRIORITY_IDS[issue.priority], "name": issue.priority},
            "labels": issue.labels,
            "issuelinks": links,
            "created": _time(issue.created),
            "updated": _time(issue.updated),
            JIRA_RISK_FIELD: issue.risk_until,
        },
        "changelog": {
            "startAt": 0,
            "maxResults": len(issue.histories),
            "total": len(issue.histories),
            "histories": [
                {"id": numbers[issue.number, at], "created": _time(at), "items": changes}
                for at, changes in reversed(issue.histories)
            ],
        },
    }


_DUPLICATES = {
    "id": "10010",
    "name": "Duplicate",
    "inward": "is duplicated by",
    "outward": "duplicates",
}


def _category(status: str) -> dict[str, object]:
    if status == TO_DO:
        return {"id": 2, "key": "new", "name": TO_DO}
    if status == DONE:
        return {"id": 3, "key": "done", "name": DONE}
    return {"id": 4, "key": "indeterminate", "name": IN_PROGRESS}


def _time(at: datetime) -> str:
    local = at.replace(tzinfo=UTC).astimezone(ZONE)
    return f"{local:%Y-%m-%dT%H:%M:%S}.000{local:%z}"
