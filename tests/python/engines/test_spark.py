"""The models on a Spark cluster: the same rows as on DuckDB, but for a mart that is too much."""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.python.compiled import PROJECT
from tests.python.engines.cluster import Cluster, running_cluster, spark_home
from tests.python.engines.compare import differences, without
from tests.python.engines.conftest import SEEDS, Organisation
from tests.python.engines.database import Database
from tests.python.engines.duck import DBT

pytestmark = pytest.mark.engines

# Data tests read views anew each time, which takes Spark several times as long as the build.
WHOLE_BUILD = [
    *(DBT, "--quiet", "build", "--target", "spark"),
    *("--exclude-resource-types", "test", "unit_test", "--exclude", "attack_success_changes"),
]
NOT_ON_SPARK = ("marts.attack_success_changes",)
"""Its formula, written out, takes more memory to plan than a driver of 2 GB has."""


class Spark(Database):
    """A cluster with what dbt makes of a lake."""

    brings = "land"
    whole_build = WHOLE_BUILD

    def __init__(self, cluster: Cluster, home: Path) -> None:
        super().__init__(home)
        self.cluster = cluster

    def variables(self) -> dict[str, str]:
        return self.cluster.environment(self._home / "lake")

    def connected(self) -> AbstractContextManager[Any]:
        return self.cluster.connected()

    def names(self, cursor: Any) -> list[str]:
        return [
            f"{schema}.{name}"
            for schema in ("core", "marts")
            for _, name, _ in self.rows(cursor, f"show tables in {schema}")
        ]

    def rows(self, cursor: Any, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query; the driver leaves dates as text."""
        found = super().rows(cursor, query)
        dates = [column[1] == "DATE_TYPE" for column in cursor.description]
        return [
            tuple(
                dt.date.fromisoformat(value) if is_date and isinstance(value, str) else value
                for value, is_date in zip(row, dates, strict=True)
            )
            for row in found
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
