"""MetricFlow asked for numerators and denominators answers what metric_values publishes."""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.python.compiled import PROJECT

MF = Path(sys.executable).with_name("mf")
pytestmark = pytest.mark.skipif(not MF.exists(), reason="dbt-metricflow is not installed")

Sums = dict[tuple[str, dt.date, str], tuple[float, float]]

PARTS = ("dbt_project.yml", "profiles.yml", "macros", "models", "seeds", "tests")


@pytest.fixture(scope="session")
def project(sample_warehouse: Path, state: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project in which `mf` finds dbt's artifacts: it looks for the folder `target`."""
    folder = tmp_path_factory.mktemp("metricflow")
    for part in PARTS:
        (folder / part).symlink_to(PROJECT / part)
    (folder / "target").symlink_to(state / "builds" / "target")
    shutil.copyfile(sample_warehouse / "current.duckdb", folder / "build.duckdb")
    return folder


@pytest.fixture(scope="session")
def answered(project: Path, state: Path) -> Sums:
    """Return numerators and denominators by metric, month and team, `` where there is none."""
    answer = project / "answer.csv"
    by = ("metric_time__month", "observation__metric_id", "observation__owner_team")
    subprocess.run(
        [
            *(MF, "query", "--metrics", "observed_numerator,observed_denominator"),
            *("--group-by", ",".join(by), "--csv", str(answer)),
        ],
        cwd=project,
        env=os.environ
        | {
            "AISM_HOME": str(state),
            "AISM_BUILD_FILE": str(project / "build.duckdb"),
            "AISM_LANDED": "1",
            "DBT_LOG_PATH": str(project / "logs"),
            "PYTHONPATH": str(PROJECT),
        },
        check=True,
        capture_output=True,
    )
    with answer.open(encoding="utf-8", newline="") as stream:
        return {
            (row[by[1]], dt.date.fromisoformat(row[by[0]][:10]), row[by[2]]): (
                float(row["observed_numerator"] or 0),
                float(row["observed_denominator"] or 0),
            )
            for row in csv.DictReader(stream)
        }


def published(project: Path, segment: str | None) -> Sums:
    with duckdb.connect(str(project / "build.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            """
            select metric_id, period_start, segment_value, numerator, denominator
            from marts.metric_values
            where period_grain = 'month' and segment_dimension = $segment
            """,
            {"segment": segment or "all"},
        ).fetchall()
    return {row[:3]: (row[3] or 0.0, row[4] or 0.0) for row in rows}


def test_teams_add_up_to_every_number_of_the_whole(project: Path, answered: Sums) -> None:
    whole: dict[tuple[str, dt.date], list[tuple[float, float]]] = {}
    for (metric_id, month, _), sums in answered.items():
        whole.setdefault((metric_id, month), []).append(sums)
    numbers = {key[:2]: sums for key, sums in published(project, None).items()}
    assert len(numbers) > 500
    counted = {key for key, sums in numbers.items() if sums != (0.0, 0.0)}
    assert counted <= whole.keys() <= numbers.keys()
    for key, parts in whole.items():
        added = tuple(map(sum, zip(*parts, strict=True)))
        assert added == pytest.approx(numbers[key], rel=1e-9, abs=1e-9), key


def test_a_team_has_its_number_where_both_sides_know_it(project: Path, answered: Sums) -> None:
    numbers = published(project, "owner_team")
    both_sides = {"finding_acceptance_rate", "pre_deployment_test_rate", "vulnerability_density"}
    compared = 0
    for key, sums in answered.items():
        if key[0] in both_sides and key in numbers:
            assert sums == pytest.approx(numbers[key], rel=1e-9, abs=1e-9), key
            compared += 1
    assert compared > 20
