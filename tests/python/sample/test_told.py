"""What is told of single findings: each line names one, and moves nothing of any other."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from datetime import timedelta

import pytest

from sample.organisation import lifecycles, told
from sample.organisation.findings import Finding, findings
from sample.organisation.lifecycles import Event


def _address(finding: Finding) -> str:
    return f"{finding.reported:%Y-%m} {finding.system_id} {finding.weakness.code}"


def _lives() -> dict[str, list[Event]]:
    lifecycles.events.cache_clear()
    lives: dict[str, list[Event]] = {finding.finding_id: [] for finding in findings()}
    for event in lifecycles.events():
        lives[event.finding_id].append(event)
    lifecycles.events.cache_clear()
    return lives


def test_each_line_names_one_finding_that_is_counted() -> None:
    counted = [f for f in findings() if not f.duplicate_of and f.severity != "informational"]
    places = Counter(map(_address, counted))
    assert {address: places[address] for address in told.TOLD} == dict.fromkeys(told.TOLD, 1)
    assert told.NOTHING not in told.TOLD.values()


def _happened(finding: Finding, steps: list[str], part: str) -> object:
    verdicts = {"disputed": "leave_disputed", "false_positive": "false_positive"}
    if part == "severity":
        return finding.severity
    if part == "impact_confirmed":
        return finding.impact_claimed and finding.impact_confirmed
    if part == "decision":
        return verdicts.get(steps[-1], "accept")
    if part == "is_unverified":
        return steps[-1] == "remediation_claimed"
    return {"retest_fails": "retest_failed", "is_reopened": "reopened"}[part] in steps


def test_what_is_told_happens() -> None:
    lives = _lives()
    named = {_address(f): f for f in findings() if not f.duplicate_of}
    parts = [field.name for field in fields(told.Told) if field.name != "fix_days"]
    for address, line in told.TOLD.items():
        finding = named[address]
        steps = [event.event_type for event in lives[finding.finding_id]]
        for part in parts:
            expected = getattr(line, part)
            if expected is not None:
                assert _happened(finding, steps, part) == expected, (address, part)


def test_a_quick_fix_takes_the_days_that_are_told() -> None:
    lives = _lives()
    days = {_address(f): _days_to_first_retest(f, lives[f.finding_id]) for f in findings()}
    quick = {
        address: timedelta(days=line.fix_days)
        for address, line in told.TOLD.items()
        if line.fix_days and not line.is_unverified
    }
    assert {address: days[address] for address in quick} == quick
    assert len(quick) == 2


def _days_to_first_retest(finding: Finding, life: list[Event]) -> timedelta | None:
    retests = [event.at for event in life if event.event_type.startswith("retest")]
    return min(retests) - finding.reported if retests else None


def test_a_line_moves_no_other_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {f.finding_id for f in findings() if _address(f) in told.TOLD}
    with_lines = _lives()
    monkeypatch.setattr(told, "TOLD", {})
    without = _lives()
    changed = {name for name in with_lines if with_lines[name] != without[name]}
    assert changed <= named
    assert len(changed) > len(named) / 2
