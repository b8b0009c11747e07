"""R8, R9. Whatever the order in which deliveries come, the folder decides: lake and marts agree.

R9 compares a folder landed bit by bit with the same folder landed at once; what builds keep of each
other is compared in test_r09_kept_runs.
"""

from __future__ import annotations

import copy
import datetime as dt
import random
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from aism.land import land
from tests.trust import lakes
from tests.trust.conftest import Built, Control, Measure
from tests.trust.figures import figure
from tests.trust.marts import MARTS, BuiltModels, hashes

AS_OF = dt.date(2026, 11, 22)


@dataclass(frozen=True)
class AtOnce:
    """A folder landed at once."""

    landing: Path
    names: list[str]
    lake: dict[str, str]
    home: Path


def is_delivered(name: str) -> bool:
    """Leave out what is more of the same, of trackers and attempts."""
    return not name.startswith(
        ("defectdojo/2026-0", "attempts/suite-2025", "attempts/suite-2026-q3", "garak/legacy_garak")
    )


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> AtOnce:
    root = tmp_path_factory.mktemp("once")
    names = [name for name in lakes.small_sample(root / "landing") if is_delivered(name)]
    for file in (root / "landing").rglob("*.*"):
        if file.is_file() and file.relative_to(root / "landing").as_posix() not in names:
            file.unlink()
    land(root / "landing", root / "home")
    return AtOnce(root / "landing", names, lakes.lake_of(root / "home"), root / "home")


@pytest.fixture(scope="module")
def models(sample: Built) -> BuiltModels:
    return BuiltModels(sample.home)


def deliver(source: Path, name: str, landing: Path, data: bytes | None = None) -> None:
    target = landing / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes((source / name).read_bytes() if data is None else data)


@pytest.mark.parametrize("seed", range(figure(20, 200)))
def test_r08_in_any_order(at_once: AtOnce, tmp_path: Path, measure: Measure, seed: int) -> None:
    """Late, reversed, replayed, first cut and then corrected, under another name for a while."""
    chance = random.Random(seed)
    landing, home = tmp_path / "landing", tmp_path / "home"
    landing.mkdir()
    names = chance.sample(at_once.names, len(at_once.names))
    cut = chance.randrange(len(names))
    for batch in (names[:cut], names[cut:]):
        corrected, misnamed = [], []
        for name in batch:
            data = (at_once.landing / name).read_bytes()
            match chance.randrange(10):
                case 0:
                    deliver(at_once.landing, name, landing, data[: chance.randrange(len(data))])
                    corrected.append(name)
                case 1 if "/" in name:
                    deliver(at_once.landing, f"{name.split('/')[0]}/0/{name}", landing, data)
                    misnamed.append(name)
                case _:
                    deliver(at_once.landing, name, landing)
        land(landing, home)
        for name in corrected:
            deliver(at_once.landing, name, landing)
        for name in misnamed:
            (landing / f"{name.split('/')[0]}/0/{name}").unlink()
            deliver(at_once.landing, name, landing)
        for name in chance.sample(names, 5):  # replayed: the same bytes, at another time
            if (landing / name).exists():
                deliver(at_once.landing, name, landing)
    land(landing, home)
    assert lakes.lake_of(home) == at_once.lake
    assert not land(landing, home).changed
    measure("R8", orders=1, files=f"{len(names)}")


@pytest.mark.parametrize("seed", range(figure(2, 10)))
def test_r08_copies_and_moves_change_no_number(
    at_once: AtOnce, models: BuiltModels, tmp_path: Path, measure: Measure, seed: int
) -> None:
    """A file delivered twice counts once; where a file lies changes the name that rows carry."""
    chance = random.Random(seed)
    landing, home = tmp_path / "landing", tmp_path / "home"
    shutil.copytree(at_once.landing, landing)
    folders = [name for name in at_once.names if "/" in name]
    for name in chance.sample(folders, 12):
        source, rest = name.rsplit("/", 1)
        other = landing / source / "again" / rest
        other.parent.mkdir(exist_ok=True)
        if chance.random() < 0.5:
            shutil.copyfile(landing / name, other)
        else:
            (landing / name).rename(other)
    land(landing, home)
    assert lakes.unbalanced(home) == []
    assert hashes(models, home, AS_OF) == hashes(models, at_once.home, AS_OF)
    measure("R8", marts_compared=len(MARTS))


