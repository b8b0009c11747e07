"""The models on a Spark cluster: the same rows as on DuckDB, turned to readers view by view."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.python.compiled import PROJECT, succeed
from tests.python.engines.cluster import Cluster, running_cluster, spark_home
from tests.python.engines.compare import differences
from tests.python.engines.conftest import SEEDS, Organisation
from tests.python.engines.database import Database
from tests.python.engines.duck import DBT
from tests.python.engines.moments import compiled_moments, moments_on_duckdb

pytestmark = pytest.mark.engines

# Data tests read views anew each time, which takes Spark several times as long as the build.
WHOLE_BUILD = [
    *(DBT, "--quiet", "build", "--target", "spark"),
    *("--exclude-resource-types", "test", "unit_test"),
]

# Hive looks for functions of its own when a session ends in a thread that has not worked yet.
NO_CLASS = re.compile(r"TCloseSessionResp\(.*java\.lang\.NoClassDefFoundError")
ATTEMPTS = 3


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

    def build(self, landing: Path, as_of: dt.date) -> None:
        """Build; again where a session could not be closed for want of what pip's Spark lacks."""
        for _ in range(ATTEMPTS - 1):
            try:
                return super().build(landing, as_of)
            except AssertionError as error:
                if not NO_CLASS.search(str(error)):
                    raise
        return super().build(landing, as_of)

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


def published(spark: Spark, cursor: Any) -> list[tuple[Any, ...]]:
    """Return the generation that readers see, and whether it is what was built last."""
    return spark.rows(
        cursor,
        "select published.generation, published.invocation_id = built.invocation_id"
        " from marts.build_generation as published cross join next_marts.build_generation as built",
    )


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
    assert differences(sample.tables, theirs) == []


def test_readers_see_comments_and_a_generation(spark: Spark, sample: Organisation) -> None:
    with spark.connected() as cursor:
        described = spark.rows(cursor, "describe extended marts.metric_values")
        comments = {name: comment for name, _, comment in described}
        details = {name: value for name, value, _ in described}
        assert comments["metric_id"] == "The metric; its words are in metric_catalog."
        assert details["Comment"].startswith("One row per metric")
        assert details["Type"] == "VIEW"
        assert published(spark, cursor) == [(1, True)]
        (kept,) = spark.rows(cursor, "select count(*) from history.metric_values")
        assert kept == (len(sample.tables["marts.metric_values"].rows),)


def test_a_part_of_the_project_publishes_nothing(spark: Spark, sample: Organisation) -> None:
    settings = spark.settings(sample.landing, sample.as_of)
    succeed([*WHOLE_BUILD, "--select", "build_generation"], settings)
    with spark.connected() as cursor:
        assert published(spark, cursor) == [(1, False)]


def test_text_is_the_same_instant_on_spark(spark: Spark, sample: Organisation) -> None:
    settings = spark.settings(sample.landing, sample.as_of)
    query = compiled_moments("spark", settings)
    with spark.connected() as cursor:
        assert spark.rows(cursor, query) == moments_on_duckdb(settings)


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
    with spark.connected() as cursor:
        ((before,),) = spark.rows(cursor, "select generation from marts.build_generation")
        # Restatements tell of generations before: there are none in the file to compare with.
        cursor.execute("drop schema if exists history cascade")
        # As an older release had it, and as a build that was cut off while it published.
        cursor.execute("create or replace view marts.left_over as select 1 as one")
        cursor.execute(f"create schema generation_{before + 1}")
    spark.build(organisation.landing, organisation.as_of)
    assert differences(organisation.tables, spark.tables(organisation.tables)) == []
    with spark.connected() as cursor:
        assert published(spark, cursor) == [(before + 2, True)]
        there = spark.rows(cursor, "show schemas like 'generation_*'")
    assert there == [(f"generation_{before}",), (f"generation_{before + 2}",)]
