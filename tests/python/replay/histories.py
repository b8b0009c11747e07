"""Random organisations and what happened to their findings, in the words of the lifecycle.

One history is one system, so that many of them fit into one landing folder: the segment ``system``
tells them apart. What the formats tell of a history is theirs (``registers``, ``jira_export``,
``github_export``); what no format could tell is not made here:

- a second acceptance of a risk that is accepted, or a lapse of one that is not;
- a second false positive of a finding that is one;
- two events of one instant in another order than that of the lifecycle, for trackers keep none;
- another severity at the instant of the report, where it would be the first one;
- a dismissal or an accepted risk that another event of its own instant takes back.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Style = Literal["labels", "statuses", "closing"]
"""How the people of a tracker say things: only by labels, by the workflow, by closing issues."""

KINDS = (
    "severity_changed",
    "accepted",
    "disputed",
    "dispute_rejected",
    "false_positive",
    "risk_accepted",
    "risk_acceptance_expired",
    "remediation_claimed",
    "retest_failed",
    "retest_passed",
    "reopened",
)
"""In the order in which they count when they share an instant."""
VERDICTS = {
    "accepted": "accepted",
    "disputed": "disputed",
    "dispute_rejected": "accepted",
    "false_positive": "false_positive",
    "risk_accepted": "accepted",
    "remediation_claimed": "accepted",
}
UNDONE = "risk_acceptance_expired"
SEVERITIES = ("critical", "high", "medium", "low")
REASONS = ("validity", "severity", "duplicate", "scope", "other")
CLASSES = ("llm01.direct", "llm01.indirect.rag", "llm02.pii", "llm06.tools", "llm10.loops")
TECHNIQUES = ("AML.T0051.000", "AML.T0051.001", "AML.T0054", "AML.T0057")
TOOLS = ("garak", "pyrit", "by-hand")

START = datetime(2023, 9, 20)
END = datetime(2026, 3, 11)
"""The end of the as-of day: nothing is there at or after it."""
MARKS = (
    datetime(2024, 2, 29),
    datetime(2024, 3, 1),
    datetime(2024, 2, 29, 23, 59, 59),
    datetime(2024, 12, 31, 23, 59, 59),
    datetime(2025, 1, 1),
    datetime(2025, 3, 30, 1, 30),
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a finding."""

    at: datetime
    kind: str
    severity: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class Finding:
    """A finding and its events, oldest first; those of one instant in the order of ``KINDS``."""

    finding_id: str
    system_id: str
    severity: str
    vulnerability_class: str
    reported_at: datetime
    style: Style
    technique_id: str | None = None
    owasp_id: str | None = None
    detection_source: str | None = None
    assessment_id: str | None = None
    tool: str | None = None
    attack: str | None = None
    is_impact_claimed: bool = False
    is_impact_confirmed: bool = False
    duplicate_of: str | None = None
    events: list[Event] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"What {self.finding_id} is about"


@dataclass(slots=True)
class System:
    """A system of the inventory."""

    system_id: str
    risk_tier: str
    provider: str
    owner_team: str
    onboarded_at: datetime
    in_production_from: datetime
    retired_at: datetime | None


@dataclass(slots=True)
class Organisation:
    """Systems, one for each history, and all findings."""

    systems: list[System]
    findings: list[Finding]
    chance: random.Random

    def of(self, system: System) -> list[Finding]:
        """Return the findings of one system."""
        return [one for one in self.findings if one.system_id == system.system_id]


def make(seed: int, histories: int) -> Organisation:
    """Make an organisation of so many histories; the same for the same numbers."""
    chance = random.Random(seed)
    systems = [_system(chance, f"history-{number:02}") for number in range(histories)]
    findings = [one for system in systems for one in _findings(chance, system)]
    return Organisation(systems, findings, chance)


def _system(chance: random.Random, system_id: str) -> System:
    since = START + timedelta(days=chance.randrange(500))
    retired = END - timedelta(days=chance.randrange(1, 90))
    return System(
        system_id,
        risk_tier=chance.choice(("high", "medium", "low")),
        provider=chance.choice(("internal", "third_party")),
        owner_team=chance.choice(("blue", "green", "")),
        onboarded_at=since,
        in_production_from=since + timedelta(days=chance.randrange(100)),
        retired_at=retired if chance.random() < 0.2 else None,
    )


