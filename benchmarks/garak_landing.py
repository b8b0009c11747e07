"""A large garak report from file to the attack success marts: P1 and P3b."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from benchmarks import models
from benchmarks.costs import Cost, Told, fastest, peer, read_whole, say, stage
from benchmarks.garak_reports import RUN_LINES, write_report
from benchmarks.results import Goal, Report, costs_table, slowest

NAME: Final = "garak"
SIZES: Final = (RUN_LINES, 10 * RUN_LINES)
MARTS: Final = ("attack_success_by_run", "attack_success_changes", "attack_success_drift")
PEERS: Final = ("split", "duckdb", "chdb", "polars", "orjson", "json", "pandas")

WHERE: Final = "docs/benchmarks.md says where the time goes"
MORE: Final = "ours checks every line whole, hashes the file, keeps each score and both intervals"
ENGINE: Final = "what the engine could do with these columns"

TITLES: Final = {
    "read": "raw read of the file",
    "split": "DuckDB: split into lines, count them",
    "duckdb": "DuckDB: scores and hits by probe and detector, declared columns",
    "chdb": "chdb: the same",
    "polars": "polars: the same, its detectors named beforehand",
    "orjson": "Python and orjson: the same",
    "json": "Python and json: the same",
    "pandas": "pandas: the same",
    "land": "`aism land`: every line checked, file to lake",
    "sql": "our attack models, one DuckDB process",
    "way": "**file to marts: land and models**",
}


def write(file: str, lines: str) -> None:
    """Write a report of so many attempt lines."""
    write_report(Path(file), int(lines))


def read(file: str) -> dict[str, Any]:
    """Read a file once; return seconds without the start of the process."""
    started, cpu = time.perf_counter(), time.process_time()
    read_whole(Path(file))
    return _taken(started, cpu)


def land() -> dict[str, Any]:
    """Land the folder: hash, read, write the lake; counted from the import of its modules.

    The peak adds up the processes, each at its own highest: an upper bound.
    """
    started, cpu = time.perf_counter(), time.process_time()
    from aism.land import land as land_folder
    from aism.land.workers import processes
    from aism.settings import Settings

    settings = Settings.from_environment()
    result = land_folder(settings.landing, settings.home)
    if result.rows_quarantined or not result.rows_loaded:
        raise SystemExit(f"landed {result}")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = _taken(started, cpu)
    taken["cpu"] += children.ru_utime + children.ru_stime
    taken["peak"] += processes() * children.ru_maxrss / 1024
    return taken


def build_marts() -> dict[str, Any]:
    """Make the marts and the tables under them again, from an open database."""
    home = Path(os.environ["AISM_HOME"])
    with models.open_build(home) as database:
        started, cpu = time.perf_counter(), time.process_time()
        seconds = models.rebuild(database, home, MARTS)
        return _taken(started, cpu) | {"seconds": seconds}


def _taken(started: float, cpu: float) -> dict[str, Any]:
    return {
        "wall": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measure(folder: Path, lines: int, without: Collection[str]) -> dict[str, Told]:
    """Measure all parts for a report of ``lines`` attempt lines."""
    report = folder / "landing" / "garak" / "made.report.jsonl"
    report.parent.mkdir(parents=True)
    (folder / "landing" / "as_of").write_text("2026-11-22\n", encoding="ascii")
    file = str(report)
    say(f"writing a report of {lines:,} attempt lines")
    stage(write, file, str(lines))
    told = {"read": fastest(lambda: _inside(stage(read, file)), 5)}
    for engine in (name for name in PEERS if name not in without):
        say(engine)
        turns = 1 if lines > RUN_LINES else 2
        told[engine] = fastest(lambda e=engine: peer(e, "lines", file), turns)  # type: ignore[misc]
    os.environ.update(models.environment(folder))
    say("landing")
    told["land"] = _inside(stage(land))
    say("dbt, for the compiled models")
    selected = [f"+{mart}" for mart in MARTS]
    models.dbt(folder, "build", "--exclude-resource-type", "test", "--select", *selected)
    say("the project's models")
    told["sql"] = fastest(lambda: _inside(stage(build_marts)), 2)
    taken, made = told["land"].cost, told["sql"].cost
    way = Cost(taken.wall + made.wall, taken.cpu + made.cpu, max(taken.peak, made.peak))
    told["way"] = Told(way, {})
    report.unlink()
    return told


def _inside(told: Told) -> Told:
    """Take what a stage says of itself for its cost: without the start of its process."""
    said = told.said
    return Told(Cost(said["wall"], said["cpu"], said["peak"]), said)


def measure_all(
    folder: Path, sizes: tuple[int, ...] = SIZES, without: Collection[str] = ()
) -> Report:
    """Measure every size; a million lines need 4 GB."""
    report = Report()
    found = {lines: measure(folder / str(lines), lines, without) for lines in sizes}
    for lines, told in sorted(found.items(), reverse=True):
        report.tables.append(f"### {lines:,} attempt lines")
        ratios = {"x read, wall": ("wall", "read"), "x read, CPU": ("cpu", "read")}
        report.tables.append(costs_table("part", TITLES, told, ratios))
        listed = slowest(told["sql"].said["seconds"], 4)
        report.tables.append(f"Where the models spend their wall time: {listed}.")
    report.goals = _goals(found)
    return report


def _goals(found: dict[int, dict[str, Told]]) -> list[Goal]:
    largest, least = found[max(found)], found[min(found)]
    cpu = {part: told.cost.cpu for part, told in largest.items()}
    lines = f"{max(found):,} lines"
    ratios = {
        "P1": ("file to marts over a raw read", "way", "read", 20, WHERE),
        "P1b": ("over DuckDB's own split into lines", "way", "split", 3, MORE),
        "P1c": ("over Python json counting hits", "way", "json", 0.25, MORE),
        "P1d": ("over orjson", "way", "orjson", 0.4, ""),
        "P1e": ("over polars", "way", "polars", 0.8, ""),
        "P1f": ("over chdb", "way", "chdb", 1.1, ""),
        "P1g": ("over pandas", "way", "pandas", 0.06, ""),
        "P1h": (
            "DuckDB on the peers' work over its split into lines",
            "duckdb",
            "split",
            3,
            ENGINE,
        ),
    }
    goals = [
        Goal(name, f"garak report, {lines}: {what}, CPU", cpu[above] / cpu[below], most, why=why)
        for name, (what, above, below, most, why) in ratios.items()
        if {above, below} <= cpu.keys()
    ]
    wall = largest["way"].cost.wall / largest["read"].cost.wall
    by_clock = f"garak report, {lines}: the same by the clock"
    goals.insert(1, Goal("P1a", by_clock, wall, 20, why=WHERE))
    if len(found) > 1:
        goals.append(
            Goal("P3b", f"peak memory of {max(found):,} lines over {min(found):,}, landing",
                 largest["land"].cost.peak / least["land"].cost.peak, 1.2)
        )  # fmt: skip
    return goals
