"""R4. No disk, no file handles, no rights, no memory: a cause in one line, the old generation."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from aism.warehouse import Warehouse
from tests.python.publish.bench import Bench
from tests.trust.conftest import Control, Measure
from tests.trust.figures import FIGURES, figure
from tests.trust.limits import limited, read_only, small_disk
from tests.trust.test_r01_kills import FIRST_MODEL

FILE_BUDGETS = [2**power for power in (9, 12, 14, 16, 17, 18, 19, 20)]
DISK_BUDGETS = [2**power for power in (12, 16, 19, 20, 21)]
"""Bytes. A fake build is 3 MB, its generation less; real ones fail in the same places."""


@pytest.fixture
def published(bench: Bench) -> Bench:
    bench.build(1.0)
    bench.publish()
    return bench


def check_refused(bench: Bench, failed: subprocess.CompletedProcess[str]) -> None:
    """Fail unless a build said in one line why it failed, and left readers the old generation."""
    assert failed.returncode not in (0, 2), failed.stdout
    said = [line for line in failed.stderr.splitlines() if not line.startswith("  ")]
    assert len(said) == 1, failed.stderr
    assert said[0].startswith("error: "), failed.stderr
    assert "Traceback" not in failed.stderr + failed.stdout
    assert bench.generation() == (1, 1.0)


def check_recovers(bench: Bench) -> None:
    """Fail unless the next build, with all it needs, works and leaves nothing behind."""
    again = bench.aism("build", FAKE_MARKER="2.0")
    assert again.returncode == 0, again.stderr
    assert bench.generation()[1] == 2.0
    assert Warehouse(bench.warehouse).is_settled()
    assert len(list(bench.warehouse.glob("generation-*.duckdb"))) == 2


@pytest.mark.parametrize("budget", FILE_BUDGETS[:: figure(3, 1)])
def test_files_that_may_not_grow(published: Bench, measure: Measure, budget: int) -> None:
    failed = published.aism("build", within=limited("RLIMIT_FSIZE", budget), FAKE_MARKER="2.0")
    check_refused(published, failed)
    check_recovers(published)
    measure("R4", shortages=1, file_size_limits=1)


@pytest.mark.parametrize("budget", DISK_BUDGETS[:: figure(3, 1)])
def test_a_full_disk(published: Bench, measure: Measure, tmp_path: Path, budget: int) -> None:
    """The warehouse on a disk with so many bytes left beyond what is published."""
    held, after = tmp_path / "held", tmp_path / "after"
    shutil.copytree(published.warehouse, held, symlinks=True)
    after.mkdir()
    used = sum(4096 + path.stat().st_size for path in held.rglob("*") if not path.is_symlink())
    disk = small_disk(published.warehouse, used + budget, holding=held, to=after)
    failed = published.aism("build", within=disk, FAKE_MARKER="2.0")
    check_refused(Bench(published.settings), failed)
    shutil.rmtree(published.warehouse)
    shutil.copytree(after, published.warehouse, symlinks=True)
    assert published.generation() == (1, 1.0)
    check_recovers(published)
    measure("R4", shortages=1, full_disks=1)


def test_a_warehouse_that_cannot_be_written(published: Bench, measure: Measure) -> None:
    failed = published.aism("build", within=read_only(published.warehouse), FAKE_MARKER="2.0")
    check_refused(published, failed)
    check_recovers(published)
    measure("R4", shortages=1, folders_read_only=1)


def test_a_working_state_that_cannot_be_written(published: Bench, measure: Measure) -> None:
    published.settings.home.mkdir(exist_ok=True)
    failed = published.aism("build", within=read_only(published.settings.home), FAKE_MARKER="2.0")
    check_refused(published, failed)
    check_recovers(published)
    measure("R4", shortages=1, folders_read_only=1)


@pytest.mark.parametrize("handles", [6, 7, 8][:: figure(2, 1)])
def test_too_few_file_handles(published: Bench, measure: Measure, handles: int) -> None:
    failed = published.aism("build", within=limited("RLIMIT_NOFILE", handles), FAKE_MARKER="2.0")
    check_refused(published, failed)
    check_recovers(published)
    measure("R4", shortages=1, limits_of_file_handles=1)


def test_too_little_memory(published: Bench, measure: Measure) -> None:
    """How much is too little differs: the most with which a build begins and cannot end."""
    for megabytes in range(800, 400, -figure(50, 25)):
        limit = limited("RLIMIT_AS", megabytes << 20)
        failed = published.aism("build", within=limit, FAKE_MARKER="2.0")
        if failed.returncode != 0:
            break
        assert published.generation()[1] == 2.0
        published.build(1.0)
        published.publish()
    if FIRST_MODEL not in failed.stderr:
        pytest.skip("no limit of memory here lets a build begin and not end")
    # Below the engine the C library may end the process in its own words.
    assert "Traceback" not in failed.stderr
    number, marker = published.generation()
    assert marker == 1.0
    assert published.aism("build", FAKE_MARKER="2.0").returncode == 0
    assert published.generation()[1] == 2.0
    assert published.generation()[0] > number
    assert Warehouse(published.warehouse).is_settled()
    measure("R4", shortages=1, limits_of_memory=1)


def test_a_shortage_would_be_noticed(published: Bench, control: Control) -> None:
    """With the same limits, but enough of it, the build works: nothing else stops it."""
    done = published.aism("build", within=limited("RLIMIT_FSIZE", 2**30), FAKE_MARKER="2.0")
    control(f"with enough the build works ({FIGURES})", done.returncode == 0)
    with pytest.raises(AssertionError):
        check_refused(published, done)
