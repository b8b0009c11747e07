"""Landing folders of every format, small, and what a lake holds of them."""

from __future__ import annotations

import gzip
import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb

from tests.python.whole import SAMPLE

LINES = 40
"""Of a file of lines; documents stay whole."""
LEFT_OUT = ("garak/support-bot_2", "garak/rag-search_2026.09_run1", "attempts/suite-2025")
"""More of the same format."""

Row = tuple[Any, ...]


def small_sample(landing: Path) -> list[str]:
    """Write a short form of the sample, of every format; return the names of its files."""
    names = []
    for file in sorted(SAMPLE.rglob("*")):
        name = file.relative_to(SAMPLE).as_posix()
        if not file.is_file() or name.startswith(LEFT_OUT):
            continue
        target = landing / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_shortened(file))
        names.append(name)
    table = landing / "attempts" / "table.parquet"
    duckdb.execute(
        f"copy (from read_csv('{SAMPLE}/attempts/suite-2026-q4.csv', all_varchar = true) limit 40)"
        f" to '{table}'"
    )
    memories = ("pyrit/memory.db", "pyrit/memory.duckdb")
    for name in memories:
        write_memory(landing / name)
    return [*names, "attempts/table.parquet", *memories]


def write_memory(file: Path) -> None:
    """Write PyRIT's memory as SQLite, or as DuckDB by its name: the sample's conversations.

    The runs have names of their own, for a run that lies in several files counts once.
    """
    pieces = json.loads((SAMPLE / "pyrit" / "pyrit_0.8.1_conversations.json").read_bytes())[:LINES]
    for piece in pieces:
        piece["labels"] = {"op_name": file.name}
    scores = [score for piece in pieces for score in piece.pop("scores", None) or []]
    opened = duckdb.connect(file) if file.suffix == ".duckdb" else sqlite3.connect(file)
    with closing(opened) as connection:
        for table, rows in (("PromptMemoryEntries", pieces), ("ScoreEntries", scores)):
            names = sorted(set().union(*rows))
            columns = ", ".join(f'"{name}" varchar' for name in names)
            connection.execute(f"create table {table} ({columns})")
            values = [[_stored(row.get(name)) for name in names] for row in rows]
            marks = ", ".join("?" * len(names))
            connection.executemany(f"insert into {table} values ({marks})", values)
        connection.commit()


def _stored(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def _shortened(file: Path) -> bytes:
    data = file.read_bytes()
    if not any(ending in file.name for ending in (".jsonl", ".csv")):
        return data
    if not file.name.endswith(".gz"):
        return first_lines(data)
    return gzip.compress(first_lines(gzip.decompress(data)), mtime=0)


def first_lines(data: bytes) -> bytes:
    """Return the first lines of a file; of text over lines perhaps only a part."""
    return b"".join(data.splitlines(keepends=True)[:LINES])


def ask(home: Path, sql: str) -> list[Row]:
    """Query the ledger: `{files}` and `{quarantine}` stand for its tables."""
    ledger = {
        name: f"read_parquet('{home}/lake/ledger/{name}.parquet')"
        for name in ("files", "quarantine")
    }
    with duckdb.connect() as connection:
        return connection.execute(sql.format(**ledger)).fetchall()


def counts(home: Path) -> dict[str, tuple[int, ...]]:
    """Return rows read, loaded, superseded, quarantined, and quarantined as listed, by file."""
    rows = ask(
        home,
        """
        select file_name, rows_read, rows_loaded, rows_superseded, rows_quarantined,
            (
                select count(*) from {quarantine} as held
                where held.file_name = files.file_name
                    and coalesce(held.line_number::varchar, held.record_path) is not null
            )
        from {files} as files
        """,
    )
    return {name: tuple(numbers) for name, *numbers in rows}


def unbalanced(home: Path) -> list[str]:
    """Name the files whose rows are not all loaded, superseded or in quarantine, each once."""
    return [
        f"{name}: {read} read, {loaded} + {superseded} + {quarantined}, {listed} listed"
        for name, (read, loaded, superseded, quarantined, listed) in counts(home).items()
        if read != loaded + superseded + quarantined
        or quarantined != listed
        or min(loaded, superseded, quarantined) < 0
    ]


def lake_of(home: Path) -> dict[str, str]:
    """Return a hash of the rows of every file of the lake but their time of landing, by its name.

    Without regard to order of rows where nobody promises one.
    """
    held: dict[str, str] = {}
    with duckdb.connect() as connection:
        for file in sorted((home / "lake").rglob("*.parquet")):
            columns = [
                column
                for (column, *_) in connection.execute(f"describe from '{file}'").fetchall()
                if column != "landed_at"
            ]
            chosen = ", ".join(map(_quoted, columns))
            summed = connection.execute(
                "select count(*), sum(hash(held)::hugeint), bit_xor(hash(held))"
                f" from (select {chosen} from '{file}') as held"
            ).fetchall()
            held[file.relative_to(home / "lake").as_posix()] = f"{chosen}: {summed[0]}"
    return held


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


@contextmanager
def reader_failures() -> Iterator[list[str]]:
    """Yield what readers did not foresee: landing goes on after it, and logs a traceback."""
    failures: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            failures.append(f"{record.getMessage()}: {record.exc_info and record.exc_info[1]!r}")

    handler = Collector(logging.WARNING)
    logger = logging.getLogger("aism.land")
    logger.addHandler(handler)
    try:
        yield failures
    finally:
        logger.removeHandler(handler)
