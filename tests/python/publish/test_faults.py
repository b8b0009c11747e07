"""Killed just before the pointer moves. All other points: `make test-trust`."""

from __future__ import annotations

import signal

from aism.warehouse import Warehouse
from tests.python.publish.bench import Bench


def test_killed_before_the_pointer_readers_keep_the_old_generation(bench: Bench) -> None:
    bench.build(1.0)
    bench.publish()
    killed = bench.aism(
        "build", AISM_TESTING="1", AISM_FAULT_AT="before_pointer", FAKE_MARKER="2.0"
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert bench.generation() == (1, 1.0)
    again = bench.aism("build", FAKE_MARKER="2.0")
    assert again.returncode == 0, again.stderr
    assert bench.generation()[1] == 2.0
    assert Warehouse(bench.warehouse).is_settled()


def test_without_the_testing_flag_nothing_dies(bench: Bench) -> None:
    done = bench.aism("build", AISM_FAULT_AT="before_pointer")
    assert done.returncode == 0, done.stderr
    assert bench.generation() == (1, 1.0)


def test_where_generations_were_deleted_the_next_build_makes_another(bench: Bench) -> None:
    bench.build(1.0)
    bench.publish()
    (bench.warehouse / "generation-000001.duckdb").unlink()
    again = bench.aism("build", FAKE_MARKER="2.0")
    assert again.returncode == 0, again.stderr
    assert bench.generation() == (2, 2.0)
