"""Random histories as registers and as exports of trackers: the same numbers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.python.replay.compare import EVENTS, FINDINGS, KEY, VALUES, differences, rows_of
from tests.python.replay.conftest import AS_OF, Build
from tests.python.replay.github_export import write_github
from tests.python.replay.histories import make
from tests.python.replay.registers import write_findings, write_shared

HISTORIES = 24
EARLIER = dt.date(2025, 2, 11)

WRITERS = {"github": write_github}


@pytest.mark.parametrize("tracker", WRITERS)
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
def test_histories_are_the_same_numbers(
    tracker: str, seed: int, build: Build, tmp_path: Path
) -> None:
    made = make(seed, HISTORIES)
    write_shared(tmp_path / "register", made)
    write_findings(tmp_path / "register", made)
    write_shared(tmp_path / tracker, made)
    WRITERS[tracker](tmp_path / tracker, made)
    for as_of in (AS_OF, EARLIER):
        told = build(tmp_path / "register", as_of)
        shown = build(tmp_path / tracker, as_of)
        for query, key in (
            (EVENTS, 3),
            (FINDINGS.format(left_out="source_run_id"), 1),
            (VALUES, KEY),
        ):
            found = differences(rows_of(told, query, key), rows_of(shown, query, key))
            assert not found, "\n".join(found[:40])
