"""What dbt adds to the SQL that it runs, and sqlmesh on as many models: P6."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

from benchmarks import models
from benchmarks.costs import PEERS, PROJECT, Told, fastest, program, run, say, stage
from benchmarks.results import Goal, Report, table

NAME: Final = "nodes"
STAGING, INTERMEDIATE, MARTS = 20, 30, 30
"""Models of the project that is written for dbt and for sqlmesh alike, with two checks on each."""


def all_sql(folder: str) -> dict[str, Any]:
    """Run the SQL of every model and data test of the project in this process, seeds loaded."""
    home = Path(folder) / "home"
    known = models.manifest(home)
    names = [node["name"] for node in known["nodes"].values() if node["resource_type"] == "model"]
    tests = [
        node
        for node in known["nodes"].values()
        if node["resource_type"] == "test" and node.get("compiled_code")
    ]
    with models.open_build(home) as database:
        database.execute("set threads = 1")  # as dbt does
        begun = time.process_time()
        for node in models.upstream(known, names):
            kind = node["config"]["materialized"]
            if kind in ("table", "view"):
                database.execute(
                    f"create or replace {kind} {node['relation_name']} as "
                    f"{models.compiled(home, node)}"
                )
        made = time.process_time()
        for node in tests:
            database.execute(f"select count(*) from ({node['compiled_code']})").fetchall()
        tested = time.process_time()
    return {
        "models": made - begun,
        "tests": tested - made,
        "model_nodes": len(names),
        "test_nodes": len(tests),
    }


def write_projects(folder: str) -> None:
    """Write 80 trivial models with 160 checks, once for dbt and once for sqlmesh."""
    root = Path(folder)
    for path in ("dbt/models", "sqlmesh/models"):
        (root / path).mkdir(parents=True)
    (root / "dbt" / "dbt_project.yml").write_text(
        "name: demo\nprofile: demo\nflags: {send_anonymous_usage_stats: false}\n"
        "models: {demo: {+materialized: table}}\n",
        encoding="utf-8",
    )
    (root / "dbt" / "profiles.yml").write_text(
        "demo:\n  target: dev\n  outputs:\n"
        "    dev: {type: duckdb, path: demo.duckdb, schema: demo, threads: 1}\n",
        encoding="utf-8",
    )
    (root / "sqlmesh" / "config.yaml").write_text(
        "gateways:\n  local:\n    connection: {type: duckdb, database: demo.duckdb}\n"
        "default_gateway: local\nmodel_defaults: {dialect: duckdb, start: 2026-01-01}\n",
        encoding="utf-8",
    )
    described = []
    for name, parent in _demo():
        source = "range(100) as numbers(id)" if parent is None else "{}"
        sql = "select id, id * 2 as amount\nfrom " + source + "\n"
        dbt_sql = sql.format("{{ ref('" + str(parent) + "') }}")
        (root / "dbt" / "models" / f"{name}.sql").write_text(dbt_sql, encoding="utf-8")
        described.append(
            f"  - name: {name}\n    columns: [{{name: id, data_tests: [not_null, unique]}}]\n"
        )
        head = (
            f"MODEL (name demo.{name}, kind FULL, audits (not_null(columns := (id)), "
            "unique_values(columns := (id))));\n\n"
        )
        (root / "sqlmesh" / "models" / f"{name}.sql").write_text(
            head + sql.format(f"demo.{parent}"), encoding="utf-8"
        )
    (root / "dbt" / "models" / "demo.yml").write_text(
        "version: 2\nmodels:\n" + "".join(described), encoding="utf-8"
    )


def _demo() -> list[tuple[str, str | None]]:
    """Return the names of the trivial models, each with the model that it reads."""
    found: list[tuple[str, str | None]] = [(f"stg_{n}", None) for n in range(STAGING)]
    found += [(f"int_{n}", f"stg_{n % STAGING}") for n in range(INTERMEDIATE)]
    found += [(f"mart_{n}", f"int_{n % INTERMEDIATE}") for n in range(MARTS)]
    return found


def demo_floor() -> dict[str, Any]:
    """Do the work of that project in one DuckDB process."""
    import duckdb

    with duckdb.connect() as database:
        for name, parent in _demo():
            source = parent or "range(100) as numbers(id)"
            database.execute(f"create table {name} as select id, id * 2 as amount from {source}")
            database.execute(f"select count(*) from {name} where id is null").fetchall()
            database.execute(
                f"select count(*) from (select id from {name} group by id having count(*) > 1)"
            ).fetchall()
    return {}


def _demo_dbt(root: Path) -> Told:
    return run([program("dbt"), "--quiet", "build", "--profiles-dir", "."], {}, root / "dbt")


def _demo_sqlmesh(root: Path) -> Told:
    return run(
        [str(PEERS / "bin" / "sqlmesh"), "plan", "--auto-apply", "--no-prompts"],
        {"SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "true"},
        root / "sqlmesh",
    )


def measure_all(folder: Path) -> Report:
    """Measure the sample's build, its parts, and the trivial project in both tools."""
    ours = folder / "ours"
    (ours / "landing").parent.mkdir(parents=True)
    (ours / "landing").symlink_to(PROJECT / "sample" / "landing")
    say("build of the sample by dbt")
    untested = ("--exclude-resource-types", "unit_test")
    models.aism(ours, "land")
    models.dbt(ours, "parse")
    build = models.dbt(ours, "build", *untested)
    parse = fastest(lambda: models.dbt(ours, "parse"), 3)
    say("models, then tests")
    ran = models.dbt(ours, "run")
    tested = models.dbt(ours, "test", "--exclude-resource-types", "unit_test")
    sql = stage(all_sql, str(ours))
    say("trivial models: dbt and sqlmesh")
    stage(write_projects, str(folder))
    demo = {"floor": fastest(lambda: stage(demo_floor), 3)}
    demo["dbt, first time"] = _demo_dbt(folder)
    demo["sqlmesh plan, first time"] = _demo_sqlmesh(folder)
    demo["dbt, again"] = fastest(lambda: _demo_dbt(folder), 2)
    demo["sqlmesh plan, nothing changed"] = fastest(lambda: _demo_sqlmesh(folder), 2)
    return _report({"build": build, "parse": parse, "run": ran, "test": tested, "sql": sql}, demo)