def _findings(chance: random.Random, system: System) -> list[Finding]:
    made: list[Finding] = []
    for number in range(chance.randrange(5, 14)):
        is_claimed = chance.random() < 0.5
        tool = chance.choice((*TOOLS, None))
        finding = Finding(
            finding_id=f"F-{system.system_id[-2:]}-{number:02}",
            system_id=system.system_id,
            severity=chance.choice((*SEVERITIES * 4, "informational")),
            vulnerability_class=chance.choice(CLASSES),
            reported_at=_reported(chance),
            style=chance.choice(("labels", "statuses", "closing", "closing")),
            technique_id=chance.choice((*TECHNIQUES, None)),
            owasp_id=chance.choice(("LLM01:2025", None)),
            detection_source=chance.choice(("manual", "automated", None)),
            assessment_id=chance.choice((f"A-{system.system_id}", None)),
            tool=tool,
            attack=chance.choice(("dan", "crescendo")) if tool else None,
            is_impact_claimed=is_claimed,
            is_impact_confirmed=is_claimed and chance.random() < 0.6,
        )
        originals = [one for one in made if one.duplicate_of is None]
        if originals and chance.random() < 0.1:
            finding.duplicate_of = chance.choice(originals).finding_id
        finding.events = _Walk(chance, finding).events()
        made.append(finding)
    return made


def _reported(chance: random.Random) -> datetime:
    if chance.random() < 0.15:
        return chance.choice(MARKS)
    moment = START + chance.random() * (END - START)
    if chance.random() < 0.1:
        return _next_month(moment)
    return moment.replace(microsecond=0)


def _next_month(moment: datetime) -> datetime:
    later = moment.replace(day=1) + timedelta(days=32)
    return later.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


class _Walk:
    """Walks through the life of one finding."""

    def __init__(self, chance: random.Random, finding: Finding) -> None:
        self._chance = chance
        self._at = self._reported_at = finding.reported_at
        self._severity = finding.severity
        self._verdict = "undecided"
        self._is_risk_accepted = False
        self._is_touched = False
        self._last_kind = ""

    def events(self) -> list[Event]:
        made: list[Event] = []
        for _ in range(self._chance.choice((0, 1, 2, 3, 4, 6, 8, 12))):
            before = self._at
            self._at = self._later(before, is_first=not made)
            if self._at >= END:
                break
            same = [one.kind for one in made if one.at == self._at]
            choices = self._possible()
            if self._at == self._reported_at:
                choices = [kind for kind in choices if kind != "severity_changed"]
            if same:
                choices = [kind for kind in choices if KINDS.index(kind) > KINDS.index(same[-1])]
                if {"false_positive", "risk_accepted"} & set(same):
                    choices = [kind for kind in choices if kind not in (*VERDICTS, UNDONE)]
                if set(VERDICTS) & set(same):
                    choices = [kind for kind in choices if kind != "false_positive"]
            if choices:
                made.append(self._take(self._chance.choice(choices)))
        return made

    def _later(self, before: datetime, is_first: bool) -> datetime:
        draw = self._chance.random()
        if draw < (0.05 if is_first else 0.15):
            return before
        if draw < 0.25:
            return _next_month(before)
        if draw < 0.35:
            return before + timedelta(minutes=self._chance.randrange(2, 300))
        days = self._chance.expovariate(1 / 25)
        return (before + timedelta(minutes=2, days=days)).replace(microsecond=0)

    def _possible(self) -> Sequence[str]:
        """Return the events that can come next, likely ones more than once."""
        kinds = ["accepted", "disputed", "remediation_claimed", "severity_changed"]
        kinds += ["accepted"] * 3 if self._verdict == "undecided" else []
        if self._verdict in ("disputed", "false_positive"):
            kinds += ["dispute_rejected"] * 2
        if self._verdict != "false_positive":
            kinds.append("false_positive")
            kinds += ["remediation_claimed"] * 3
        kinds += ["risk_acceptance_expired"] * 3 if self._is_risk_accepted else ["risk_accepted"]
        if self._is_touched:
            kinds += ["reopened", "retest_passed", "retest_passed", "retest_failed"]
        if self._last_kind == "remediation_claimed":
            kinds += ["retest_passed"] * 6 + ["retest_failed"] * 3
        if self._last_kind == "retest_passed":
            kinds += ["reopened"] * 4
        return kinds

    def _take(self, kind: str) -> Event:
        self._last_kind = kind
        self._verdict = VERDICTS.get(kind, self._verdict)
        if kind in ("risk_accepted", "risk_acceptance_expired"):
            self._is_risk_accepted = kind == "risk_accepted"
        self._is_touched |= kind == "remediation_claimed"
        if kind == "severity_changed":
            others = [one for one in SEVERITIES if one != self._severity]
            self._severity = self._chance.choice(others)
            return Event(self._at, kind, severity=self._severity)
        if kind == "disputed":
            return Event(self._at, kind, reason=self._chance.choice(REASONS))
        return Event(self._at, kind)
