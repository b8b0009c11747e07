"""How long a large garak report takes from file to attack success marts, and how much memory.

    python -m benchmarks.garak_landing [--lines 100000 1000000] [--folder DIR]

Everything is measured in child processes, on files that are in the page cache; the raw read is the
fastest of five. Landing counts from the import of its modules, the SQL from an open database.
The figure to quote is a ratio to reading the same bytes: seconds say more about the machine.
Nothing is written outside a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.garak_reports import RUN_LINES, write_report

PROJECT = Path(__file__).resolve().parents[1]
MARTS = ("attack_success_by_run", "attack_success_changes", "attack_success_drift")
READS = 5
MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took, the processes it began included."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of all processors together."""
    peak: float
    """MB, of the largest process; ``land`` adds up all of its processes."""


def main() -> None:
    """Measure and print one table per part; see the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, nargs="+", default=[RUN_LINES, 10 * RUN_LINES])
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made")
    parser.add_argument("--stage", choices=["read", "land", "sql"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.stage:
        _STAGES[arguments.stage]()
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        sizes = arguments.lines
        _print({lines: _measure(Path(folder), lines) for lines in sizes})


def _measure(folder: Path, lines: int) -> dict[str, Cost]:
    """Measure all parts for a report of ``lines`` attempt lines."""
    home = folder / str(lines)
    report = home / "landing" / "garak" / "made.report.jsonl"
    report.parent.mkdir(parents=True)
    _say(f"writing a report of {lines:,} attempt lines")
    write_report(report, lines)
    environment = {
        **os.environ,
        "AISM_LANDING_DIR": str(home / "landing"),
        "AISM_HOME": str(home / "home"),
        "AISM_WAREHOUSE_DIR": str(home / "warehouse"),
        "DBT_LOG_PATH": str(home / "logs"),
    }
    _say("reading")
    costs = {"read": min((_run_stage("read", environment) for _ in range(READS)), key=_wall)}
    _say("landing")
    costs["land"] = _run_stage("land", environment)
    _say("dbt: all models, no tests")
    costs["dbt"] = _run(_dbt("build", "--exclude-resource-type", "test", "unit_test"), environment)
    _say("the SQL of the attack models in one process")
    costs["sql"] = _run_stage("sql", environment)
    _say("aism build: everything, tests and publishing included")
    costs["build"] = _run(
        [str(Path(sys.executable).with_name("aism")), "build", "--force"], environment
    )
    report.unlink()
    return costs


def _wall(cost: Cost) -> float:
    return cost.wall


def _dbt(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("dbt")), "--quiet", *arguments]


def _run_stage(stage: str, environment: dict[str, str]) -> Cost:
    command = [sys.executable, "-m", "benchmarks.garak_landing", "--stage", stage]
    return _run(command, environment)


def _run(command: list[str], environment: dict[str, str]) -> Cost:
    """Run a command to its end; a stage says itself what it took, without what it prepared."""
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - commands of this module
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if status:
        raise SystemExit(f"{' '.join(command)} failed:\n{said.decode(errors='replace')}")
    if "--stage" in command:
        return Cost(**json.loads(said))
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _stage_read() -> None:
    """Read the file once, as any reader must."""
    [report] = Path(os.environ["AISM_LANDING_DIR"]).glob("garak/*")
    buffer = bytearray(MB)
    started, cpu = time.perf_counter(), time.process_time()
    with report.open("rb", buffering=0) as stream:
        while stream.readinto(buffer):
            pass
    _tell(time.perf_counter() - started, time.process_time() - cpu, _peak_mb())


def _stage_land() -> None:
    """Land the folder: hash, read, write the lake."""
    started = time.perf_counter()
    from aism.land import land
    from aism.land.workers import processes
    from aism.settings import Settings

    settings = Settings.from_environment()
    result = land(settings.landing, settings.home)
    if result.rows_quarantined or not result.rows_loaded:
        raise SystemExit(f"landed {result}")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = time.process_time() + children.ru_utime + children.ru_stime
    _tell(time.perf_counter() - started, cpu, _peak_mb() + processes() * children.ru_maxrss / 1024)


def _stage_sql() -> None:
    """Make the tables that the marts stand on, and the marts, again: the same SQL without dbt."""
    import duckdb

    home = Path(os.environ["AISM_HOME"])
    manifest = json.loads((home / "target" / "manifest.json").read_text())
    compiled = home / "target" / "compiled" / "ai_security_metrics"
    database = duckdb.connect(str(home / "build.duckdb"))
    database.execute("set TimeZone = 'UTC'")
    started, cpu = time.perf_counter(), time.process_time()
    seconds: dict[str, float] = {}
    for node in _tables(manifest):
        sql = (compiled / node["original_file_path"]).read_text()
        begun = time.perf_counter()
        database.execute(f"create or replace table {node['relation_name']} as {sql}")
        seconds[node["name"]] = time.perf_counter() - begun
    _tell(time.perf_counter() - started, time.process_time() - cpu, _peak_mb())
    for name, taken in sorted(seconds.items(), key=lambda entry: -entry[1])[:6]:
        _say(f"    {taken:6.2f} s  {name}")


def _tables(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """List the models that are tables, of the marts and all they stand on, in building order."""
    ordered: dict[str, dict[str, Any]] = {}

    def visit(key: str) -> None:
        node = manifest["nodes"].get(key)
        if node is None or node["resource_type"] != "model" or key in ordered:
            return
        for parent in node["depends_on"]["nodes"]:
            visit(parent)
        ordered[key] = node

    for mart in MARTS:
        visit(f"model.ai_security_metrics.{mart}")
    return [node for node in ordered.values() if node["config"]["materialized"] == "table"]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tell(wall: float, cpu: float, peak: float) -> None:
    print(json.dumps({"wall": wall, "cpu": cpu, "peak": peak}))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


_STAGES = {"read": _stage_read, "land": _stage_land, "sql": _stage_sql}
_TITLES = {
    "read": "raw read of the file",
    "land": "`aism land`: file to lake",
    "sql": "SQL of the attack models, one DuckDB process",
    "way": "**file to marts: land + SQL**",
    "dbt": "`dbt build` of all models, no tests",
    "build": "`aism build`: all models, tests, publishing (landed before)",
}


def _print(measured: dict[int, dict[str, Cost]]) -> None:
    for lines, costs in measured.items():
        land, sql, read = costs["land"], costs["sql"], costs["read"]
        costs["way"] = Cost(land.wall + sql.wall, land.cpu + sql.cpu, max(land.peak, sql.peak))
        print(f"\n{lines:,} attempt lines, {os.cpu_count()} processors\n")
        print("| part | wall s | CPU s | x read, wall | x read, CPU | peak MB |")
        print("|---|---|---|---|---|---|")
        for part, title in _TITLES.items():
            cost = costs[part]
            print(
                f"| {title} | {cost.wall:.2f} | {cost.cpu:.2f} | {cost.wall / read.wall:.1f} "
                f"| {cost.cpu / read.cpu:.1f} | {cost.peak:.0f} |"
            )
    if len(measured) > 1:
        few, many = measured[min(measured)], measured[max(measured)]
        print(f"\n| peak of {max(measured):,} over {min(measured):,} | ratio |\n|---|---|")
        for part in ("land", "sql", "way"):
            print(f"| {_TITLES[part]} | {many[part].peak / few[part].peak:.2f} |")


if __name__ == "__main__":
    main()
