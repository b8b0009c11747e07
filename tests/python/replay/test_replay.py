"""Random histories as registers and as exports of trackers: the same numbers.

Jira and GitHub tell every event. DefectDojo tells what its deliveries differ in: the register of
those events is what it is held against, and nothing that needs retests has a number, unless a
scanner's re-uploads tell them.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.python.replay.compare import assert_same, metrics_of
from tests.python.replay.conftest import FACTS, Build
from tests.python.replay.dojo_export import write_dojo
from tests.python.replay.dojo_imports import leave_to_imports, with_imports, write_imports
from tests.python.replay.github_export import write_github
from tests.python.replay.histories import END, make
from tests.python.replay.jira_export import write_jira
from tests.python.replay.registers import write_findings, write_shared

HISTORIES = 24
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 14))]
EARLIER = dt.date(2025, 2, 11)
"""A day on which much had not happened yet."""


@pytest.mark.parametrize("seed", SEEDS)
def test_histories_tell_the_same_in_all_formats(seed: int, build: Build, tmp_path: Path) -> None:
    made = make(seed, HISTORIES)
    write_shared(tmp_path / "register", made)
    write_findings(tmp_path / "register", made)
    told = build(tmp_path / "register")
    told_earlier = build(tmp_path / "register", EARLIER, FACTS)
    for tracker, write in (("github", write_github), ("jira", write_jira)):
        made = make(seed, HISTORIES)  # what people do besides must not change what happened
        write_shared(tmp_path / tracker, made)
        write(tmp_path / tracker, made)
        assert_same(told, build(tmp_path / tracker))
        earlier = build(tmp_path / tracker, EARLIER, FACTS)
        assert_same(told_earlier, earlier, with_values=False)


@pytest.mark.parametrize("seed", SEEDS)
def test_deliveries_of_flags_tell_what_they_show(seed: int, build: Build, tmp_path: Path) -> None:
    made = make(seed, HISTORIES)
    write_shared(tmp_path / "defectdojo", made)
    shown = write_dojo(tmp_path / "defectdojo", made)
    made.findings = [one for one in made.findings if one.finding_id in shown]
    for finding in made.findings:
        finding.severity = shown[finding.finding_id].severity
    write_shared(tmp_path / "register", made)
    events = {finding_id: one.events for finding_id, one in shown.items()}
    write_findings(tmp_path / "register", made, events)
    told = build(tmp_path / "register")
    shown_by_flags = build(tmp_path / "defectdojo")
    assert_same(told, shown_by_flags, without="retests")
    measured = metrics_of(shown_by_flags)
    assert {"finding_acceptance_rate", "time_to_claimed_fix", "recurrence_rate"} <= measured
    assert not {"mean_time_to_remediate", "fix_effectiveness_rate"} & measured


@pytest.mark.parametrize("seed", SEEDS)
def test_imports_tell_retests_exactly(seed: int, build: Build, tmp_path: Path) -> None:
    made = make(seed, HISTORIES)
    told = leave_to_imports(made)
    shown = write_dojo(tmp_path / "defectdojo", made)
    write_imports(tmp_path / "defectdojo", made, told, END.date() - dt.timedelta(days=1))
    made.findings = [one for one in made.findings if one.finding_id in shown]
    for finding in made.findings:
        finding.severity = shown[finding.finding_id].severity
    before = made.chance.getstate()
    for landing in ("defectdojo", "register"):
        made.chance.setstate(before)
        write_shared(tmp_path / landing, made)
    events = {name: with_imports(one, told[name]) for name, one in shown.items()}
    write_findings(tmp_path / "register", made, events)
    shown_by_imports = build(tmp_path / "defectdojo")
    assert_same(build(tmp_path / "register"), shown_by_imports)
    assert {"mean_time_to_remediate", "reopen_rate"} <= metrics_of(shown_by_imports)
