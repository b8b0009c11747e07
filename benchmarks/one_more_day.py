"""What one more day costs as the history grows sixteen times: P4.

A day is one file of 20,000 attempts. The facts are made again from the whole lake at every build,
so the cost grows with the history; beside it stands a prototype that touches the new file only: the
same compiled SQL, over a lake that shows nothing but that file.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

from benchmarks import models
from benchmarks.costs import Told, say, stage
from benchmarks.flat_attempts import MART, prepare
from benchmarks.results import Goal, Report, table

NAME: Final = "day"
DAYS: Final = (20, 80, 320)
ROWS_A_DAY: Final = 20_000
TURNS: Final = 3

FACTS: Final = ("int_attack_results", "int_attack_sets", "fct_attack_results")
"""What is made of attempts row by row of a file, in building order."""


def write_days(landing: str, first: str, last: str) -> None:
    """Write a file of attempts for each day from ``first`` up to ``last``, not included.

    A run a day: 20 attacks, 100 prompts of each, ten tries of every prompt.
    """
    import duckdb

    folder = Path(landing) / "attempts"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as database:
        for day in range(int(first), int(last)):
            database.execute(
                f"""
                copy (
                    select
                        'run-{day:04}' as run_id,
                        'bot-' || ({day} % 10) || '@1.0' as target_name,
                        'suite.attack_' || lpad((i // 1000)::text, 2, '0') as attack,
                        case when hash(i + {day}) % 100 < 12 then 'success' else 'resisted' end
                            as outcome,
                        timestamp '2026-01-01 08:00:00' + to_days({day}) + to_seconds(i)
                            as attempted_at,
                        'prompt-' || (i // 10) as prompt_id,
                        'grader-1' as judge,
                        'own-suite' as tool
                    from range({ROWS_A_DAY}) as numbers(i)
                ) to '{folder}/day-{day:04}.parquet' (format parquet, compression zstd)
                """
            )


def rebuild_all(folder: str) -> dict[str, Any]:
    """Make the mart and all under it again, as a build does; return seconds of the turns."""
    home = Path(folder) / "home"
    turns: list[dict[str, float]] = []
    cpu: list[float] = []
    with models.open_build(home) as database:
        for _ in range(TURNS + 1):
            begun = time.process_time()
            turns.append(models.rebuild(database, home, [MART]))
            cpu.append(time.process_time() - begun)
        database.execute("checkpoint")
        rows = models.contents(database)
    return {"cpu": min(cpu[1:]), "models": turns[cpu.index(min(cpu[1:]))], "rows": rows}


def replace_one_file(folder: str, file_name: str) -> dict[str, Any]:
    """Do the prototype: one file's rows leave the facts and come again, one run its mart rows.

    It runs in a copy of what was built, on the same SQL; only the staging view is narrowed. Says
    whether the tables end as they began, and the processor seconds of the fastest of its turns.
    """
    home = Path(folder) / "home"
    known = models.manifest(home)
    nodes = {node["name"]: node for node in models.upstream(known, [MART])}
    staging = models.compiled(home, nodes["stg_attempts__attempts"])
    with models.open_build(home) as database:
        before = models.contents(database)
        facts_seconds, mart_seconds = [], []
        for _ in range(TURNS + 1):
            begun = time.process_time()
            path = _lake_file(database, home, file_name)
            narrow = staging.replace("/lake/attempts/*.parquet", f"/lake/attempts/{path}")
            relation = nodes["stg_attempts__attempts"]["relation_name"]
            database.execute(f"create or replace view {relation} as {narrow}")
            _replace(database, home, nodes["int_attack_results"], f"file_name = '{file_name}'")
            runs = [
                run
                for (run,) in database.execute(f"select distinct run_id from {relation}").fetchall()
            ]
            listed = ", ".join(f"'{run}'" for run in runs)
            # What is downstream reads int_attack_results: seen through the runs of this file.
            whole = nodes["int_attack_results"]["relation_name"]
            database.execute(
                f"create or replace temp view narrow_results as "
                f"select * from {whole} where run_id in ({listed})"
            )
            for name in FACTS[1:]:
                _replace(
                    database, home, nodes[name], f"run_id in ({listed})", whole, "narrow_results"
                )
            facts_seconds.append(time.process_time() - begun)
            begun = time.process_time()
            fact = nodes["fct_attack_results"]["relation_name"]
            database.execute(
                f"create or replace temp view narrow_fact as "
                f"select * from {fact} where run_id in ({listed})"
            )
            _replace(database, home, nodes[MART], f"run_id in ({listed})", fact, "narrow_fact")
            mart_seconds.append(time.process_time() - begun)
        database.execute(f"create or replace view {relation} as {staging}")
        same = models.contents(database) == before
    return {"facts": min(facts_seconds[1:]), "mart": min(mart_seconds[1:]), "same": same}


def _replace(
    database: Any, home: Path, node: dict[str, Any], rows: str, whole: str = "", narrow: str = ""
) -> None:
    sql = models.compiled(home, node)
    if whole:
        sql = sql.replace(whole, narrow)
    table = node["relation_name"]
    database.execute("begin")
    database.execute(f"delete from {table} where {rows}")
    database.execute(f"insert into {table} by name select * from ({sql}) where {rows}")
    database.execute("commit")


def _lake_file(database: Any, home: Path, file_name: str) -> str:
    [(found,)] = database.execute(
        f"select file_sha256 from read_parquet('{home}/lake/standing_runs.parquet') "
        "where file_name = ? limit 1",
        [file_name],
    ).fetchall()
    [path] = (home / "lake" / "attempts").glob(f"{found}*.parquet")
    return path.name


def measure_all(folder: Path, days: tuple[int, ...] = DAYS) -> Report:
    """Measure each history: landing of one more file, all models again, the prototype."""
    prepare(folder)
    for file in (folder / "landing" / "attempts").glob("*.parquet"):
        file.unlink()
    found: dict[int, dict[str, Told]] = {}
    written = 0
    for number in days:
        say(f"{number} days")
        stage(write_days, str(folder / "landing"), str(written), str(number))
        models.aism(folder, "land")
        stage(write_days, str(folder / "landing"), str(number), str(number + 1))
        written = number + 1
        found[number] = {
            "land": models.aism(folder, "land"),
            "again": models.aism(folder, "land"),
            "all": stage(rebuild_all, str(folder)),
            "new": stage(replace_one_file, str(folder), f"attempts/day-{number:04}.parquet"),
        }
        if not found[number]["new"].said["same"]:
            raise SystemExit(f"the prototype changed the tables at {number} days")
    few, many = found[min(found)], found[max(found)]
    rows = [
        ["land one more file, whole process", *(told["land"].cost.cpu for told in found.values()),
         many["land"].cost.cpu / few["land"].cost.cpu],
        ["land again, nothing new, whole process",
         *(told["again"].cost.cpu for told in found.values()),
         many["again"].cost.cpu / few["again"].cost.cpu],
        ["**the attack models as built today**, in process",
         *(told["all"].said["cpu"] for told in found.values()),
         many["all"].said["cpu"] / few["all"].said["cpu"]],
        ["prototype: facts of the new file only, in process",
         *(told["new"].said["facts"] for told in found.values()),
         many["new"].said["facts"] / few["new"].said["facts"]],
        ["prototype: mart rows of the new run only, in process",
         *(told["new"].said["mart"] for told in found.values()),
         many["new"].said["mart"] / few["new"].said["mart"]],
    ]  # fmt: skip
    report = Report()
    head = ["CPU s of one more day", *(f"{number} days" for number in found), "growth"]
    report.tables.append(table(head, rows))
    why = (
        "facts are made anew on purpose (decision 15): rows that are added come in another order, "
        "and with it another last digit of every mean; a whole build would gain an eighth"
    )
    report.goals = [
        Goal("P4", f"one more day after {max(found)} days over after {min(found)}, attack models",
             many["all"].said["cpu"] / few["all"].said["cpu"], 1.25, why=why),
        Goal("P4a", "the same, prototype keyed by file, facts",
             many["new"].said["facts"] / few["new"].said["facts"], 1.25,
             why="a measurement, not what a build does"),
        Goal("P4b", "the same, prototype, mart by run",
             many["new"].said["mart"] / few["new"].said["mart"], 1.25,
             why="a measurement, not what a build does"),
        Goal("P4l", "landing one more day, whole process",
             many["land"].cost.cpu / few["land"].cost.cpu, 1.25,
             why="files are hashed again at every landing, so that names and times decide nothing"),
    ]  # fmt: skip
    return report
