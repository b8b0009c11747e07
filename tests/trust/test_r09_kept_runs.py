"""R9. A build that keeps the rows of known runs has the rows of one that makes everything anew."""

from __future__ import annotations

import datetime as dt
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from tests.python.compiled import PROJECT, environment, succeed
from tests.trust import lakes
from tests.trust.conftest import Built, Control, Measure
from tests.trust.figures import figure
from tests.trust.marts import BuiltModels

MART = "attack_success_by_run"
FACT = "fct_attack_results"
DAYS = (dt.date(2026, 11, 22), dt.date(2026, 10, 14), dt.date(2026, 3, 1))
SCANNERS = ("attempts", "garak", "inspect", "promptfoo", "pyrit")
LEFT_OUT = ("program/finding", "program/scans", "defectdojo", "jira", "github")

Rows = dict[str, tuple[int, int]]


@dataclass
class Organisation:
    """A landing folder that changes, and a working state that keeps what it can."""

    landing: Path
    home: Path
    anew: BuiltModels
    day: dt.date = DAYS[0]
    taken: dict[Path, bytes] = field(default_factory=dict)

    def dbt(self, *arguments: str) -> None:
        quick = [sys.executable, str(PROJECT / "scripts" / "quick_dbt.py"), "--quiet"]
        succeed([*quick, *arguments], environment(self.landing, self.home, self.day))

    def build(self) -> Rows:
        """Land and build the mart with all behind it, and return what its tables hold."""
        only_models = ("--exclude-resource-types", "test", "unit_test")
        self.dbt("build", "--select", f"+{MART}", *only_models)
        with duckdb.connect(str(self.home / "build.duckdb"), read_only=True) as database:
            return self._rows(database)

    def rows_made_anew(self) -> Rows:
        """Return what the same lake gives where nothing was built before."""
        database = self.anew.connect()
        self.anew.run(database, self.home, as_of=self.day)
        return self._rows(database)

    def kept(self) -> dict[str, int]:
        """Return of how many runs each model may keep rows."""
        with duckdb.connect(str(self.home / "build.duckdb"), read_only=True) as database:
            return dict(
                database.execute(
                    "select model, count(*) from intermediate.kept_runs group by model"
                ).fetchall()
            )

    def runs(self) -> int:
        """Return how many runs stand."""
        standing = str(self.home / "lake" / "standing_runs.parquet")
        return len(duckdb.execute("from read_parquet(?)", [standing]).fetchall())

    def change(self, statement: str) -> None:
        """Change what the last build left."""
        with duckdb.connect(str(self.home / "build.duckdb")) as database:
            database.execute(statement)

    def _rows(self, database: duckdb.DuckDBPyConnection) -> Rows:
        found: Rows = {}
        for node in (self.anew.nodes[name] for name in self.anew.order):
            is_table = node["resource_type"] == "model" and node["config"]["materialized"] != "view"
            if is_table and not node["name"].endswith("_fingerprints"):
                rows = f'"{node["schema"]}"."{node["name"]}" as found'
                found[node["name"]] = database.execute(
                    f"select count(*), coalesce(sum(hash(found)), 0)::hugeint from {rows}"
                ).fetchall()[0]
        return found


@pytest.fixture
def organisation(tmp_path: Path, sample: Built) -> Organisation:
    landing = tmp_path / "landing"
    for name in lakes.small_sample(landing):
        if name.startswith(LEFT_OUT):
            (landing / name).unlink()
    (landing / "as_of").unlink()
    anew = BuiltModels(sample.home)
    anew.order = anew.behind([MART])
    return Organisation(landing, tmp_path / "home", anew)


def remove_a_file(organisation: Organisation, chance: random.Random) -> None:
    files = [
        file
        for source in SCANNERS
        for file in sorted((organisation.landing / source).iterdir())
        if file.is_file()
    ]
    file = chance.choice(files)
    organisation.taken[file] = file.read_bytes()
    file.unlink()


def bring_files_back(organisation: Organisation, chance: random.Random) -> None:
    for file, data in organisation.taken.items():
        file.write_bytes(data)
    organisation.taken.clear()


def rename_a_file(organisation: Organisation, chance: random.Random) -> None:
    file = chance.choice(sorted((organisation.landing / "attempts").glob("*.csv")))
    file.rename(file.with_name(f"z{chance.randrange(1000)}-{file.name}"))


def cut_a_file(organisation: Organisation, chance: random.Random) -> None:
    file = chance.choice(sorted((organisation.landing / "attempts").glob("*.csv")))
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[: max(2, len(lines) - chance.randrange(1, 9))]))


def change_a_register(organisation: Organisation, chance: random.Random) -> None:
    register = chance.choice(["system_aliases", "systems"])
    file = organisation.landing / "program" / f"{register}.csv"
    lines = file.read_bytes().splitlines(keepends=True)
    if len(lines) > 2:
        del lines[chance.randrange(1, len(lines))]
    file.write_bytes(b"".join(lines))


def look_from_another_day(organisation: Organisation, chance: random.Random) -> None:
    organisation.day = chance.choice([day for day in DAYS if day != organisation.day])


def run_two_models_only(organisation: Organisation, chance: random.Random) -> None:
    """Two models see what changed in the landing folder, and the others do not."""
    remove_a_file(organisation, chance)
    models = ["int_run_fingerprints", "int_attack_results", "int_attack_sets", FACT]
    organisation.dbt("run", "--select", *chance.sample(models, 2))


CHANGES: tuple[Callable[[Organisation, random.Random], None], ...] = (
    remove_a_file,
    look_from_another_day,
    change_a_register,
    run_two_models_only,
    cut_a_file,
    bring_files_back,
    rename_a_file,
)


def test_r09_kept_rows_are_those_made_anew(
    organisation: Organisation, measure: Measure, control: Control
) -> None:
    chance = random.Random(9)
    before = organisation.build()
    assert before == organisation.rows_made_anew()
    assert set(organisation.kept().values()) == {organisation.runs()}
    for number in range(figure(4, 50)):
        change = CHANGES[number] if number < len(CHANGES) else chance.choice(CHANGES)
        change(organisation, chance)
        after = organisation.build()
        made_anew = organisation.rows_made_anew()
        assert {name for name in after if after[name] != made_anew[name]} == set(), change.__name__
        measure("R9", incremental_builds_compared=1)

    organisation.change(f"update core.{FACT} set attack = 'of another build'")
    marked = organisation.build()
    control("a row that is kept is noticed", marked[FACT] != made_anew[FACT])
    organisation.change("update intermediate.kept_runs set project_sha256 = 'another'")
    organisation.dbt("run", "--select", MART)  # stands on tables of the other project
    assert organisation.build() == made_anew, "another project keeps nothing"
    measure("R9", incremental_models=len(organisation.kept()))
