"""Generic attempts as Parquet, from a million to a hundred million: P2 and P3."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any, Final

from benchmarks import models
from benchmarks.costs import Told, fastest, peer, read_whole, say, stage
from benchmarks.results import Goal, Report, costs_table, slowest

NAME: Final = "flat"
MILLION: Final = 1_000_000
FILE_ROWS: Final = 10 * MILLION
SIZES: Final = (MILLION, 10 * MILLION, 100 * MILLION)
LIMIT: Final = "2GB"
MART: Final = "attack_success_by_run"
LARGE_PEERS: Final = ("duckdb", "polars", "chdb")
PEERS: Final = (*LARGE_PEERS, "pandas", "pyspark")


def write_attempts(landing: str, rows: str) -> None:
    """Write ``rows`` attempts as files of at most ten million, by DuckDB, always the same.

    A run is a million tries on one day: 50 attacks, 2,000 prompts of each, every prompt ten times.
    """
    import duckdb  # here and below, so that who only starts processes stays small

    folder = Path(landing) / "attempts"
    folder.mkdir(parents=True)
    with duckdb.connect() as database:
        for first in range(0, int(rows), FILE_ROWS):
            last = min(int(rows), first + FILE_ROWS)
            file = folder / f"attempts-{first // MILLION:03}.parquet"
            database.execute(
                f"""
                copy (
                    select
                        'run-' || lpad((i // 1000000)::text, 4, '0') as run_id,
                        'bot-' || (i // 1000000 % 40) || '@1.' || (i // 40000000) as target_name,
                        'suite.attack_' || lpad((i // 20000 % 50)::text, 2, '0') as attack,
                        case
                            when hash(i) % 100 < 12 then 'success'
                            when hash(i) % 100 < 97 then 'resisted'
                            when hash(i) % 100 < 99 then 'undetermined'
                            else 'error'
                        end as outcome,
                        timestamp '2026-01-01 08:00:00' + to_days((i // 1000000)::int)
                            + to_milliseconds(i % 1000000 * 40) as attempted_at,
                        'prompt-' || lpad((i // 10 % 100000)::text, 6, '0') as prompt_id,
                        'AML.T00' || (10 + i // 20000 % 20) || '.000' as technique_id,
                        'grader-1' as judge,
                        'own-suite' as tool
                    from range({first}, {last}) as numbers(i)
                ) to '{file}' (format parquet, compression zstd)
                """
            )


def prepare(folder: Path) -> None:
    """Land and build a few attempts, so that every view, seed and compiled model is there."""
    stage(write_attempts, str(folder / "landing"), "10000")
    (folder / "landing" / "as_of").write_text("2026-11-22\n", encoding="ascii")
    models.dbt(folder, "build", "--exclude-resource-type", "test", "--select", f"+{MART}")


def read_lake(folder: str) -> None:
    """Read the bytes of the lake's attempts once, in blocks of a megabyte, and do nothing."""
    for file in sorted((Path(folder) / "home" / "lake" / "attempts").glob("*.parquet")):
        read_whole(file)


def build_mart(folder: str, limit: str) -> dict[str, Any]:
    """Make the mart and all tables under it from the lake, within a memory limit."""
    home = Path(folder) / "home"
    with models.open_build(home, limit) as database:
        seconds = models.rebuild(database, home, [MART])
        [(rows, attempts)] = database.execute(
            f"select count(*), sum(attempts)::bigint from marts.{MART}"
        ).fetchall()
    return {"rows": rows, "attempts": attempts, "seconds": seconds}


def group_by_cells(folder: str, limit: str) -> dict[str, Any]:
    """Count at the grain that an honest interval needs, one row per prompt and day: our floor."""
    import duckdb

    lake = Path(folder) / "home" / "lake" / "attempts" / "*.parquet"
    with duckdb.connect() as database:
        database.execute(f"set memory_limit = '{limit}'")
        database.execute(f"set temp_directory = '{folder}/spill'")
        database.execute(
            f"""
            create table cells as
            select
                run_id, target_name, attack, judge, tool, technique_id, prompt_id,
                attempted_at::date as attempted_on,
                count(*) filter (outcome = 'success') as successes,
                count(*) filter (outcome = 'resisted') as resisted,
                count(*) as attempts
            from read_parquet('{lake}')
            group by all
            """
        )
        [(rows,)] = database.execute("select count(*) from cells").fetchall()
    return {"rows": rows}


def unique_rows(folder: str, limit: str) -> dict[str, Any]:
    """Ask whether the key of the fact is unique, as the dearest of dbt's tests does."""
    home = Path(folder) / "home"
    started = time.perf_counter()
    with models.open_build(home, limit) as database:
        twice = database.execute(
            "select attack_result_id from core.fct_attack_results "
            "group by attack_result_id having count(*) > 1"
        ).fetchall()
    return {"twice": len(twice), "seconds": time.perf_counter() - started}


def measure(folder: Path, rows: int) -> dict[str, Told]:
    """Measure all parts for one number of attempts."""
    landing = folder / "landing"
    shutil.rmtree(landing / "attempts")
    say(f"writing {rows:,} attempts")
    stage(write_attempts, str(landing), str(rows))
    files = str(landing / "attempts" / "*.parquet")
    say("landing them")
    told = {"land": models.aism(folder, "land")}
    told["read"] = fastest(lambda: stage(read_lake, str(folder)), 3)
    turns = 1 if rows > 10 * MILLION else 2
    for engine in PEERS if rows <= 10 * MILLION else LARGE_PEERS:
        say(engine)
        told[engine] = fastest(lambda e=engine: peer(e, "flat", files, LIMIT), turns)  # type: ignore[misc]
    say("cells")
    told["cells"] = fastest(lambda: stage(group_by_cells, str(folder), LIMIT), turns)
    say("the project's models")
    told["mart"] = stage(build_mart, str(folder), LIMIT)
    told["unique"] = stage(unique_rows, str(folder), LIMIT)
    if told["mart"].said["attempts"] != rows:
        raise SystemExit(f"{told['mart'].said} of {rows}")
    say(json.dumps({part: told[part].cost.cpu for part in told}))
    return told


TITLES: Final = {
    "read": "raw read of the lake's Parquet",
    "duckdb": "DuckDB: counts and Wilson by run, target, technique, month",
    "polars": "polars, streaming: the same",
    "chdb": "chdb: the same",
    "pandas": "pandas: the same",
    "pyspark": "pyspark, local[2], JVM included: the same",
    "cells": "DuckDB: counts by prompt and day, the grain of our fact",
    "mart": "**our models**, lake to `attack_success_by_run`, clustered intervals",
    "unique": "uniqueness of the fact's key",
    "land": "`aism land`: files to lake, each row checked (once per file)",
}


def measure_all(folder: Path, sizes: tuple[int, ...] = SIZES) -> Report:
    """Measure every size; the folder needs 6 GB for a hundred million."""
    prepare(folder)
    report = Report()
    found = {rows: measure(folder, rows) for rows in sizes}
    for rows, told in found.items():
        report.tables.append(f"### {rows:,} attempts")
        ratios = {"x read, CPU": ("cpu", "read"), "x DuckDB, CPU": ("cpu", "duckdb")}
        report.tables.append(costs_table("what", TITLES, told, ratios))
        listed = slowest(told["mart"].said["seconds"], 5)
        report.tables.append(f"Where our models spend their wall time: {listed}.")
    report.goals = _goals(found)
    return report


def _goals(found: dict[int, dict[str, Told]]) -> list[Goal]:
    largest = found[max(found)]
    slow = max(rows for rows, told in found.items() if "pandas" in told)
    cpu = {part: told.cost.cpu for part, told in largest.items()}
    ten = {part: told.cost.cpu for part, told in found[slow].items()}
    millions = max(found) // MILLION
    grain = (
        "the fact keeps each prompt and day, without which no interval is honest: "
        "P2a is DuckDB's own group-by at that grain"
    )
    return [
        Goal("P2", f"{millions} M attempts in Parquet to the mart, over the raw read, CPU",
             cpu["mart"] / cpu["read"], 10, why=grain),
        Goal("P2a", "DuckDB's group-by at the grain of our fact, over the raw read, CPU",
             cpu["cells"] / cpu["read"], 10, why="the floor of P2"),
        Goal("P2b", f"our engine over polars, {millions} M, same work, CPU",
             cpu["duckdb"] / cpu["polars"], 0.75),
        Goal("P2b2", f"over chdb, {millions} M", cpu["duckdb"] / cpu["chdb"], 0.75),
        Goal("P2b3", f"over pandas, {slow // MILLION} M",
             ten["duckdb"] / ten["pandas"], 0.15) ,
        Goal("P2b4", f"over pyspark, {slow // MILLION} M",
             ten["duckdb"] / ten["pyspark"], 0.06),
        Goal("P2c", "our models over the bare group-by by run, target, technique, month, CPU",
             cpu["mart"] / cpu["duckdb"], 1.25, why=grain),
        Goal("P2d", "our models over the bare group-by at our grain, CPU",
             cpu["mart"] / cpu["cells"], 1.25,
             why="the fact has 26 columns, one of them an md5 key, and is joined from cells of 23: "
             "two wide tables are computed and written"),
        Goal("P3", f"peak memory at {millions} M within {LIMIT}",
             largest["mart"].cost.peak / 1000, 2.2, "GB"),
        Goal("P3a", "peak memory of the uniqueness test on the fact",
             largest["unique"].cost.peak / 1000, 1.0, "GB"),
        Goal("P3c", f"peak memory of landing {millions} M",
             largest["land"].cost.peak / 1000, 1.0, "GB"),
    ]  # fmt: skip
