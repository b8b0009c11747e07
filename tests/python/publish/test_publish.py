"""A publish makes one complete, read-only generation, and readers see the old or the new."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from aism.members import Member, read_members
from aism.warehouse import Warehouse, number_in
from tests.python.publish.bench import Bench

Query = Callable[[Path, str], list[tuple[Any, ...]]]


def test_first_publish_is_generation_one(bench: Bench) -> None:
    bench.build(80.0)
    published = bench.publish()
    assert published.generation == 1
    assert bench.generation() == (1, 80.0)
    assert published.test_counts == {"pass": 2, "warn": 1}


def test_holds_core_and_marts_only(bench: Bench, query: Query) -> None:
    bench.build()
    file = bench.publish().file
    schemas = query(file, "select distinct schema_name from duckdb_tables() order by 1")
    assert schemas == [("core",), ("marts",)]
    assert b"never published" not in file.read_bytes()
    assert b"never published" in bench.build_file.read_bytes()  # control: the bytes show there


def test_keeps_not_null_and_comments_and_makes_no_index(bench: Bench, query: Query) -> None:
    bench.build()
    file = bench.publish().file
    not_null = query(
        file,
        "select column_name from duckdb_columns() where not is_nullable and schema_name = 'marts' "
        "and table_name in ('metric_values', 'quarantined_rows') order by 1",
    )
    assert not_null == [("file_name",), ("metric_id",), ("reason",)]
    comments = query(
        file,
        "select comment from duckdb_tables() where comment is not null "
        "union all select comment from duckdb_columns() where comment is not null",
    )
    assert comments == [("It's one row per metric",), ('In "unit"',)]
    assert query(file, "select count(*) from duckdb_indexes()") == [(0,)]
    assert query(file, "from core.dim_systems") == [("a", None, "Ours"), ("b", "low", "Theirs")]


def test_file_opens_with_duckdb_1_4(bench: Bench, query: Query) -> None:
    bench.build()
    tags = query(bench.publish().file, "select tags from duckdb_databases() where not internal")
    assert "storage_version" in str(tags)
    assert "v1.2" in str(tags)


def test_file_is_read_only_and_carries_its_stamp(bench: Bench, query: Query) -> None:
    bench.build()
    file = bench.publish().file
    assert file.stat().st_mode & 0o777 == 0o444
    stamp = (
        "select generation, published_at is not null, as_of::varchar from marts.build_generation"
    )
    assert query(file, stamp) == [(1, True, "2026-06-30")]


def test_record_tells_where_a_generation_came_from(bench: Bench) -> None:
    bench.build(5.0)
    bench.publish()
    record = json.loads((bench.warehouse / "generation-000001.json").read_text())
    assert record["as_of"] == "2026-06-30"
    assert record["landing_sha256"] == "5.0"
    assert record["files"] == {"findings.csv": "f1", "noise.bin": "f3", "run.jsonl": "f2"}
    assert record["rows"]["core.dim_systems"] == 2
    assert record["tests"] == {"pass": 2, "warn": 1}
    assert record["versions"]["duckdb"] == duckdb.__version__


def test_stable_addresses_follow(bench: Bench, query: Query) -> None:
    for marker in (1.0, 2.0):
        bench.build(marker)
        bench.publish()
        value = "select distinct value from {} where metric_id = 'acceptance'"
        address = bench.warehouse / "current.duckdb"
        assert query(address, value.format("marts.metric_values")) == [(marker,)]
        parquet = bench.warehouse / "current" / "metric_values.parquet"
        assert duckdb.execute(value.format(f"'{parquet}'")).fetchall() == [(marker,)]
    marts = {path.stem for path in (bench.warehouse / "current").iterdir()}
    assert marts == {
        *("build_generation", "delivery_checks", "landing_files", "metric_catalog"),
        *("metric_values", "quarantined_rows"),
    }


def test_copies_where_links_fail(
    bench: Bench, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    for marker in (1.0, 2.0):
        bench.build(marker)
        bench.publish()
    assert not (bench.warehouse / "current").is_symlink()
    assert not (bench.warehouse / "current.duckdb").is_symlink()
    parquet = bench.warehouse / "current" / "metric_values.parquet"
    assert duckdb.execute(f"select max(value) from '{parquet}'").fetchall() == [(6.44,)]
    assert query(
        bench.warehouse / "current.duckdb", "select generation from marts.build_generation"
    ) == [(2,)]
    assert Warehouse(bench.warehouse).is_settled()


def test_keeps_five_generations_and_all_history(bench: Bench) -> None:
    bench.build()
    for _ in range(8):
        bench.publish()
    files = sorted(path.name for path in bench.warehouse.glob("generation-*.duckdb"))
    assert files == [f"generation-{number:06d}.duckdb" for number in range(4, 9)]
    assert len(list(bench.warehouse.glob("generation-*.json"))) == 8
    teams = {number_in(path.name) for path in bench.warehouse.glob("team-*.duckdb")}
    assert teams == set(range(4, 9))
    history = bench.warehouse / "history" / "*.parquet"
    counted = duckdb.execute(
        "select count(distinct generation), count(*), count(published_at), count(as_of) "
        f"from '{history}'"
    ).fetchall()
    assert counted == [(8, 48, 48, 48)]


def test_each_team_has_a_file_of_the_generation(bench: Bench, query: Query) -> None:
    bench.build(5.0)
    number = bench.publish().generation
    record = json.loads((bench.warehouse / "generation-000001.json").read_text())
    assert record["teams"].keys() == {"Ours", "Theirs"}
    file = bench.warehouse / record["teams"]["Ours"]
    assert number_in(file.name) == number == 1
    assert query(file, "select system_id from core.dim_systems") == [("a",)]
    assert query(file, "select generation from marts.build_generation") == [(1,)]
    assert query(file, "from marts.landing_files") == []


def test_members_are_in_a_file_of_their_own(bench: Bench, query: Query) -> None:
    bench.build()
    bench.publish()
    assert list(bench.warehouse.glob("members-*")) == [], "nobody may sign in"
    bench.build(
        change_sql="""
        create schema intermediate;
        create table intermediate.int_team_members as
        select 'ann@example.org' as email, 'product' as role, 'Ours' as team
        """
    )
    published = bench.publish()
    file = Warehouse(bench.warehouse).members_file(published.generation)
    assert file.stat().st_mode & 0o777 == 0o440
    assert read_members(file) == [Member("ann@example.org", "product", "Ours")]
    others = [path for path in bench.warehouse.rglob("*") if path.is_file() and path != file]
    assert len(others) > 8
    assert [path for path in others if b"ann@example" in path.read_bytes()] == []
    bench.build()
    for _ in range(5):
        bench.publish()
    assert not file.exists()
    assert read_members(file) == []


def test_numbers_are_never_used_twice(bench: Bench) -> None:
    bench.build()
    for _ in range(2):
        bench.publish()
    (bench.warehouse / "CURRENT").write_text("generation-000001.duckdb\n")  # rolled back
    assert bench.publish().generation == 3
    assert (bench.warehouse / "generation-000002.duckdb").exists()


def test_equal_builds_give_equal_rows_in_equal_order(bench: Bench, query: Query) -> None:
    bench.build()
    first = query(bench.publish().file, "from marts.metric_values")
    bench.build(
        change_sql="""
        create table turned as from marts.metric_values order by all desc;
        delete from marts.metric_values;
        insert into marts.metric_values from turned
        """
    )
    assert query(bench.build_file, "from marts.metric_values") != first
    assert query(bench.publish().file, "from marts.metric_values") == first


def test_readers_see_one_generation_and_never_go_back(bench: Bench) -> None:
    bench.build(0.0)
    bench.publish()
    done = threading.Event()
    seen: list[list[tuple[int, float]]] = [[] for _ in range(4)]
    errors: list[BaseException] = []

    def read(into: list[tuple[int, float]]) -> None:
        try:
            while not done.is_set():
                into.append(bench.generation())
            into.append(bench.generation())
        except BaseException as error:  # reported below, in the test's thread
            errors.append(error)

    readers = [threading.Thread(target=read, args=(reads,)) for reads in seen]
    for reader in readers:
        reader.start()
    for marker in range(1, 6):
        bench.build(float(marker))
        bench.publish()
    done.set()
    for reader in readers:
        reader.join()

    assert errors == []
    for reads in seen:
        numbers = [number for number, _ in reads]
        assert numbers == sorted(numbers)
        assert reads[-1] == (6, 5.0)
        assert all(marker == number - 1 for number, marker in reads)


def test_a_mixed_generation_would_be_noticed(bench: Bench) -> None:
    bench.build(1.0, change_sql="update marts.build_generation set landing_sha256 = '2.0'")
    bench.publish()
    with pytest.raises(AssertionError, match="mixed"):
        bench.generation()


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("generation-000007.duckdb", 7),
        ("generation-1234567.parquet", 1234567),
        ("current-000007", 7),
        ("000008", 8),
        ("generation-7.duckdb", None),
        ("generation-000007.duckdb.wal", None),
        ("current.duckdb", None),
    ],
)
def test_number_in_a_name(name: str, number: int | None) -> None:
    assert number_in(name) == number
