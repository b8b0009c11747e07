"""Random histories as registers and as exports of trackers: the same numbers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.python.replay.compare import assert_same
from tests.python.replay.conftest import FACTS, Build
from tests.python.replay.github_export import write_github
from tests.python.replay.histories import make
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
        assert_same(told, build(tmp_path / tracker), with_values=True)
        earlier = build(tmp_path / tracker, EARLIER, FACTS)
        assert_same(told_earlier, earlier, with_values=False)
