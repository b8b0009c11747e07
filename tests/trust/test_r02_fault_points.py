"""R2. Killed at any named point: readers keep one whole generation, the next run needs no help."""

from __future__ import annotations

import signal

import duckdb
import pytest

from aism.faults import POINTS
from tests.python.publish.bench import Bench
from tests.trust.checks import check_nothing_is_left
from tests.trust.conftest import Control, Measure
from tests.trust.figures import figure

POINTER_MOVED = POINTS.index("after_pointer")


@pytest.mark.parametrize("turn", range(figure(1, 4)))
@pytest.mark.parametrize("point", POINTS)
def test_killed_at(bench: Bench, measure: Measure, point: str, turn: int) -> None:
    bench.build(1.0)
    bench.publish()

    killed = bench.aism(
        "build", "--no-check", AISM_TESTING="1", AISM_FAULT_AT=point, FAKE_MARKER="2.0"
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    new = POINTS.index(point) >= POINTER_MOVED
    assert bench.generation() == ((2, 2.0) if new else (1, 1.0))
    stable = duckdb.execute(f"from '{bench.warehouse}/current/build_generation.parquet'").fetchall()
    assert stable[0][0] in (1, 2)

    again = bench.aism("build", "--no-check", FAKE_MARKER="2.0")
    assert again.returncode == 0, again.stderr
    number, marker = bench.generation()
    assert marker == 2.0
    assert ("Nothing changed" in again.stdout) == new
    check_nothing_is_left(bench.warehouse, {1, number})
    leftovers = {path.name for path in (bench.settings.home / "builds").glob("*")}
    assert leftovers <= {"target", "run_results.json", "build.duckdb"}
    measure("R2", kills=1)


def test_killed_twice_in_a_row(bench: Bench, measure: Measure) -> None:
    bench.build(1.0)
    bench.publish()
    for point in ("after_history", "after_copy"):
        bench.aism("build", "--no-check", AISM_TESTING="1", AISM_FAULT_AT=point, FAKE_MARKER="2.0")
        assert bench.generation() == (1, 1.0)
    assert bench.aism("build", "--no-check", FAKE_MARKER="2.0").returncode == 0
    number, _ = bench.generation()
    assert number > 2, "the number of a killed publish is used up"
    check_nothing_is_left(bench.warehouse, {1, number})
    measure("R2", kills=2, points=f"{len(POINTS)}")


def test_leftovers_and_mixtures_would_be_noticed(bench: Bench, control: Control) -> None:
    bench.build(1.0)
    bench.publish()
    check_nothing_is_left(bench.warehouse, {1})
    orphan = bench.warehouse / "generation-000002.duckdb"
    orphan.touch()
    with pytest.raises(AssertionError):
        check_nothing_is_left(bench.warehouse, {1})
    control("an orphaned generation is noticed", True)
    orphan.unlink()
    bench.build(2.0, change_sql="update marts.build_generation set landing_sha256 = '3.0'")
    bench.publish()
    with pytest.raises(AssertionError, match="mixed"):
        bench.generation()
    control("a mixed generation is noticed", True)
