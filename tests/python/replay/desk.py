"""How people tell a tracker what happened to a finding: by labels, by closing, by the workflow.

A desk turns the events of a history into dated changes of fields. It says nothing twice that the
tracker would not show twice, and adds what people do besides: they close what they have already
said is fixed, take old labels off, and open issues again whose retest failed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.python.replay.histories import END, VERDICTS, Event, Finding

LABELS = {
    "accepted": ("accepted",),
    "dispute_rejected": ("dispute-rejected",),
    "false_positive": ("false-positive",),
    "risk_accepted": ("risk-accepted", "wont-fix", "wontfix"),
    "risk_acceptance_expired": ("risk-acceptance-expired",),
    "remediation_claimed": ("remediation-claimed", "ready-for-retest"),
    "retest_passed": ("retest-passed", "fix-verified"),
    "retest_failed": ("retest-failed",),
    "reopened": ("reopened",),
}
FIXING = ("remediation_claimed", "retest_passed")
BREAKING = ("retest_failed", "reopened")


@dataclass(frozen=True, slots=True)
class Change:
    """One field at one instant: what it had and has then, None for nothing."""

    at: datetime
    field: str
    before: str | None
    after: str | None


class Desk:
    """Says the events of one finding; ``changes`` are in order of time then."""

    def __init__(self, chance: random.Random, finding: Finding) -> None:
        self.chance = chance
        self.finding = finding
        self.created_at = finding.reported_at
        self.first_labels: list[str] = []
        """What the issue had from its first instant."""
        self.changes: list[Change] = []
        self.labels: dict[str, datetime] = {}
        self.closed = ""
        """Empty, or why the issue is closed: `fix`, `fp`, `risk`, `quiet`."""
        self.is_fixed = False
        """Somebody has said so, and nobody has said otherwise since."""
        self.is_dismissed = False
        self.is_risk_accepted = False

    def tell(self) -> None:
        """Say all events."""
        for label in self.words_of(self.finding):
            self.hold(label, self.created_at)
        for place, event in enumerate(self.finding.events):
            others = [*self.finding.events[:place], *self.finding.events[place + 1 :]]
            is_shared = any(one.at == event.at for one in others)
            if event.kind == "severity_changed":
                self.rate(event)
            else:
                self.say(event, is_shared or event.at == self.created_at)
                self._note(event)
            later = [one.at for one in self.finding.events if one.at > event.at]
            end = min([*later, END])
            free = (event.at + (end - event.at) / 3).replace(microsecond=0)
            is_last = not any(one.at == event.at for one in self.finding.events[place + 1 :])
            if is_last and event.at < free < end:
                self.fidget(free)
        self.changes.sort(key=lambda one: one.at)

    @staticmethod
    def words_of(finding: Finding) -> list[str]:
        """Return the labels that tell what a finding is."""
        words = [
            "ai-security-finding",
            f"finding:{finding.finding_id}",
            f"class:{finding.vulnerability_class}",
        ]
        for name, value in (
            ("technique", finding.technique_id),
            ("owasp", finding.owasp_id),
            ("assessment", finding.assessment_id),
            ("tool", finding.tool),
            ("attack", finding.attack),
        ):
            if value:
                words.append(f"{name}:{value}")
        if finding.detection_source:
            words.append(finding.detection_source)
        if finding.is_impact_claimed:
            words.append("impact-claimed")
        if finding.is_impact_confirmed:
            words.append("impact-confirmed")
        return words

    def _note(self, event: Event) -> None:
        if event.kind in FIXING:
            self.is_fixed = True
        elif event.kind in BREAKING:
            self.is_fixed = False
        if event.kind in VERDICTS:
            self.is_dismissed = event.kind == "false_positive"
        if event.kind in ("risk_accepted", "risk_acceptance_expired"):
            self.is_risk_accepted = event.kind == "risk_accepted"

    # What the kinds of trackers do in their own ways

    def say(self, event: Event, is_shared: bool) -> None:
        """Say an event; one that shares its instant, or that of the report, is said plainly."""
        style = self.finding.style
        if style == "labels" or is_shared or not self.say_by_closing(event):
            self.say_by_label(event, is_shared)

    def rate(self, event: Event) -> None:
        """Give the finding another severity."""
        raise NotImplementedError

    def close(self, at: datetime, why: str) -> None:
        """Close the issue: `fix`, `fp` and `risk` tell why, `quiet` tells nothing."""
        raise NotImplementedError

    def open(self, at: datetime) -> None:
        """Open the issue again."""
        raise NotImplementedError

    def can_close(self, why: str) -> bool:
        """Tell whether closing can say this."""
        raise NotImplementedError

    # Labels

    def hold(self, label: str, at: datetime) -> None:
        self.labels[label] = at
        if at == self.created_at:
            self.first_labels.append(label)
        else:
            self.changes.append(Change(at, "label", None, label))

    def drop(self, label: str, at: datetime) -> None:
        del self.labels[label]
        self.changes.append(Change(at, "label", label, None))

    def say_by_label(self, event: Event, is_shared: bool = False) -> None:
        if event.kind in VERDICTS and self.labels.get("false-positive", event.at) < event.at:
            self.drop("false-positive", event.at)
            is_said = self.closed != "fp" and not is_shared
            if event.kind == "dispute_rejected" and is_said and self.chance.random() < 0.5:
                return  # taking the label off says it
        if event.kind == "risk_acceptance_expired":
            for label in LABELS["risk_accepted"]:
                if label in self.labels:
                    self.drop(label, event.at)
                    if self.closed != "risk" and not is_shared and self.chance.random() < 0.5:
                        return
        label = self.label_of(event)
        if label in self.labels:
            self.drop(label, self.labels[label] + _third(event.at - self.labels[label]))
        self.hold(label, event.at)

    def label_of(self, event: Event) -> str:
        if event.kind == "disputed":
            return f"disputed:{event.reason}"
        return self.chance.choice(LABELS[event.kind])

    # Closing

    def say_by_closing(self, event: Event) -> bool:
        """Say an event by closing or opening the issue, where that says it; else False."""
        at, kind = event.at, event.kind
        if "false-positive" in self.labels and kind in VERDICTS:
            return False  # the label has to go, and goes with a word
        why = {"remediation_claimed": "fix", "false_positive": "fp", "risk_accepted": "risk"}
        if kind in why and not self.closed and self.can_close(why[kind]):
            is_fix = kind == "remediation_claimed"
            if is_fix and (self.is_fixed or self.is_dismissed or self.is_risk_accepted):
                return False
            self.close(at, why[kind])
            return True
        opens = {"reopened": "fix", "dispute_rejected": "fp", "risk_acceptance_expired": "risk"}
        if kind == "risk_acceptance_expired" and set(LABELS["risk_accepted"]) & set(self.labels):
            return False
        if kind in opens and self.closed == opens[kind]:
            if kind == "reopened" and not self.is_fixed:
                return False
            if kind == "dispute_rejected" and not self.is_dismissed:
                return False
            self.open(at)
            return True
        return False

    def fidget(self, at: datetime) -> None:
        """Do what says nothing, between two events."""
        if self.finding.style != "closing" or self.chance.random() < 0.4:
            return
        if self.closed == "quiet" or (self.closed == "fix" and not self.is_fixed):
            self.open(at)
        elif not self.closed and (self.is_dismissed or self.is_risk_accepted):
            self.close(at, "quiet")
        elif not self.closed and self.is_fixed:
            self.close(at, "fix")


def _third(duration: timedelta) -> timedelta:
    return timedelta(seconds=duration // timedelta(seconds=3))
