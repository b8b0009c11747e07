"""Killed at any named point: readers keep one whole generation, the next run needs no help."""

from __future__ import annotations

import json
import signal

import duckdb
import pytest

from aism.faults import POINTS
from aism.warehouse import Warehouse
from tests.python.publish.bench import Bench

POINTER_MOVED = POINTS.index("after_pointer")


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(bench: Bench, point: str) -> None:
    bench.build(1.0)
    bench.publish()

    killed = bench.aism("build", AISM_TESTING="1", AISM_FAULT_AT=point, FAKE_MARKER="2.0")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    new = POINTS.index(point) >= POINTER_MOVED
    assert bench.generation() == ((2, 2.0) if new else (1, 1.0))
    stable = duckdb.execute(f"from '{bench.warehouse}/current/build_generation.parquet'").fetchall()
    assert stable[0][0] in (1, 2)

    again = bench.aism("build", FAKE_MARKER="2.0")
    assert again.returncode == 0, again.stderr
    number, marker = bench.generation()
    assert marker == 2.0
    assert ("Nothing changed" in again.stdout) == new
    assert Warehouse(bench.warehouse).is_settled()
    _check_only_published(bench, {1, number})


def test_without_the_testing_flag_nothing_dies(bench: Bench) -> None:
    done = bench.aism("build", AISM_FAULT_AT="before_pointer")
    assert done.returncode == 0, done.stderr
    assert bench.generation() == (1, 1.0)


def test_killed_twice_in_a_row(bench: Bench) -> None:
    bench.build(1.0)
    bench.publish()
    for point in ("after_history", "after_copy"):
        bench.aism("build", AISM_TESTING="1", AISM_FAULT_AT=point, FAKE_MARKER="2.0")
        assert bench.generation() == (1, 1.0)
    assert bench.aism("build", FAKE_MARKER="2.0").returncode == 0
    number, _ = bench.generation()
    assert number > 2, "the number of a killed publish is used up"
    _check_only_published(bench, {1, number})


def _check_only_published(bench: Bench, numbers: set[int]) -> None:
    current = max(numbers)
    generations = {f"generation-{number:06d}" for number in numbers}
    found = {path.name for path in bench.warehouse.iterdir()} - {
        ".lock",
        ".lock.pid",
        ".publishing",
    }
    assert found == {
        *(f"{generation}.{ending}" for generation in generations for ending in ("duckdb", "json")),
        *(f"current-{number:06d}" for number in numbers),
        *(
            file.name
            for number in numbers
            for file in Warehouse(bench.warehouse).team_files(number)
        ),
        *("CURRENT", "current", "current.duckdb", "history"),
    }
    for number in numbers:
        record = json.loads((bench.warehouse / f"generation-{number:06d}.json").read_text())
        assert {file.name for file in Warehouse(bench.warehouse).team_files(number)} == set(
            record["teams"].values()
        )
        assert len(record["teams"]) == 2
    history = {path.stem for path in (bench.warehouse / "history").iterdir()}
    assert history == generations
    assert (bench.warehouse / "current").resolve().name == f"current-{current:06d}"
    assert (bench.warehouse / "current.duckdb").resolve().stem == f"generation-{current:06d}"
    leftovers = {path.name for path in (bench.settings.home / "builds").glob("*")}
    assert leftovers <= {"target", "run_results.json", "build.duckdb"}
