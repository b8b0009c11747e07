"""Returning to an earlier generation: the pointer moves, nothing is built and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import duckdb

from aism.errors import UsageError
from aism.faults import fault_step
from aism.generation import Table, literal
from aism.lock import locked
from aism.publish import export_marts
from aism.settings import Settings
from aism.warehouse import Warehouse, remove_tree


def roll_back(settings: Settings, to: int | None = None) -> int:
    """Make an earlier generation the current one; return its number.

    Without ``to`` the newest one before the current. Readers see one whole generation all the
    while. Later generations stay, so that the same call leads forward again; numbers published
    from then on are new ones.

    Raises:
        UsageError: nothing is published, or that generation is not kept.
        LockedError: another process publishes into the same warehouse.
    """
    with locked(settings.warehouse):
        warehouse = Warehouse(settings.warehouse)
        number = _chosen(warehouse, to)
        staging = warehouse.returning_folder
        remove_tree(staging)
        staging.mkdir(parents=True)
        if not warehouse.export_folder(number).exists():
            _export(warehouse.generation_file(number), staging / "export")
            (staging / "export").rename(warehouse.export_folder(number))
        with fault_step("pointer"):
            warehouse.point_to(number, staging)
        with fault_step("links"):
            warehouse.link(number, staging)
        remove_tree(staging)
        return number


def _chosen(warehouse: Warehouse, to: int | None) -> int:
    current = warehouse.published()
    kept = warehouse.kept()
    others = ", ".join(str(number) for number in kept if number != current) or "none"
    if to is None:
        earlier = [number for number in kept if number < current]
        if not earlier:
            raise UsageError(
                f"No generation before {current} is kept in {warehouse.folder}; others: {others}."
            )
        return earlier[0]
    if to not in kept:
        raise UsageError(f"Generation {to} is not kept in {warehouse.folder}; others: {others}.")
    return to


def _export(file: Path, folder: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {literal(str(file))} as published (read_only)")
        names = connection.execute(
            "select table_name from duckdb_tables() "
            "where database_name = 'published' and schema_name = 'marts' order by 1"
        ).fetchall()
        export_marts(connection, [Table("marts", name) for (name,) in names], folder)
