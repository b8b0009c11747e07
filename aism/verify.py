"""Whether a published generation can be derived again: from its landing folder, day and project."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from aism.errors import UsageError
from aism.generation import Table, literal, quoted
from aism.lock import locked
from aism.settings import Settings
from aism.warehouse import Warehouse, number_in, remove_tree

if TYPE_CHECKING:
    from aism.build import OnProgress

OF_THE_RUN: Final = {
    Table("marts", "build_generation"): {
        *("generation", "invocation_id", "built_at", "published_at", "git_commit"),
    },
    Table("marts", "landing_files"): {"landed_at"},
    Table("marts", "source_freshness"): {"last_landed_at"},
}
"""Columns that say when and by which run, and so differ between two runs over the same files."""

SIDES: Final = ("published", "derived")
"""Names under which the two generations are attached."""


@dataclass(frozen=True, slots=True)
class TableCheck:
    """How a table compares. Rows that only one side has count with their repetitions."""

    table: Table
    rows: int
    only_published: int
    only_derived: int

    @property
    def is_same(self) -> bool:
        """Whether both sides have the same rows."""
        return self.only_published == self.only_derived == 0


@dataclass(frozen=True, slots=True)
class Verification:
    """What deriving a generation again showed."""

    generation: int
    as_of: dt.date
    changed_files: tuple[str, ...]
    """Landed files that were added, changed or removed since."""
    is_same_project: bool
    tables: tuple[TableCheck, ...]

    @property
    def differing(self) -> list[TableCheck]:
        """The tables whose rows are not the same."""
        return [check for check in self.tables if not check.is_same]


def verify(
    settings: Settings,
    *,
    on_file: OnProgress = lambda *_: None,
    on_node: OnProgress = lambda *_: None,
    build: Callable[..., Any] | None = None,
) -> Verification:
    """Land, build and publish the current generation anew, in a folder of its own, and compare.

    The generations before it lend their history, for restatements are told against it. Readers
    and the working state are not touched. ``build`` stands in for the build in tests.

    Raises:
        UsageError: nothing is published, or its record is gone.
        LockedError: another verification runs here.
        BuildFailedError, AuditError: it cannot be built any more.
    """
    from aism.build import build as build_all

    published = Warehouse(settings.warehouse)
    number = published.published()
    record = published.record(number)
    if "as_of" not in record:
        raise UsageError(f"{published.record_file(number)} cannot be read: nothing to go by.")
    as_of = dt.date.fromisoformat(record["as_of"])
    with locked(settings.home / "verify"):
        private = replace(
            settings,
            home=settings.home / "verify" / "home",
            warehouse=settings.home / "verify" / "warehouse",
        )
        try:
            for folder in (private.home, private.warehouse):
                remove_tree(folder)
            _lend_history(published, number, private.warehouse)
            (build or build_all)(
                private,
                as_of=as_of,
                judge_deliveries=_was_judged(published.generation_file(number)),
                on_file=on_file,
                on_node=on_node,
            )
            derived = Warehouse(private.warehouse)
            derived_number = derived.published()
            checks, changed_files = _compare(
                published.generation_file(number), derived.generation_file(derived_number)
            )
            again = derived.record(derived_number)
        finally:
            for folder in (private.home, private.warehouse):
                remove_tree(folder)
    is_same_project = changed_files != () or record.get("fingerprint") == again.get("fingerprint")
    return Verification(number, as_of, changed_files, is_same_project, checks)


def _lend_history(published: Warehouse, number: int, warehouse: Path) -> None:
    lent = warehouse / "history"
    lent.mkdir(parents=True)
    for file in (published.folder / "history").glob("generation-*.parquet"):
        earlier = number_in(file.name)
        if earlier is not None and earlier < number:
            shutil.copy2(file, lent / file.name)


def _was_judged(file: Path) -> bool:
    with duckdb.connect(str(file), read_only=True) as connection:
        judged = connection.execute("select count(*) from marts.delivery_checks").fetchall()
    return bool(judged[0][0])


def _compare(published: Path, derived: Path) -> tuple[tuple[TableCheck, ...], tuple[str, ...]]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for name, file in zip(SIDES, (published, derived), strict=True):
            connection.execute(f"attach {literal(str(file))} as {name} (read_only)")
        columns = _columns(connection)
        tables = sorted({(schema, name) for _, schema, name in columns})
        checks = tuple(
            _compare_table(connection, Table(schema, name), columns) for schema, name in tables
        )
        changed = connection.execute(
            """
            select distinct coalesce(published.file_name, derived.file_name)
            from published.marts.landing_files as published
            full join derived.marts.landing_files as derived
                on
                    published.file_name = derived.file_name
                    and published.file_sha256 is not distinct from derived.file_sha256
            where published.file_name is null or derived.file_name is null
            order by 1
            """
        ).fetchall()
    return checks, tuple(name for (name,) in changed)


def _columns(
    connection: duckdb.DuckDBPyConnection,
) -> dict[tuple[str, str, str], list[tuple[str, str]]]:
    """Return names and types of the columns, by database, schema and table."""
    found: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for database, schema, table, column, kind in connection.execute(
        """
        select database_name, schema_name, table_name, column_name, data_type
        from duckdb_columns()
        where database_name in ('published', 'derived') and not internal
        order by database_name, schema_name, table_name, column_index
        """
    ).fetchall():
        found.setdefault((database, schema, table), []).append((column, kind))
    return found


def _compare_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    columns: dict[tuple[str, str, str], list[tuple[str, str]]],
) -> TableCheck:
    """Compare the rows of two tables, doubles to ten digits. Of two shapes no row is the same."""
    shapes = {side: columns.get((side, table.schema, table.name)) for side in SIDES}
    rows = {
        side: _count(connection, f"from {table.within(side)}") if shape else 0
        for side, shape in shapes.items()
    }
    shape = shapes["published"]
    if shape is None or shape != shapes["derived"]:
        return TableCheck(table, rows["published"], rows["published"], rows["derived"])
    left_out = OF_THE_RUN.get(table, set())
    kept = [(quoted(name), kind) for name, kind in shape if name not in left_out]
    only = _only(connection, table, [name for name, _ in kept])
    if any(only) and any(kind == "DOUBLE" for _, kind in kept):
        # A sum of doubles ends differently with the order of its rows.
        only = _only(
            connection,
            table,
            [
                f"printf('%.9e', round({name}, 12)) as {name}" if kind == "DOUBLE" else name
                for name, kind in kept
            ],
        )
    return TableCheck(table, rows["published"], *only)


def _only(
    connection: duckdb.DuckDBPyConnection, table: Table, compared: list[str]
) -> tuple[int, int]:
    """Count the rows that only the published side has, and those that only the derived one has."""
    sides = [f"from {table.within(side)} select {', '.join(compared)}" for side in SIDES]
    return (
        _count(connection, f"from ({sides[0]} except all {sides[1]})"),
        _count(connection, f"from ({sides[1]} except all {sides[0]})"),
    )


def _count(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    counted = connection.execute(f"select count(*) {source}").fetchall()
    return int(counted[0][0])
