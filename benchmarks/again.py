"""Building again: nothing new (P4c), the same run sent twice (P5), from a clean state (P6c)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

from benchmarks import models
from benchmarks.costs import PROJECT, fastest, say, stage
from benchmarks.flat_attempts import MART
from benchmarks.garak_reports import RUN_LINES, write_report
from benchmarks.results import Goal, Report, table

NAME: Final = "again"


def report_of_a_run(file: str, seed: str) -> None:
    """Write a garak report of 100,000 lines."""
    write_report(Path(file), RUN_LINES, int(seed))


def build_attack_models(folder: str) -> dict[str, Any]:
    """Make the attack models; return what is in them."""
    home = Path(folder) / "home"
    with models.open_build(home) as database:
        models.rebuild(database, home, [MART])
        sums = models.contents(database)
    return {"sums": sums}


def measure_all(folder: Path) -> Report:
    """Measure; one full build of the sample, and two landings of a garak report."""
    sample = folder / "sample"
    shutil.copytree(PROJECT / "sample" / "landing", sample / "landing")
    say("parse, cold")
    cold = models.dbt(sample, "parse", "--no-partial-parse")
    warm = fastest(lambda: models.dbt(sample, "parse"), 2)
    say("build of the sample, clean state")
    first = models.aism(sample, "build", "--as-of", "2026-11-22")
    say("again")
    nothing_new = fastest(lambda: models.aism(sample, "build", "--as-of", "2026-11-22"), 3)
    say("a run sent twice")
    sent = _sent_twice(folder / "twice")
    report = Report()
    rows = [
        ["`dbt parse`, cold", cold.cost],
        ["`dbt parse`, warm", warm.cost],
        ["`aism build` of the sample, clean state: all models, 305 tests, published", first.cost],
        ["`aism build` again, no new files", nothing_new.cost],
        ["`aism land` of a garak run of 100,000 lines", sent["first"].cost],
        ["the same bytes under a second name", sent["second"].cost],
        ["the attack models before, in one process", sent["before"].cost],
        ["the attack models after, in one process", sent["after"].cost],
    ]
    report.tables.append(
        table(
            ["what", "wall s", "CPU s", "x warm parse, CPU", "peak MB"],
            [
                [what, cost.wall, cost.cpu, cost.cpu / warm.cost.cpu, f"{cost.peak:,.0f}"]
                for what, cost in rows
            ],
        )
    )
    if sent["before"].said != sent["after"].said:
        raise SystemExit(f"sent twice, counted twice: {sent['before'].said}, {sent['after'].said}")
    both = sent["second"].cost.cpu + sent["after"].cost.cpu
    report.goals = [
        Goal("P4c", "a build without new files over a warm `dbt parse`, CPU",
             nothing_new.cost.cpu / warm.cost.cpu, 3,
             why="same files, day and project as the current generation: dbt does not start"),
        Goal("P5", "a run sent again under another name over its first landing and build, CPU",
             both / (sent["first"].cost.cpu + sent["before"].cost.cpu), 1.2,
             why="fact and mart have the same rows before and after, by sums over their hashes"),
        Goal("P6c", "build of the sample from a clean state over a cold `dbt parse`, CPU",
             first.cost.cpu / cold.cost.cpu, 4,
             why="with landing, every data test and publishing; a parse does none of them"),
    ]  # fmt: skip
    return report


def _sent_twice(folder: Path) -> dict[str, Any]:
    report = folder / "landing" / "garak" / "run.report.jsonl"
    report.parent.mkdir(parents=True)
    (folder / "landing" / "as_of").write_text("2026-11-22\n", encoding="ascii")
    # Another run first: what has to exist in any case is not part of the first landing.
    stage(report_of_a_run, str(report.with_name("other.report.jsonl")), "7")
    models.dbt(folder, "build", "--exclude-resource-type", "test", "--select", f"+{MART}")
    stage(report_of_a_run, str(report), "8")
    told = {"first": models.aism(folder, "land")}
    told["before"] = stage(build_attack_models, str(folder))
    shutil.copyfile(report, report.with_name("sent-again.report.jsonl"))
    told["second"] = models.aism(folder, "land")
    told["after"] = stage(build_attack_models, str(folder))
    return told