def _report(told: dict[str, Told], demo: dict[str, Told]) -> Report:
    cpu = {part: one.cost.cpu for part, one in told.items()}
    said = told["sql"].said
    say(json.dumps(said))
    model = (cpu["run"] - cpu["parse"] - said["models"]) / said["model_nodes"]
    test = (cpu["test"] - cpu["parse"] - said["tests"]) / said["test_nodes"]
    nodes = f"{said['model_nodes']} models and {said['test_nodes']} data tests"
    report = Report()
    report.tables.append(
        table(
            [f"the sample: {nodes}", "wall s", "CPU s", "x SQL alone, CPU"],
            [
                [what, told[part].cost.wall, cpu[part], cpu[part] / cpu["sql"]]
                for part, what in {
                    "sql": "SQL of models and tests in one DuckDB process",
                    "parse": "`dbt parse`, warm",
                    "run": "`dbt run`: models",
                    "test": "`dbt test`: data tests",
                    "build": "`dbt build`: seeds, models, data tests",
                }.items()
            ],
        )
    )
    report.tables.append(
        f"Beyond SQL and start, dbt takes {1000 * model:.0f} ms of CPU for a model and "
        f"{1000 * test:.0f} ms for a test."
    )
    report.tables.append(
        table(
            ["80 trivial models, 160 checks", "wall s", "CPU s", "x one DuckDB process, CPU"],
            [
                [what, one.cost.wall, one.cost.cpu, one.cost.cpu / demo["floor"].cost.cpu]
                for what, one in demo.items()
            ],
        )
    )
    report.goals = [
        Goal("P6", f"`dbt build` of the sample over its SQL in one DuckDB process, CPU, {nodes}",
             cpu["build"] / cpu["sql"], 20),
        Goal("P6b", "a model more, as a share of a warm `dbt parse`", 100 * model / cpu["parse"],
             1.2, "%", why="contracts, comments on each column and a statistics hook are in it"),
        Goal("P6b2", "a test more, as a share of a warm `dbt parse`", 100 * test / cpu["parse"],
             0.7, "%"),
        Goal("P6d", "dbt over sqlmesh, 80 models and 160 checks, first time, CPU",
             demo["dbt, first time"].cost.cpu / demo["sqlmesh plan, first time"].cost.cpu, 1.1),
    ]  # fmt: skip
    return report
