"""Histories in which a scanner's re-uploads close and reactivate findings, and date that exactly.

Who re-imports claims nothing: what a report lacks any more passed its retest, what it holds again
was reopened. Imports leave alone what is dismissed, accepted or a duplicate.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from tests.python.replay.dojo_export import FIX, Shown, State, after
from tests.python.replay.histories import Event, Finding, Organisation

ACTIONS: Final = {FIX: "C", "reopened": "R"}
Told = dict[str, list[Event]]


def leave_to_imports(organisation: Organisation) -> Told:
    """Take from all histories what no import can do; return what imports do, by finding."""
    told: Told = {}
    for finding in organisation.findings:
        done = _done_by_imports(finding)
        finding.events = [one for one in finding.events if one.kind not in ACTIONS or one in done]
        told[finding.finding_id] = done
    return told


def _done_by_imports(finding: Finding) -> list[Event]:
    state = State(finding.severity, finding.reported_at, finding.reported_at)
    done: list[Event] = []
    for event in finding.events:
        is_left_alone = state.false_p or state.risk_accepted or finding.duplicate_of is not None
        if event.kind in ACTIONS:
            if is_left_alone or state.is_mitigated == (event.kind == FIX):
                continue
            done.append(event)
        state = after(state, event)
    return done


def write_imports(landing: Path, organisation: Organisation, told: Told, day: date) -> None:
    """Write one import for each action, as the API lists them."""
    numbers = {one.finding_id: 100 + place for place, one in enumerate(organisation.findings)}
    done = sorted(
        (event.at, numbers[finding_id], ACTIONS[event.kind])
        for finding_id, events in told.items()
        for event in events
    )
    imports = [
        {
            "id": place,
            "created": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "import_settings": {},
            "type": "reimport",
            "test_import_finding_action_set": [
                {
                    "id": place,
                    "action": action,
                    "created": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                    "finding": number,
                }
            ],
        }
        for place, (at, number, action) in enumerate(done, start=1)
    ]
    path = landing / "defectdojo" / day.isoformat() / "test_imports.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"count": len(imports), "results": imports}))


def with_imports(shown: Shown, told: list[Event]) -> list[Event]:
    """Return what flags and imports tell together: imports speak for what they did."""
    by_flags = [
        one
        for one in shown.events
        if one.kind not in ACTIONS or (one.kind == "reopened" and _is_closed_at(told, one))
    ]
    by_imports = [
        replace(one, kind="retest_passed" if one.kind == FIX else one.kind) for one in told
    ]
    return by_flags + by_imports


def _is_closed_at(told: list[Event], event: Event) -> bool:
    before = [one.kind for one in told if one.at <= event.at]
    return bool(before) and before[-1] == FIX
