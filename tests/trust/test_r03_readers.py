"""R3. Readers during builds: one whole generation each time, and never an older one."""

from __future__ import annotations

import threading
from itertools import pairwise

from aism.duck import open_published
from tests.python.publish.bench import Bench
from tests.trust.conftest import Control, Measure
from tests.trust.figures import figure

Reads = list[tuple[int, float]]


def goes_back(reads: Reads) -> bool:
    """Say whether a reader saw an older generation after a newer one."""
    return any(later < earlier for earlier, later in pairwise(reads))


def test_readers_during_builds(bench: Bench, measure: Measure, control: Control) -> None:
    builds, wanted = figure(5, 20), figure(40, 2_000)
    bench.build(0.0)
    bench.publish()
    is_done = threading.Event()
    seen: list[Reads] = [[] for _ in range(figure(4, 16))]
    errors: list[BaseException] = []

    def read(into: Reads) -> None:
        try:
            while not is_done.is_set() or sum(map(len, seen)) < wanted:
                into.append(bench.generation())
            into.append(bench.generation())
        except BaseException as error:  # told in the test's own thread
            errors.append(error)

    readers = [threading.Thread(target=read, args=(reads,)) for reads in seen]
    for reader in readers:
        reader.start()
    try:
        for marker in range(1, builds + 1):
            bench.build(float(marker))
            bench.publish()
    finally:
        is_done.set()
        for reader in readers:
            reader.join()

    assert errors == []
    assert not any(map(goes_back, seen))
    for reads in seen:
        assert reads[-1] == (builds + 1, float(builds))
        assert all(marker == number - 1 for number, marker in reads)
    assert len({number for reads in seen for number, _ in reads}) > 2, "readers saw no change"
    measure(
        "R3", readers=len(seen), builds=builds, reads=sum(map(len, seen)), mixed=0, going_back=0
    )
    control("a reader that goes back in time is noticed", goes_back([(1, 0.0), (2, 1.0), (1, 0.0)]))


def test_an_open_connection_keeps_its_generation(bench: Bench, measure: Measure) -> None:
    """Also when its file is pruned meanwhile."""
    bench.build(0.0)
    bench.publish()
    held = open_published(bench.warehouse / "generation-000001.duckdb")
    for marker in range(1, 8):
        assert bench.aism("build", FAKE_MARKER=f"{marker}.0").returncode == 0
        measure("R3", builds_beside_an_open_reader=1)
    assert not (bench.warehouse / "generation-000001.duckdb").exists()
    with held as connection:
        rows = connection.execute("select distinct generation from marts.build_generation")
        assert rows.fetchall() == [(1,)]
    assert bench.generation() == (8, 7.0)
