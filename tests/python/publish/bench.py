"""A small build file made without dbt, and a bench to publish it on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from aism.publish import Build, Published, publish
from aism.settings import Settings

PROJECT = Path(__file__).resolve().parents[3]
FAKE_AISM = (sys.executable, "-m", "tests.python.publish.fake_aism")

SCHEMA = """
create schema core;
create schema marts;
create schema staging;
create table staging.raw_things (payload varchar);
insert into staging.raw_things values ('never published');
create table core.dim_systems (system_id varchar primary key, tier varchar, owner_team varchar);
insert into core.dim_systems values ('b', 'low', 'Theirs'), ('a', null, 'Ours');
create table marts.build_generation (
    generation bigint, invocation_id varchar not null, built_at timestamp, published_at timestamp,
    as_of date not null, landing_sha256 varchar, project_version varchar, dbt_version varchar,
    engine_version varchar, git_commit varchar
);
create table marts.landing_files (
    file_name varchar not null, source varchar, file_sha256 varchar, rows_read bigint,
    rows_loaded bigint, rows_superseded bigint, rows_quarantined bigint, is_complete boolean
);
insert into marts.landing_files values
    ('findings.csv', 'program/findings', 'f1', 10, 8, 1, 1, true),
    ('run.jsonl', 'garak', 'f2', 5, 4, 0, 1, false),
    ('noise.bin', 'unknown', 'f3', 0, 0, 0, 0, true);
create table marts.quarantined_rows (
    file_name varchar not null, line_number bigint, record_path varchar, reason varchar not null
);
insert into marts.quarantined_rows values
    ('findings.csv', 3, null, 'bad_number'),
    ('run.jsonl', null, '$.a', 'wrong_type'),
    ('noise.bin', null, null, 'unreadable_file');
create table marts.delivery_checks (severity varchar not null, status varchar not null);
insert into marts.delivery_checks values
    ('info', 'warned'), ('warning', 'passed'), ('critical', 'warned'), ('critical', 'warned');
create table marts.metric_values (
    metric_id varchar not null, period_grain varchar, period_start date, is_partial_period boolean,
    segment_dimension varchar, segment_value varchar, value double, sample_size bigint,
    target_low double, target_high double, target_status varchar, previous_value double,
    change double, unit varchar
);
create table marts.metric_catalog (
    metric_id varchar not null, name varchar, dimension varchar, unit varchar, is_core boolean,
    definition_sha256 varchar
);
insert into marts.metric_catalog values
    ('acceptance', 'Finding acceptance rate', 'effectiveness', 'percent', true, 'formula'),
    ('mttr', 'Mean time to remediate', 'efficiency', 'days', true, 'formula'),
    ('silent', 'Never measured', 'impact', 'days', true, 'formula'),
    ('minor', 'Not core', 'impact', 'days', false, 'formula');
comment on table marts.metric_values is 'It''s one row per metric';
comment on column marts.metric_values.value is 'In "unit"';
"""


NODES = {
    f"model.project.{name}": {
        "resource_type": "model",
        "schema": schema,
        "alias": name,
        "config": {"meta": {"team_file": {"rows": rows}}},
    }
    for schema, name, rows in (
        ("core", "dim_systems", "systems"),
        ("marts", "metric_values", "all"),
        ("marts", "build_generation", "all"),
    )
}
"""What the manifest declares of the tables above: of all others no team gets anything."""


def write_build_file(file: Path, marker: float, change_sql: str = "") -> None:
    """Write a build file in which the marts carry ``marker``: a reader can tell a mixture."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with duckdb.connect(file) as connection:
        connection.execute(SCHEMA)
        connection.execute(
            "insert into marts.build_generation values "
            "(null, 'run-1', '2026-06-30', null, '2026-06-30', ?, '1', '1', '1', null)",
            [str(marker)],
        )
        connection.execute(
            """
            insert into marts.metric_values
            select
                metric_id, 'month', month, month = date '2026-06-01', 'all', 'all',
                if(metric_id = 'acceptance', $marker, 6.44), 41, 80, null, 'met', 1, 0.5, unit
            from marts.metric_catalog, (values (date '2026-05-01'), ('2026-06-01')) as m (month)
            where metric_id <> 'silent'
            """,
            {"marker": marker},
        )
        connection.execute(change_sql or "select 1")


def write_run(
    file: Path,
    *,
    invocation_id: str = "run-1",
    statuses: tuple[str, ...] = ("pass", "pass", "warn"),
    **args: Any,
) -> None:
    """Write the record of a dbt run with tests of these statuses."""
    file.parent.mkdir(parents=True, exist_ok=True)
    record = {
        "metadata": {"invocation_id": invocation_id, "dbt_version": "1.11"},
        "args": {"which": "build", "select": [], "exclude": []} | args,
        "results": [
            {"unique_id": "model.project.metric_values", "status": "success"},
            *(
                {"unique_id": f"test.project.test_{number}", "status": status}
                for number, status in enumerate(statuses)
            ),
        ],
    }
    file.write_text(json.dumps(record))
    file.with_name("manifest.json").write_text(json.dumps({"nodes": NODES}))


@dataclass(frozen=True)
class Bench:
    """A working state and a warehouse of one test."""

    settings: Settings

    @property
    def warehouse(self) -> Path:
        return self.settings.warehouse

    @property
    def build_file(self) -> Path:
        return self.settings.home / "build.duckdb"

    @property
    def run_results(self) -> Path:
        return self.settings.home / "target" / "run_results.json"

    def build(self, marker: float = 1.0, *, change_sql: str = "", **run: Any) -> None:
        """Leave what a plain `dbt build` leaves."""
        write_build_file(self.build_file, marker, change_sql)
        write_run(self.run_results, **run)

    def write_good_run(self) -> None:
        write_run(self.run_results)

    def publish(self) -> Published:
        return publish(self.settings, Build(self.build_file, self.run_results))

    def generation(self) -> tuple[int, float]:
        """Read the current generation as a reader does: number and marker, from two tables."""
        name = (self.warehouse / "CURRENT").read_text().strip()
        with duckdb.connect(self.warehouse / name, read_only=True) as connection:
            number, marker = connection.execute(
                "select generation, cast(landing_sha256 as double) from marts.build_generation"
            ).fetchall()[0]
            values = connection.execute(
                "select distinct value from marts.metric_values where metric_id = 'acceptance'"
            ).fetchall()
        assert values == [(marker,)], "a mixed generation"
        assert name == f"generation-{number:06d}.duckdb"
        return number, marker

    def aism(
        self, *arguments: str, within: tuple[str, ...] = (), **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line as a process of its own, landing and dbt replaced by fakes.

        ``within`` is a command that runs it under a limit.
        """
        return subprocess.run(
            [*within, *FAKE_AISM, *arguments],
            capture_output=True,
            text=True,
            cwd=PROJECT,
            env=os.environ | self.settings.environment | environment,
        )

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start the same and do not wait for it."""
        return subprocess.Popen(
            [*FAKE_AISM, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            env=os.environ | self.settings.environment | environment,
        )
