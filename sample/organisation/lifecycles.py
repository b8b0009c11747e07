"""What became of each finding: decisions, disputes, fixes, retests and regression tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from random import Random

from sample.organisation.calendar import LAST_INSTANT, chance, later, stamp, stream
from sample.organisation.files import Row
from sample.organisation.findings import SERIOUS, Finding, findings
from sample.organisation.stories import STALLED_FROM, STALLED_TEAM_SYSTEM
from sample.organisation.suite import latest_run
from sample.organisation.told import happens, told_about
from sample.organisation.weaknesses import SEVERITIES, Severity

# Days from report to a fix that passes its first retest: least, most, usual.
FIX_DAYS: dict[Severity, tuple[float, float, float]] = {
    "critical": (1.5, 11, 3.5),
    "high": (5, 46, 12),
    "medium": (10, 92, 26),
    "low": (20, 240, 70),
    "informational": (30, 200, 90),
}
# How often nobody ever claims a fix, and how often nobody retests a claim.
NEVER_CLAIMED: dict[Severity, float] = {"high": 0.03, "medium": 0.08, "low": 0.20}
NEVER_RETESTED: dict[Severity, float] = {"critical": 0.03, "high": 0.05, "medium": 0.09}
NEVER_RETESTED_OTHERWISE = 0.2
RETEST_FAILS = 0.13
REOPENED: dict[Severity, float] = {"high": 0.03, "medium": 0.07, "low": 0.05}
EXPIRED_ACCEPTANCE_IS_NOTICED = 0.75
ACCEPTANCE_DAYS = 180

# What owners say, and how often. Of criticals and highs none stays undecided, no risk is accepted.
DECISIONS: tuple[tuple[str, float], ...] = (
    ("accept", 0.71),
    ("dispute_then_accept", 0.045),
    ("dispute_severity", 0.035),
    ("false_positive", 0.06),
    ("accept_risk", 0.07),
    ("leave_disputed", 0.04),
    ("leave_undecided", 0.04),
)
NOT_FOR_SERIOUS = ("leave_disputed", "leave_undecided", "accept_risk")
DISPUTE_REASONS = ("validity", "validity", "scope", "duplicate", "other")

REGRESSION_TEST_SHARE: dict[Severity, float] = {"critical": 0.96, "high": 0.9, "medium": 0.74}
REGRESSION_TEST_SHARE_OTHERWISE = 0.4


@dataclass(frozen=True)
class Event:
    """One step in the life of a finding."""

    finding_id: str
    event_type: str
    at: datetime
    new_severity: str = ""
    reason: str = ""
    run_id: str = ""
    expires: datetime | None = None
    note: str = ""


@cache
def events() -> tuple[Event, ...]:
    """Return every event that has happened by the last day, finding by finding."""
    return tuple(
        event for finding in findings() for event in _life(finding) if event.at <= LAST_INSTANT
    )


def _life(finding: Finding) -> Iterator[Event]:
    if finding.duplicate_of or finding.severity == "informational":
        return
    rng = stream("life", finding.finding_id)
    if _is_stalled(finding):
        yield _event(finding, "accepted", later(finding.reported, rng.uniform(1, 4)))
        return
    drawn = _decision(finding, rng)
    decision = told_about(finding).decision or drawn
    if decision == "accept":
        yield from _accept_and_fix(finding, finding.reported, rng)
    elif decision == "dispute_then_accept":
        yield from _dispute_then_accept(finding, rng)
    elif decision == "dispute_severity":
        yield from _dispute_severity(finding, rng)
    elif decision == "false_positive":
        yield from _false_positive(finding, rng)
    elif decision == "accept_risk":
        yield from _accept_risk(finding, rng)
    elif decision == "leave_disputed":
        yield _disputed(finding, rng)


def _is_stalled(finding: Finding) -> bool:
    is_theirs = finding.system_id == STALLED_TEAM_SYSTEM
    return is_theirs and finding.reported.date() >= STALLED_FROM


def _decision(finding: Finding, rng: Random) -> str:
    draw = rng.random()
    for decision, share in DECISIONS:
        draw -= share
        if draw < 0:
            is_serious = finding.severity in SERIOUS
            return "accept" if is_serious and decision in NOT_FOR_SERIOUS else decision
    return "accept"


def _fix_days(finding: Finding, rng: Random) -> float:
    drawn = rng.triangular(*FIX_DAYS[finding.severity])
    return told_about(finding).fix_days or drawn


def _accept_and_fix(finding: Finding, start: datetime, rng: Random) -> Iterator[Event]:
    fix_days = _fix_days(finding, rng)
    accepted = later(start, min(fix_days * 0.3, rng.uniform(0.2, 6)))
    yield _event(finding, "accepted", accepted)
    yield from _fix(finding, start, fix_days, rng)


def _fix(finding: Finding, start: datetime, fix_days: float, rng: Random) -> Iterator[Event]:
    """Claim a fix and retest it; a failed retest means a second round, a pass may not last."""
    told = told_about(finding)
    if chance(rng, NEVER_CLAIMED.get(finding.severity, 0.0)):
        return
    yield _event(finding, "remediation_claimed", later(start, fix_days * rng.uniform(0.6, 0.85)))
    never = NEVER_RETESTED.get(finding.severity, NEVER_RETESTED_OTHERWISE)
    if happens(told.is_unverified, rng, never):
        return
    retested = later(start, fix_days)
    if happens(told.retest_fails, rng, RETEST_FAILS):
        yield _retest(finding, "retest_failed", retested)
        yield _event(finding, "remediation_claimed", later(retested, fix_days * 0.3))
        retested = later(retested, fix_days * rng.uniform(0.4, 0.7))
    yield _retest(finding, "retest_passed", retested)
    if happens(told.is_reopened, rng, REOPENED.get(finding.severity, 0.0)):
        yield from _reopen(finding, retested, rng)


def _reopen(finding: Finding, passed: datetime, rng: Random) -> Iterator[Event]:
    reopened = later(passed, rng.uniform(15, 80))
    note = "Came back with the next model version"
    yield _event(finding, "reopened", reopened, note=note)
    fix_days = rng.triangular(*FIX_DAYS[finding.severity])
    yield _event(finding, "remediation_claimed", later(reopened, fix_days * 0.8))
    yield _retest(finding, "retest_passed", later(reopened, fix_days))


def _disputed(finding: Finding, rng: Random, reason: str = "") -> Event:
    at = later(finding.reported, rng.uniform(1, 8))
    return _event(finding, "disputed", at, reason=reason or rng.choice(DISPUTE_REASONS))


def _dispute_then_accept(finding: Finding, rng: Random) -> Iterator[Event]:
    dispute = _disputed(finding, rng)
    yield dispute
    rejected = later(dispute.at, rng.uniform(2, 12))
    note = "Shown again on the live configuration"
    yield _event(finding, "dispute_rejected", rejected, note=note)
    yield from _accept_and_fix(finding, rejected, rng)


def _dispute_severity(finding: Finding, rng: Random) -> Iterator[Event]:
    """Settle a quarrel about the severity: two in three times it goes down a step."""
    dispute = _disputed(finding, rng, "severity")
    yield dispute
    place = SEVERITIES.index(finding.severity)
    step = 1 if chance(rng, 2 / 3) else -1
    changed = SEVERITIES[max(0, min(3, place + step))]
    settled = later(dispute.at, rng.uniform(1, 6))
    yield _event(finding, "severity_changed", settled, new_severity=changed)
    yield from _accept_and_fix(finding, settled, rng)


def _false_positive(finding: Finding, rng: Random) -> Iterator[Event]:
    dispute = _disputed(finding, rng, "validity")
    yield dispute
    note = "Could not be repeated with the production filter on"
    yield _event(
        finding, "false_positive", later(dispute.at, rng.uniform(1, 10)), reason="", note=note
    )


def _accept_risk(finding: Finding, rng: Random) -> Iterator[Event]:
    """Accept the risk for half a year; most lapsed acceptances are noticed and then fixed."""
    decided = later(finding.reported, rng.uniform(4, 25))
    expires = later(decided, ACCEPTANCE_DAYS)
    yield _event(finding, "risk_accepted", decided, expires=expires, note="Signed by the owner")
    if chance(rng, EXPIRED_ACCEPTANCE_IS_NOTICED):
        yield _event(finding, "risk_acceptance_expired", expires)
        yield from _fix(finding, expires, rng.triangular(*FIX_DAYS[finding.severity]), rng)


def _retest(finding: Finding, event_type: str, at: datetime) -> Event:
    run_id = latest_run(finding.system_id, at.date()) if finding.source_run_id else None
    return _event(finding, event_type, at, run_id=run_id or "")


def _event(
    finding: Finding,
    event_type: str,
    at: datetime,
    *,
    new_severity: str = "",
    reason: str = "",
    run_id: str = "",
    expires: datetime | None = None,
    note: str = "",
) -> Event:
    return Event(finding.finding_id, event_type, at, new_severity, reason, run_id, expires, note)


def event_rows() -> list[Row]:
    return [
        {
            "finding_id": event.finding_id,
            "event_type": event.event_type,
            "event_at": stamp(event.at),
            "new_severity": event.new_severity,
            "reason": event.reason,
            "run_id": event.run_id,
            "expires_at": stamp(event.expires),
            "note": event.note,
        }
        for event in events()
    ]


def regression_test_rows() -> list[Row]:
    """Write the tests kept for fixed findings; one in forty is thrown out again."""
    passed = {
        event.finding_id: event.at for event in events() if event.event_type == "retest_passed"
    }
    rows: list[Row] = []
    for finding in findings():
        rng = stream("regression test", finding.finding_id)
        share = REGRESSION_TEST_SHARE.get(finding.severity, REGRESSION_TEST_SHARE_OTHERWISE)
        if finding.finding_id not in passed or not chance(rng, share):
            continue
        added = later(passed[finding.finding_id], rng.uniform(0.5, 20))
        removed = later(added, rng.uniform(60, 200)) if chance(rng, 1 / 40) else None
        if added > LAST_INSTANT:
            continue
        if removed and removed > LAST_INSTANT:
            removed = None
        last_run = (removed or LAST_INSTANT) - timedelta(hours=rng.randrange(6, 24 * 20))
        rows.append(
            {
                "regression_test_id": f"RT-{finding.finding_id}",
                "finding_id": finding.finding_id,
                "added_at": stamp(added),
                "removed_at": stamp(removed),
                "last_run_at": stamp(max(added, last_run)),
            }
        )
    return rows
