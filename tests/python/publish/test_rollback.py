"""Returning to an earlier generation, and deriving one again."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from aism.errors import UsageError
from aism.rollback import roll_back
from aism.settings import Settings
from aism.verify import verify
from aism.warehouse import KEPT_GENERATIONS, Warehouse
from tests.python.publish.bench import Bench


def publish_all(bench: Bench, *markers: float) -> None:
    for marker in markers:
        bench.build(marker)
        bench.publish()


def test_readers_see_the_generation_before(bench: Bench) -> None:
    publish_all(bench, 1.0, 2.0, 3.0)
    assert roll_back(bench.settings) == 2
    assert bench.generation() == (2, 2.0)
    assert (bench.warehouse / "current.duckdb").resolve().name == "generation-000002.duckdb"
    assert (bench.warehouse / "current").resolve().name == "current-000002"
    assert roll_back(bench.settings, 3) == 3
    assert bench.generation() == (3, 3.0)


def test_its_files_for_tools_are_written_again_where_they_are_gone(bench: Bench) -> None:
    publish_all(bench, 1.0, 2.0, 3.0, 4.0)
    was = sorted(path.name for path in (bench.warehouse / "current").iterdir())
    assert not Warehouse(bench.warehouse).export_folder(1).exists()
    roll_back(bench.settings, 1)
    assert sorted(path.name for path in (bench.warehouse / "current").iterdir()) == was
    stable = f"{bench.warehouse}/current/build_generation.parquet"
    assert duckdb.execute(f"select generation from '{stable}'").fetchall() == [(1,)]


def test_the_next_publish_takes_a_new_number_and_keeps_what_was_left(bench: Bench) -> None:
    publish_all(bench, 1.0, 2.0)
    roll_back(bench.settings)
    publish_all(bench, 3.0)
    assert bench.generation() == (3, 3.0)
    assert Warehouse(bench.warehouse).kept() == [3, 2, 1]


@pytest.mark.parametrize(
    "point", ["before_pointer", "after_pointer", "before_links", "after_links"]
)
def test_killed_on_the_way_nothing_is_lost(bench: Bench, point: str) -> None:
    publish_all(bench, 1.0, 2.0)
    killed = bench.aism("rollback", AISM_TESTING="1", AISM_FAULT_AT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert bench.generation() == ((2, 2.0) if point == "before_pointer" else (1, 1.0))
    assert bench.aism("rollback", "--to", "1").returncode == 0
    assert bench.generation() == (1, 1.0)
    assert (bench.warehouse / "current").resolve().name == "current-000001"
    assert Warehouse(bench.warehouse).is_settled()
    assert Warehouse(bench.warehouse).kept() == [2, 1]


def test_a_build_after_a_killed_return_finishes_its_links(bench: Bench) -> None:
    publish_all(bench, 1.0)
    assert bench.aism("build", FAKE_MARKER="2.0").returncode == 0
    bench.aism("rollback", "--to", "1", AISM_TESTING="1", AISM_FAULT_AT="after_pointer")
    assert (bench.warehouse / "current").resolve().name == "current-000002"
    publish_all(bench, 3.0)
    assert (bench.warehouse / "current").resolve().name == "current-000003"
    assert Warehouse(bench.warehouse).is_settled()
    assert Warehouse(bench.warehouse).kept() == [3, 2, 1]


def test_what_is_not_kept_is_said(bench: Bench) -> None:
    with pytest.raises(UsageError, match="Nothing has been published"):
        roll_back(bench.settings)
    publish_all(bench, 1.0)
    with pytest.raises(UsageError, match="No generation before 1 is kept"):
        roll_back(bench.settings)
    publish_all(bench, *(float(number) for number in range(2, KEPT_GENERATIONS + 2)))
    with pytest.raises(UsageError, match=r"Generation 1 is not kept .* others: 5, 4, 3, 2"):
        roll_back(bench.settings, 1)
    assert bench.aism("rollback", "--to", "1").returncode == 2


def rebuild(marker: float, change_sql: str = "") -> Callable[..., None]:
    """Return what stands in for a build: it leaves a generation with these rows."""

    def build(private: Settings, **_: Any) -> None:
        bench = Bench(private)
        bench.build(marker, change_sql=change_sql)
        bench.publish()

    return build


def test_a_generation_that_is_derived_alike_verifies(bench: Bench) -> None:
    publish_all(bench, 1.0, 2.0)
    found = verify(bench.settings, build=rebuild(2.0))
    assert found.differing == []
    assert found.changed_files == ()
    assert {str(check.table) for check in found.tables} >= {
        "core.dim_systems",
        "marts.metric_values",
    }
    assert all(check.rows for check in found.tables)


THINGS = "create table core.things as from (values ('a', null), ('b', 'low')) as t (id, tier)"


@pytest.mark.parametrize(
    ("change_sql", "counts"),
    [
        ("delete from core.things where id = 'b'", (1, 0)),
        ("insert into core.things from core.things", (0, 2)),
        ("update core.things set tier = 'high' where tier is null", (1, 1)),
        ("alter table core.things add column extra int", (2, 2)),
        ("drop table core.things", (2, 0)),
    ],
)
def test_every_difference_is_found(bench: Bench, change_sql: str, counts: tuple[int, int]) -> None:
    bench.build(1.0, change_sql=THINGS)
    bench.publish()
    found = verify(bench.settings, build=rebuild(1.0, f"{THINGS}; {change_sql}"))
    (check,) = found.differing
    assert str(check.table) == "core.things"
    assert (check.only_published, check.only_derived) == counts


def test_a_table_that_only_a_new_build_has_is_found(bench: Bench) -> None:
    publish_all(bench, 1.0)
    (check,) = verify(bench.settings, build=rebuild(1.0, THINGS)).differing
    assert (str(check.table), check.only_published, check.only_derived) == ("core.things", 0, 2)


@pytest.mark.parametrize(("derived", "is_same"), [(1 / 3 + 1e-15, True), (1 / 3 + 1e-9, False)])
def test_the_last_digits_of_sums_do_not_count(bench: Bench, derived: float, is_same: bool) -> None:
    made = "create table core.sums as select 'a' as id, cast({} as double) as total".format
    bench.build(1.0, change_sql=made(repr(1 / 3)))
    bench.publish()
    found = verify(bench.settings, build=rebuild(1.0, made(repr(derived))))
    assert (found.differing == []) == is_same


def test_files_that_changed_since_are_named(bench: Bench) -> None:
    publish_all(bench, 1.0)
    change = "update marts.landing_files set file_sha256 = 'x' where file_name = 'findings.csv'"
    assert verify(bench.settings, build=rebuild(1.0, change)).changed_files == ("findings.csv",)


def test_verifying_leaves_readers_and_the_working_state_alone(bench: Bench) -> None:
    publish_all(bench, 1.0, 2.0)
    roll_back(bench.settings)
    before = sorted(bench.warehouse.rglob("*"))
    seen: list[str] = []

    def build(private: Settings, **options: Any) -> None:
        seen.extend(path.name for path in (private.warehouse / "history").iterdir())
        seen.append(options["as_of"].isoformat())
        rebuild(1.0)(private)

    verify(bench.settings, build=build)
    assert sorted(bench.warehouse.rglob("*")) == before
    # The first generation has no history before it; that of the second is later.
    assert seen == [json.loads((bench.warehouse / "generation-000001.json").read_text())["as_of"]]
    assert not list((bench.settings.home / "verify").glob("[hw]*"))
