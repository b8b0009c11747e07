"""What must hold of a warehouse after a fault, of fake and of real generations alike."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from aism.warehouse import Warehouse

LOCKS = {".lock", ".lock.pid", ".publishing"}


def check_nothing_is_left(warehouse: Path, numbers: set[int]) -> None:
    """Fail where anything is left but these generations, newest current, and what belongs to them.

    ``numbers`` are all that were ever published; at most two, for older exports are pruned.
    """
    kept = Warehouse(warehouse)
    assert kept.is_settled()
    current = max(numbers)
    generations = {f"generation-{number:06d}" for number in numbers}
    teams = {number: {file.name for file in kept.team_files(number)} for number in numbers}
    found = {path.name for path in warehouse.iterdir()} - LOCKS
    assert found == {
        *(f"{generation}.{ending}" for generation in generations for ending in ("duckdb", "json")),
        *(f"current-{number:06d}" for number in numbers),
        *set().union(*teams.values()),
        *("CURRENT", "current", "current.duckdb", "history"),
    }
    for number in numbers:
        record = json.loads(kept.record_file(number).read_text())
        assert teams[number] == set(record["teams"].values())
    assert {path.stem for path in (warehouse / "history").iterdir()} == generations
    assert (warehouse / "current").resolve().name == f"current-{current:06d}"
    assert (warehouse / "current.duckdb").resolve().stem == f"generation-{current:06d}"


def counts_by_generation(file: Path) -> dict[str, int]:
    """Return the rows of every published table, by its name."""
    with duckdb.connect(file, read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by 1"
        ).fetchall()
        return {
            name: connection.execute(f"select count(*) from {name}").fetchall()[0][0]
            for (name,) in tables
        }


def check_is_whole(warehouse: Path) -> int:
    """Fail unless the current file is the generation that its record describes; return its number.

    The record, the file's name, its stamp and the rows of every table must agree.
    """
    folder = Warehouse(warehouse)
    number = folder.current()
    assert number is not None
    file = folder.generation_file(number)
    with duckdb.connect(file, read_only=True) as connection:
        stamped = connection.execute("select generation from marts.build_generation").fetchall()
    assert stamped == [(number,)], "a mixed generation"
    assert counts_by_generation(file) == folder.record(number)["rows"], "a mixed generation"
    return number
