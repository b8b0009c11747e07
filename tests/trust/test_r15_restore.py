"""R15, and one case at full size of R1 and R3: the sample, its real models, no fakes.

Everything that DuckDB wrote is thrown away and made again of the landing folder; a generation is
taken back; and a real build is killed among its models while readers read.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from aism.settings import Settings
from aism.verify import _compare
from aism.warehouse import Warehouse
from tests.python.compiled import PROJECT
from tests.python.whole import SAMPLE_AS_OF
from tests.trust.checks import check_is_whole
from tests.trust.conftest import Built, Control, Measure
from tests.trust.copies import publish_copy
from tests.trust.figures import figure
from tests.trust.test_r01_kills import kill_within

LINE = "built and tested: "
PACE = 0.5
"""Seconds between two reads: a reader that never rests takes a core from the build."""
BUILDS_AFTER_KILLS = figure(0, 1)
"""Before the one that restores, which also finds what a killed build left."""


@dataclass(frozen=True)
class Real:
    """A working state and a warehouse with one generation of the sample, and how long it took."""

    settings: Settings
    seconds: float

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.settings.warehouse)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a build of all models and no tests."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.python.untested", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            env=os.environ | self.settings.environment | {"AISM_TESTING": "1"},
        )

    def build(self, *options: str) -> float:
        """Build and publish; return the seconds it took."""
        began = time.monotonic()
        done = self.start("build", "--no-check", "--as-of", SAMPLE_AS_OF.isoformat(), *options)
        _, errors = done.communicate()
        assert done.returncode == 0, errors
        return time.monotonic() - began


@pytest.fixture(scope="module")
def real(sample: Built, tmp_path_factory: pytest.TempPathFactory) -> Real:
    root = tmp_path_factory.mktemp("real")
    shutil.copytree(sample.home, root / "home", symlinks=True)
    shutil.copytree(sample.warehouse, root / "warehouse", symlinks=True)
    settings = Settings(PROJECT, sample.landing, root / "home", root / "warehouse")
    return Real(settings, sample.seconds)


def same_rows(one: Path, other: Path) -> bool:
    """Say whether two generations have the same rows but for what says when they were made."""
    checks, changed = _compare(one, other)
    return changed == () and all(check.is_same for check in checks) and len(checks) > 20


def test_r01_a_real_build_is_killed(real: Real, measure: Measure) -> None:
    """While readers read; the next one, here or where all is made again, needs no help."""
    chance = random.Random(3)
    is_done = threading.Event()
    reads: list[int] = []
    errors: list[BaseException] = []

    def read() -> None:
        try:
            while not is_done.wait(PACE):
                reads.append(check_is_whole(real.settings.warehouse))
        except BaseException as error:
            errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    kills = 0
    try:
        for _ in range(figure(1, 3)):
            started = real.start("build", "--no-check", "--force")
            kills += kill_within(started, chance.uniform(0, real.seconds / 4), LINE)
        for _ in range(BUILDS_AFTER_KILLS):
            real.build("--force")
    finally:
        is_done.set()
        reader.join()
    assert errors == []
    assert reads == sorted(reads)
    number = check_is_whole(real.settings.warehouse)
    assert number == 1 + BUILDS_AFTER_KILLS
    if BUILDS_AFTER_KILLS:
        assert real.warehouse.is_settled()
        assert same_rows(real.warehouse.generation_file(1), real.warehouse.generation_file(number))
    assert kills
    measure("R1", kills_of_real_builds=kills)
    measure("R9", full_builds_compared=BUILDS_AFTER_KILLS)
    measure("R3", reads_of_real_generations=len(reads))


def test_r15_rollback_takes_no_build(real: Real, measure: Measure, control: Control) -> None:
    while len(real.warehouse.kept()) < 2:
        publish_copy(real.warehouse)
    newest, before = real.warehouse.kept()[:2]
    began = time.monotonic()
    back = real.start("rollback", "--to", str(before))
    _, errors = back.communicate()
    seconds = time.monotonic() - began
    assert back.returncode == 0, errors
    assert check_is_whole(real.settings.warehouse) == before
    assert seconds < real.seconds / 2, "returning costs nearly as much as a build"
    forward = real.start("rollback", "--to", str(newest))
    forward.communicate()
    assert check_is_whole(real.settings.warehouse) == newest
    measure("R15", rollbacks=2, rollback_to_build=f"{seconds:.0f} s to {real.seconds:.0f} s")
    control("the pointer really moved", before != newest)


def test_r15_all_databases_are_made_again(
    real: Real, measure: Measure, control: Control, tmp_path: Path
) -> None:
    """Of landing files alone: working state and generations are gone.

    But not the file that a killed build was at work on: the next one has to cope with it.
    """
    kept = tmp_path / "kept.duckdb"
    current = real.warehouse.current()
    assert current is not None
    shutil.copyfile(real.warehouse.generation_file(current), kept)
    for file in real.settings.warehouse.rglob("*.duckdb"):
        file.unlink()
    shutil.rmtree(real.settings.home / "lake")
    real.build()
    restored = check_is_whole(real.settings.warehouse)
    assert restored > current
    assert real.warehouse.is_settled()
    # Restatements are told against the history, which is no database and stays.
    assert same_rows(kept, real.warehouse.generation_file(restored))
    measure("R15", restores=1)
    measure("R9", full_builds_compared=1)

    with duckdb.connect(kept) as connection:
        connection.execute(
            "delete from core.fct_findings"
            " where finding_id = (select min(finding_id) from core.fct_findings)"
        )
    noticed = not same_rows(kept, real.warehouse.generation_file(restored))
    control("a row that was not restored is noticed", noticed)