def test_r08_a_missing_delivery_would_be_noticed(
    at_once: AtOnce, models: BuiltModels, tmp_path: Path, control: Control
) -> None:
    landing, home = tmp_path / "landing", tmp_path / "home"
    shutil.copytree(at_once.landing, landing)
    file = landing / "program" / "findings-2025-12.csv"
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-3]))
    land(landing, home)
    lake = lakes.lake_of(home)
    control("other rows in the lake are noticed", lake != at_once.lake)
    noticed = hashes(models, home, AS_OF) != hashes(models, at_once.home, AS_OF)
    control("other rows in marts are noticed", noticed)


@dataclass(frozen=True)
class WholeProject:
    """Every model of the sample, to build again and compare row by row."""

    models: BuiltModels
    home: Path

    def rows(self, stored_by: str = "", **instead: str) -> dict[str, int]:
        """Return the hash of the rows of each table, when all are stored in some order."""
        models = copy.copy(self.models)
        models.order = models.behind(
            node["name"] for node in models.nodes.values() if node["resource_type"] == "model"
        )
        connection = models.connect()
        models.run(connection, self.home, stored_by=stored_by, instead=instead)
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name <> 'seeds'"
        ).fetchall()
        return {
            table: connection.execute(
                f'select sum(hash(rows)) from "{schema}"."{table}" as rows'
            ).fetchall()[0][0]
            for schema, table in tables
        }


def test_r08_rows_stored_in_another_order_change_no_digit(
    models: BuiltModels, measure: Measure, control: Control
) -> None:
    """Sums of doubles included: what another order of rows changes, more threads change."""
    project = WholeProject(models, models.home)
    as_made = project.rows()
    assert len(as_made) > 100
    for number in range(figure(1, 3)):
        other = project.rows(stored_by=f"hash(made, {number})")
        assert {table for table in as_made if as_made[table] != other[table]} == set()
        measure("R8", orders_of_rows=1)
    months = models.nodes["model.ai_security_metrics.int_metric_months"]["compiled_code"]
    plain = re.sub(
        r"case\s+when max\(abs\((\S+)\)\) >= 1e15 .*?\n    end", r"sum(\1)", months, flags=re.S
    )
    assert plain.count("1e15") == 0
    sums = [
        project.rows(stored_by=order, int_metric_months=plain)["int_metric_months"]
        for order in ("", "hash(made)")
    ]
    control("a sum that minds the order of rows is noticed", sums[0] != sums[1])


@pytest.mark.parametrize("seed", range(figure(5, 50)))
def test_r09_bit_by_bit_is_at_once(
    at_once: AtOnce,
    models: BuiltModels,
    tmp_path: Path,
    measure: Measure,
    control: Control,
    seed: int,
) -> None:
    """Files that grow: each lands as a part of itself before it lands whole.

    A build of it, always in full, is that of the folder landed at once.
    """
    chance = random.Random(1_000 + seed)
    landing, home = tmp_path / "landing", tmp_path / "home"
    grown = set(chance.sample(at_once.names, 10))
    for name in at_once.names:
        data = (at_once.landing / name).read_bytes()
        if name in grown:
            data = b"".join(data.splitlines(keepends=True)[: chance.randrange(1, 30)])
        deliver(at_once.landing, name, landing, data)
    land(landing, home)
    control("a folder that is not whole is told apart", lakes.lake_of(home) != at_once.lake)
    for name in sorted(grown):
        deliver(at_once.landing, name, landing)
        if chance.random() < 0.3:
            land(landing, home)
    land(landing, home)
    assert lakes.lake_of(home) == at_once.lake
    if seed < figure(1, 3):
        assert hashes(models, home, AS_OF) == hashes(models, at_once.home, AS_OF)
        measure("R9", full_builds_compared=1, marts=len(MARTS))
    measure("R9", landed_bit_by_bit=1)
