"""Whole builds on organisations nobody tuned to, judged by the reference implementation."""

from __future__ import annotations

import datetime as dt
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from aism.land import land
from tests.python.oracle.compare import differences
from tests.python.oracle.organisation import AS_OF_DAYS, write

Build = Callable[..., Path]


# One in every check: test_restatements.
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(11, 20))
def test_random_organisations_equal_the_reference(tmp_path: Path, build: Build, seed: int) -> None:
    landing = tmp_path / "landing"
    as_of = write(landing, seed, as_of=AS_OF_DAYS[seed % len(AS_OF_DAYS)])
    assert differences(build(landing, as_of), landing, as_of) == []


# One in every check: test_restatements.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("leave_out", "header_only"),
    [
        (("finding_events", "costs", "deployments"), ("team_capacity",)),
        (("systems",), ()),
        (("assessments", "attempts"), ("findings", "finding_events")),
    ],
    ids=["without some registers", "without an inventory", "without assessments"],
)
def test_missing_and_empty_registers_are_not_measured(
    tmp_path: Path, build: Build, leave_out: tuple[str, ...], header_only: tuple[str, ...]
) -> None:
    landing = tmp_path / "landing"
    as_of = write(landing, 21, leave_out=leave_out, header_only=header_only)
    assert differences(build(landing, as_of), landing, as_of) == []


# Its numbers are in every check: the organisation without records of test_alarms.
@pytest.mark.slow
def test_an_empty_landing_folder_builds_and_measures_nothing(tmp_path: Path, build: Build) -> None:
    landing = tmp_path / "landing"
    landing.mkdir()
    with duckdb.connect(str(build(landing, dt.date(2026, 11, 22))), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.metric_values").fetchone() == (0,)
        catalogued = connection.execute("select count(*) from marts.metric_catalog").fetchone()
    assert catalogued is not None
    assert catalogued[0] >= 10


def rows_of(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the marts that must not depend on when or where they were built."""
    exempt = {"landing_files", "build_generation", "source_freshness"}
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        ).fetchall()
        return {
            name: connection.execute(f'select * from marts."{name}" order by all').fetchall()
            for (name,) in names
            if name not in exempt
        }


def same_rows(ours: list[tuple[object, ...]], theirs: list[tuple[object, ...]]) -> bool:
    """Equal rows in equal order, doubles to 1e-9: sums may be added in another order."""
    return len(ours) == len(theirs) and all(
        math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
        if isinstance(one, float) and isinstance(other, float)
        else one == other
        for our_row, their_row in zip(ours, theirs, strict=True)
        for one, other in zip(our_row, their_row, strict=True)
    )


def in_reverse(folder: Path, copied: Path) -> Path:
    """Copy files in reverse, so that their times and inodes come in another order."""
    for file in sorted((path for path in folder.rglob("*") if path.is_file()), reverse=True):
        copy = copied / file.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    return copied


def lake_of(landing: Path, home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of every file of the lake, by its name, but for when they landed."""
    land(landing, home)
    with duckdb.connect() as connection:
        return {
            file.relative_to(home).as_posix(): connection.execute(
                "select columns(name -> name <> 'landed_at') from read_parquet(?)", [str(file)]
            ).fetchall()
            for file in sorted((home / "lake").rglob("*.parquet"))
        }


def test_files_land_alike_in_any_order(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    write(landing, 31)
    ours = lake_of(landing, tmp_path / "one")
    assert ours
    assert ours == lake_of(in_reverse(landing, tmp_path / "copied"), tmp_path / "other")


@pytest.mark.slow
def test_two_orders_of_the_same_files_give_the_same_marts(tmp_path: Path, build: Build) -> None:
    landing = tmp_path / "landing"
    as_of = write(landing, 31)
    ours = rows_of(build(landing, as_of))
    theirs = rows_of(build(in_reverse(landing, tmp_path / "copied"), as_of))
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if not same_rows(ours[name], theirs[name])] == []
