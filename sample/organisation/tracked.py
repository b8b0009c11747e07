"""Findings that three teams keep in a tracker of their own, and how the bank reads those trackers.

The register knows all of them and is believed first; a tracker tells the same story in its own
words. What is in a tracker and no finding stands in the module of that tracker.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sample.organisation.calendar import stream
from sample.organisation.files import Row
from sample.organisation.findings import Finding, findings
from sample.organisation.lifecycles import Event, events
from sample.organisation.weaknesses import Severity

JIRA_SYSTEM, JIRA_PROJECT = "card-dispute-agent", "SEC"
GITHUB_SYSTEM, GITHUB_REPOSITORY = "email-triage", "northwind-bank/inbox-triage"
DEFECTDOJO_SYSTEM, DEFECTDOJO_PRODUCT = "contract-reviewer", "Contract Reviewer"
# A type of test says what kind of report it was, not which tool found something.
DEFECTDOJO_TEST_TYPE = "AI Red Team Report (Generic Findings Import)"
JIRA_RISK_FIELD, JIRA_RISK_FIELD_NAME = "customfield_10050", "Risk accepted until"

# The payments team opens issues for what is reported as medium or worse.
WORTH_AN_ISSUE: tuple[Severity, ...] = ("critical", "high", "medium")


@dataclass(frozen=True)
class Tracked:
    """A finding with all that happened to it, in order."""

    finding: Finding
    events: tuple[Event, ...]

    @property
    def labels(self) -> list[str]:
        """Labels that policy reads in every tracker; the system is told in other ways."""
        return [
            f"finding:{self.finding.finding_id}",
            f"class:{self.finding.weakness.code}",
            "automated" if self.finding.is_automated else "manual",
        ]


@cache
def tracked(system_id: str) -> tuple[Tracked, ...]:
    """Return the findings of a system that are worth a line in its team's tracker."""
    happened: dict[str, list[Event]] = {}
    for event in events():
        happened.setdefault(event.finding_id, []).append(event)
    return tuple(
        Tracked(finding, tuple(sorted(happened.get(finding.finding_id, []), key=lambda e: e.at)))
        for finding in findings()
        if finding.system_id == system_id
        and (system_id != JIRA_SYSTEM or finding.severity in WORTH_AN_ISSUE)
    )


def made_up_hex(digits: int, *names: object) -> str:
    """Return a number in hexadecimal that is always the same for the same names."""
    return f"{stream('hex', *names).getrandbits(4 * digits):0{digits}x}"


def state_map_rows() -> list[Row]:
    """Return what the bank's own words mean; empty cells: nothing for the life of a finding."""
    rows = [
        ("jira", JIRA_PROJECT, "status", "To Do", ""),
        ("jira", JIRA_PROJECT, "status", "In Progress", "accepted"),
        ("jira", JIRA_PROJECT, "status", "Done", ""),
        ("github", GITHUB_REPOSITORY, "closing", "not_planned", ""),
    ]
    return [
        {
            "source": source,
            "project": project,
            "field": field,
            "value": value,
            "on_enter": on_enter,
            "on_leave": "",
            "reason": "",
        }
        for source, project, field, value, on_enter in rows
    ]


def field_map_rows() -> list[Row]:
    rows = [
        ("jira", JIRA_PROJECT, "acceptance_expires_at", JIRA_RISK_FIELD, "*", ""),
        ("defectdojo", DEFECTDOJO_PRODUCT, "tool", "test_type", DEFECTDOJO_TEST_TYPE, "unknown"),
    ]
    return [
        {
            "source": source,
            "project": project,
            "attribute": attribute,
            "field": field,
            "value": value,
            "attribute_value": attribute_value,
            "precedence": "10",
        }
        for source, project, attribute, field, value, attribute_value in rows
    ]
