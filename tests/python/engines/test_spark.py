"""The models on a Spark cluster: the same rows as on DuckDB, but for a mart that is too much."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.python.compiled import PROJECT, environment, succeed
from tests.python.engines.cluster import Cluster, running_cluster, spark_home
from tests.python.engines.compare import Table, differences, without
from tests.python.engines.conftest import SEEDS, Organisation
from tests.python.engines.duck import DBT, OF_THE_BUILD

pytestmark = pytest.mark.engines

# Data tests read views anew each time, which takes Spark several times as long as the build.
WHOLE_BUILD = [
    *(DBT, "--quiet", "build", "--target", "spark"),
    *("--exclude-resource-types", "test", "unit_test", "--exclude", "attack_success_changes"),
]
NOT_ON_SPARK = ("marts.attack_success_changes",)
"""Its formula, written out, takes more memory to plan than a driver of 2 GB has."""


class Spark:
    """A cluster with what dbt makes of a lake."""

    def __init__(self, cluster: Cluster, home: Path) -> None:
        self.cluster = cluster
        self._home = home

    def settings(self, landing: Path, as_of: dt.date) -> dict[str, str]:
        return environment(
            landing,
            self._home,
            as_of,
            AISM_WAREHOUSE_DIR=str(self._home / "warehouse"),
            **self.cluster.environment(self._home / "lake"),
        )

    def build(self, landing: Path, as_of: dt.date) -> None:
        settings = self.settings(landing, as_of)
        succeed([sys.executable, "-m", "aism", "land"], settings)
        succeed(WHOLE_BUILD, settings)

    def tables(self, like: dict[str, Table]) -> dict[str, Table]:
        """Read core and marts through the Thrift server."""
        found: dict[str, Table] = {}
        with self.cluster.connected() as cursor:
            names = [
                f"{schema}.{name}"
                for schema in ("core", "marts")
                for _, name, _ in rows_of(cursor, f"show tables in {schema}")
            ]
            for name in names:
                if name not in OF_THE_BUILD:
                    rows = rows_of(cursor, f"select * from {name}")
                    columns = [column[0].split(".")[-1] for column in cursor.description]
                    doubles = like[name].doubles if name in like else frozenset[str]()
                    found[name] = Table(columns, doubles, rows)
        return found


def rows_of(cursor: Any, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query; the driver leaves dates as text."""
    cursor.execute(query)
    dates = [column[1] == "DATE_TYPE" for column in cursor.description]
    return [
        tuple(
            dt.date.fromisoformat(value) if is_date and isinstance(value, str) else value
            for value, is_date in zip(row, dates, strict=True)
        )
        for row in cursor.fetchall()
    ]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    """Skip where Spark, dbt's adapter or Java is not installed."""
    home = spark_home()
    if home is None:
        pytest.skip("no dbt-spark, pyspark or Java here: make setup-spark")
    with running_cluster(home, tmp_path_factory.mktemp("cluster")) as cluster:
        yield Spark(cluster, tmp_path_factory.mktemp("spark"))


@pytest.fixture(scope="module")
def sample(spark: Spark, organisations: dict[str, Organisation]) -> Organisation:
    """Return the sample, built and published."""
    organisation = organisations["sample"]
    spark.build(organisation.landing, organisation.as_of)
    return organisation


def test_the_sample_is_the_same_on_spark(spark: Spark, sample: Organisation) -> None:
    theirs = spark.tables(sample.tables)
    assert len(theirs["marts.metric_values"].rows) > 10_000
    assert differences(without(sample.tables, NOT_ON_SPARK), theirs) == []


def test_the_lake_is_asked_for(spark: Spark, sample: Organisation) -> None:
    settings = spark.settings(sample.landing, sample.as_of)
    del settings["AISM_SPARK_LAKE"]
    failed = subprocess.run(
        [*WHOLE_BUILD, "--select", "metric_catalog"],
        cwd=PROJECT,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert failed.returncode != 0
    assert "AISM_SPARK_LAKE" in failed.stdout


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_organisation_is_the_same_on_spark(
    spark: Spark, sample: Organisation, organisations: dict[str, Organisation], seed: int
) -> None:
    """Built where the sample was: the views of the lake read the files that are there now."""
    organisation = organisations[f"random-{seed}"]
    spark.build(organisation.landing, organisation.as_of)
    theirs = spark.tables(organisation.tables)
    assert differences(without(organisation.tables, NOT_ON_SPARK), theirs) == []
