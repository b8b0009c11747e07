"""Histories as Jira issues: workflows, resolutions, labels and priorities, by ids.

Every project is exported in its own way: with embedded changelogs, oldest or newest first, or with
pages of changelogs beside; in UTC or at +0800; with English names, or with translated ones that
only ids tell apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.python.replay.desk import FIXING, LABELS, Change, Desk
from tests.python.replay.histories import SEVERITIES, VERDICTS, Event, Organisation, System
from tests.python.replay.registers import project_of, put

Json = dict[str, Any]

TODO, DOING, DONE = "new", "indeterminate", "done"
STATUSES = {
    "To Do": ("1", TODO, "待办"),
    "In Progress": ("3", DOING, "处理中"),
    "Accepted": ("10001", TODO, "已接受"),
    "Triaged": ("10002", DOING, "已分类"),
    "Disputed": ("10003", DOING, "有争议"),
    "Dispute Rejected": ("10004", DOING, "驳回"),
    "False Positive": ("10005", DONE, "误报"),
    "Risk Accepted": ("10006", DONE, "接受风险"),
    "Risk Acceptance Expired": ("10007", TODO, "到期"),
    "Ready for Retest": ("10008", DOING, "待复测"),
    "In Retest": ("10009", DOING, "复测中"),
    "Verified": ("10010", DONE, "已验证"),
    "Retest Failed": ("10011", DOING, "复测失败"),
    "Reopened": ("10012", TODO, "重新打开"),
    "Done": ("10013", DONE, "已完成"),
}
"""Id, category and translated name."""
SAID_BY = {
    "accepted": ("Accepted", "Triaged"),
    "disputed": ("Disputed",),
    "dispute_rejected": ("Dispute Rejected",),
    "false_positive": ("False Positive",),
    "risk_accepted": ("Risk Accepted",),
    "risk_acceptance_expired": ("Risk Acceptance Expired",),
    "remediation_claimed": ("Ready for Retest", "In Retest"),
    "retest_passed": ("Verified",),
    "retest_failed": ("Retest Failed",),
    "reopened": ("Reopened",),
}
MEANS = {status: kind for kind, statuses in SAID_BY.items() for status in statuses}
RESOLUTIONS = {
    "Done": "10000",
    "Fixed": "1",
    "Won't Do": "2",
    "Cannot Reproduce": "5",
    "Duplicate": "3",
}
CLOSED_AS = {
    "fix": ("Fixed", "Done"),
    "fp": ("Cannot Reproduce",),
    "risk": ("Won't Do",),
    "quiet": ("Done", None),
}
PRIORITIES = {"critical": "1", "high": "2", "medium": "3", "low": "4"}
PRIORITY_NAMES = {"critical": "Highest", "high": "High", "medium": "Medium", "low": "Low"}


class JiraDesk(Desk):
    """An issue: labels, status, resolution and priority."""

    def tell(self) -> None:
        self.status = "To Do"
        self.resolution: str | None = None
        self.keeps_resolution = self.chance.random() < 0.2
        """Some workflows never clear it."""
        self.is_rated_by_label = (
            self.finding.severity not in SEVERITIES or self.chance.random() < 0.3
        )
        self.first_priority = PRIORITIES.get(self.finding.severity, "3")
        if self.is_rated_by_label:
            self.first_priority = self.chance.choice("1234")  # the label goes before it
            self.hold(f"severity:{self.finding.severity}", self.created_at)
        self.priority = self.first_priority
        if self.finding.duplicate_of and int(self.finding.finding_id[-1]) % 2:
            self.hold("duplicate", self.created_at)
        super().tell()

    def rate(self, event: Event) -> None:
        if self.is_rated_by_label:
            (old,) = (one for one in self.labels if one.startswith("severity:"))
            self.drop(old, event.at)
            self.hold(f"severity:{event.severity}", event.at)
        else:
            priority = PRIORITIES[event.severity or ""]
            self.changes.append(Change(event.at, "priority", self.priority, priority))
            self.priority = priority

    # The workflow

    def say(self, event: Event, is_shared: bool) -> None:
        if self.finding.style != "statuses":
            super().say(event, is_shared)
        elif is_shared or not self._say_by_status(event):
            self.say_by_label(event, is_shared)

    def _say_by_status(self, event: Event) -> bool:
        kind, stands = event.kind, MEANS.get(self.status)
        statuses = [one for one in SAID_BY[kind] if one != self.status]
        if kind == "disputed" or (kind in VERDICTS and "false-positive" in self.labels):
            return False  # a status has no reason; a label has to go with a word
        if kind == "risk_acceptance_expired" and set(LABELS["risk_accepted"]) & set(self.labels):
            return False
        if stands == "risk_accepted" and kind != "risk_acceptance_expired":
            return False  # leaving would say that it lapsed
        if stands == "false_positive" and kind not in VERDICTS:
            return False  # and here that it is disputed no more
        is_of_fix = kind in (*FIXING, "retest_failed", "reopened")
        if stands == "retest_passed" and not is_of_fix:
            return False  # and here that it is broken again
        if stands == kind:
            if stands in ("false_positive", "risk_accepted", "retest_passed"):
                return False
            self.move("In Progress", event.at - timedelta(minutes=1))
        if not statuses:
            statuses = list(SAID_BY[kind])
        self.move(self.chance.choice(statuses), event.at)
        return True

    def move(self, status: str, at: datetime, resolution: str | None = None) -> None:
        """Take a status; one that is the end may take a resolution, the others lose it."""
        before, self.status = self.status, status
        self.changes.append(Change(at, "status", before, status))
        is_end = STATUSES[status][1] == DONE
        if not is_end and self.keeps_resolution:
            return
        if self.resolution != resolution:
            self.changes.append(Change(at, "resolution", self.resolution, resolution))
            self.resolution = resolution

    def fidget(self, at: datetime) -> None:
        if self.finding.style == "statuses" and self.status == "Ready for Retest":
            self.move("In Retest", at)
        elif self.finding.style == "closing" and self.closed == "fix" and self.is_fixed:
            other = "Done" if self.resolution == "Fixed" else "Fixed"
            self.changes.append(Change(at, "resolution", self.resolution, other))
            self.resolution = other
        else:
            super().fidget(at)

    # Closing

    def can_close(self, why: str) -> bool:
        return True

    def close(self, at: datetime, why: str) -> None:
        self.closed = why
        self.move("Done", at, self.chance.choice(CLOSED_AS[why]))

    def open(self, at: datetime) -> None:
        self.closed = ""
        self.move(self.chance.choice(("To Do", "In Progress")), at)


class _Words:
    """How one project is exported."""

    def __init__(self, number: int) -> None:
        self.is_translated = number % 4 == 3
        self.offset = timedelta(hours=8 if number % 3 else 0)
        self.is_newest_first = number % 2 == 0
        self.has_files = number % 5 == 4
        self.has_pages = number % 5 == 2
        self.has_field_ids = number % 7 != 6

    def status(self, name: str) -> str:
        return STATUSES[name][2] if self.is_translated else name

    def priority(self, number: str) -> str:
        if self.is_translated:
            return ["最高", "高", "中", "低"][int(number) - 1]
        (severity,) = (one for one, its in PRIORITIES.items() if its == number)
        return PRIORITY_NAMES[severity]

    def time(self, moment: datetime) -> str:
        local = moment + self.offset
        zone = f"+{self.offset // timedelta(hours=1):02}00"
        return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03}{zone}"


def write_jira(landing: Path, organisation: Organisation) -> None:
    """Write issues and changelogs of all histories, a project each, and the policy for ids."""
    for number, system in enumerate(organisation.systems):
        _write_project(landing / "jira" / system.system_id, organisation, number, system)
    statuses = [
        {
            "self": f"https://jira.example.com/rest/api/2/status/{number}",
            "id": number,
            "name": name,
            "statusCategory": {"id": 2, "key": category},
        }
        for name, (number, category, _) in STATUSES.items()
    ]
    _write(landing / "jira" / "statuses.json", statuses)
    translated = [
        project_of(system.system_id)
        for number, system in enumerate(organisation.systems)
        if _Words(number).is_translated
    ]
    leaving = {"false_positive": "dispute_rejected", "risk_accepted": "risk_acceptance_expired"}
    put(
        landing,
        "finding_state_map",
        (
            {
                "source": "jira",
                "project": project,
                "field": "status",
                "value": STATUSES[status][0],
                "on_enter": kind,
                "on_leave": leaving.get(kind),
            }
            for project in translated
            for status, kind in MEANS.items()
        ),
    )
    put(
        landing,
        "finding_field_map",
        tuple(
            {
                "source": "jira",
                "project": project,
                "attribute": "severity",
                "field": "priority",
                "value": number,
                "attribute_value": severity,
                "precedence": 20,
            }
            for project in translated
            for severity, number in PRIORITIES.items()
        )
        + tuple(
            {
                "source": "jira",
                "project": project,
                "attribute": "severity",
                "field": "label",
                "value": "severity:*",
                "precedence": 10,
            }
            for project in translated
        ),
    )


def _write_project(folder: Path, organisation: Organisation, number: int, system: System) -> None:
    words = _Words(number)
    issues: list[Json] = []
    beside: list[Json] = []
    keys: dict[str, str] = {}
    for place, finding in enumerate(organisation.of(system), 1):
        desk = JiraDesk(organisation.chance, finding)
        desk.tell()
        issue_id = str(10_000 + 100 * number + place)
        key = f"{project_of(system.system_id)}-{place}"
        keys[finding.finding_id] = key
        histories = list(_histories(desk, words, int(issue_id) * 1000))
        if words.is_newest_first:
            histories.reverse()
        issue = _issue(desk, words, issue_id, key, project_of(system.system_id))
        if finding.duplicate_of and not int(finding.finding_id[-1]) % 2:
            issue["fields"]["issuelinks"] = [
                {
                    "type": {"name": "Duplicate"},
                    "outwardIssue": {"id": "1", "key": keys[finding.duplicate_of]},
                }
            ]
        half = len(histories) // 2
        pages = [
            {
                "self": f"https://jira.example.com/rest/api/2/issue/{key}/changelog",
                "startAt": start,
                "total": len(histories),
                "values": part,
            }
            for start, part in ((0, histories[:half]), (half, histories[half:]))
        ]
        if words.has_files:
            for page in pages:
                _write(folder / f"changelog-{key}-from-{page['startAt']}.json", page)
        elif words.has_pages:
            beside += pages
        else:
            issue["changelog"] = {"total": len(histories), "histories": histories}
        issues.append(issue)
    size = len(issues) if beside else 5
    for start in range(0, len(issues), size):
        found = {"startAt": start, "total": len(issues), "issues": issues[start : start + size]}
        _write(folder / f"search-{start}.json", found, *beside)


def _issue(desk: JiraDesk, words: _Words, issue_id: str, key: str, project: str) -> Json:
    last = max([desk.created_at, *(change.at for change in desk.changes)])
    resolved = [one.at for one in desk.changes if one.field == "resolution" and one.after]
    return {
        "id": issue_id,
        "key": key,
        "fields": {
            "summary": desk.finding.title,
            "created": words.time(desk.created_at),
            "updated": words.time(last + timedelta(milliseconds=40)),
            "resolutiondate": words.time(resolved[-1]) if desk.resolution else None,
            "status": {
                "id": STATUSES[desk.status][0],
                "name": words.status(desk.status),
                "statusCategory": {"key": STATUSES[desk.status][1]},
            },
            "resolution": desk.resolution
            and {"id": RESOLUTIONS[desk.resolution], "name": desk.resolution},
            "priority": {"id": desk.priority, "name": words.priority(desk.priority)},
            "issuetype": {"id": "10100", "name": "Task"},
            "project": {"id": "1", "key": project, "name": f"Project {project}"},
            "labels": list(desk.labels),
            "components": [{"id": "7", "name": "api"}] if words.has_files else [],
        },
    }


def _histories(desk: JiraDesk, words: _Words, first_id: int) -> Iterator[Json]:
    """Yield one history for each instant, with a change of labels as one text."""
    labels = list(desk.first_labels)
    if words.has_files:
        # An issue whose own file tells of no change has no history: nothing says that it is whole.
        component = {"field": "Component", "to": "7", "toString": "api"}
        at = words.time(desk.created_at + timedelta(seconds=30))
        yield {"id": str(first_id - 1), "created": at, "items": [component]}
    for number, (at, group) in enumerate(groupby(desk.changes, lambda one: one.at)):
        items: list[Json] = []
        before = list(labels)
        for change in group:
            if change.field == "label":
                if change.before:
                    labels.remove(change.before)
                else:
                    labels.append(change.after or "")
            else:
                items.append(_item(change, words))
        if before != labels:
            said = {"from": None, "fromString": " ".join(before), "to": None}
            items.append({"field": "labels", **said, "toString": " ".join(labels)})
        for item in items:
            if words.has_field_ids:
                item["fieldId"] = item["field"]
        items.append({"field": "description", "fromString": "a", "toString": "b"})
        yield {"id": str(first_id + number), "created": words.time(at), "items": items}


def _item(change: Change, words: _Words) -> Json:
    def side(value: str | None) -> tuple[str | None, str | None]:
        if value is None:
            return None, None
        if change.field == "status":
            return STATUSES[value][0], words.status(value)
        if change.field == "priority":
            return value, words.priority(value)
        return RESOLUTIONS[value], value

    (from_id, from_name), (to_id, to_name) = side(change.before), side(change.after)
    return {
        "field": change.field,
        "from": from_id,
        "fromString": from_name,
        "to": to_id,
        "toString": to_name,
    }


def _write(path: Path, *documents: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = (json.dumps(one, ensure_ascii=False) for one in documents)
    path.write_text("\n".join(texts), encoding="utf-8")
