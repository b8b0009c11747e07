"""What one more day costs as the history grows sixteen times: P4.

A day is one file of 20,000 attempts. The facts are made again from the whole lake at every build,
so the cost grows with the history; beside it stands a prototype that touches the new file only: the
same compiled SQL, over a lake that shows nothing but that file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from benchmarks import models
from benchmarks.costs import say, stage
from benchmarks.flat_attempts import MART, prepare
from benchmarks.results import Goal, Report, table

NAME: Final = "day"
DAYS: Final = (20, 80, 320)
ROWS_A_DAY: Final = 20_000
TURNS: Final = 3

MODELS: Final = ("--select", f"+{MART}", "--exclude-resource-types", "test", "unit_test")
OF_THE_MART: Final = ("int_attack_rates", MART)


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


def contents(folder: str) -> dict[str, Any]:
    """Return what the facts and the mart hold."""
    with models.open_build(Path(folder) / "home") as database:
        return {"rows": models.contents(database)}


def build(folder: Path, *more: str) -> dict[str, float]:
    """Let dbt build the mart and all behind it; return the seconds of each model in dbt's words."""
    models.dbt(folder, "build", *MODELS, *more)
    results = json.loads((folder / "home" / "target" / "run_results.json").read_bytes())["results"]
    return {
        result["unique_id"].rsplit(".", 1)[-1]: result["execution_time"]
        for result in results
        if result["unique_id"].startswith("model.")
    }


def measure_all(folder: Path, days: tuple[int, ...] = DAYS) -> Report:
    """Measure each history: landing and building one more day, and all of it made anew."""
    prepare(folder)
    for file in (folder / "landing" / "attempts").glob("*.parquet"):
        file.unlink()
    found: dict[int, dict[str, float]] = {}
    written = 0
    for number in days:
        say(f"{number} days")
        stage(write_days, str(folder / "landing"), str(written), str(number))
        models.aism(folder, "land")
        build(folder)
        landed: list[float] = []
        built: list[dict[str, float]] = []
        for day in range(number, number + TURNS):
            stage(write_days, str(folder / "landing"), str(day), str(day + 1))
            landed.append(models.aism(folder, "land").cost.cpu)
            built.append(build(folder))
        written = number + TURNS
        again = models.aism(folder, "land").cost.cpu
        kept = stage(contents, str(folder)).said
        anew = build(folder, "--full-refresh")
        if stage(contents, str(folder)).said != kept:
            raise SystemExit(f"rows that were kept are not those made anew, at {number} days")
        day_of = min(built, key=lambda seconds: sum(seconds.values()))
        found[number] = {
            "land": min(landed),
            "again": again,
            "all": sum(day_of.values()),
            "mart": sum(day_of[name] for name in OF_THE_MART),
            "facts": sum(day_of.values()) - sum(day_of[name] for name in OF_THE_MART),
            "anew": sum(anew.values()),
        }
    few, many = found[min(found)], found[max(found)]
    rows = [
        [words, *(told[key] for told in found.values()), many[key] / few[key]]
        for key, words in (
            ("land", "land one more file, whole process, CPU"),
            ("again", "land again, nothing new, whole process, CPU"),
            ("facts", "**facts, and all behind them**, in dbt's nodes"),
            ("mart", "**mart by run**, in dbt's nodes"),
            ("all", "both"),
            ("anew", "both, made anew (`--full-refresh`)"),
        )
    ]
    report = Report()
    head = ["seconds of one more day", *(f"{number} days" for number in found), "growth"]
    report.tables.append(table(head, rows))
    history = f"one more day after {max(found)} days over after {min(found)}"
    report.goals = [
        Goal("P4", f"{history}, facts", many["facts"] / few["facts"], 1.25,
             why="rows of runs that did not change are kept"),
        Goal("P4b", f"{history}, mart by run", many["mart"] / few["mart"], 1.25),
        Goal("P4l", f"{history}, landing, whole process", many["land"] / few["land"], 1.25,
             why="files are hashed again at every landing, so that names and times decide nothing"),
    ]  # fmt: skip
    return report
