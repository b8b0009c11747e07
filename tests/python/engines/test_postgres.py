"""The lake and the models on PostgreSQL: the same rows, published whole, for readers only."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

psycopg2 = pytest.importorskip("psycopg2", reason="dbt-postgres is not installed")

from tests.python.compiled import PROJECT, succeed  # noqa: E402
from tests.python.engines.compare import differences  # noqa: E402
from tests.python.engines.conftest import SEEDS, Organisation  # noqa: E402
from tests.python.engines.database import Database  # noqa: E402
from tests.python.engines.duck import DBT  # noqa: E402
from tests.python.engines.moments import compiled_moments, moments_on_duckdb  # noqa: E402
from tests.python.engines.server import Server  # noqa: E402

pytestmark = pytest.mark.engines

DATABASE = "aism"
READER = "aism_reader"
WHOLE_BUILD = [
    *(DBT, "--quiet", "build", "--target", "postgres"),
    *("--exclude-resource-types", "unit_test"),
]


class Postgres(Database):
    """A database with a lake and what dbt makes of it."""

    brings = "load"
    whole_build = WHOLE_BUILD

    def __init__(self, server: Server, home: Path) -> None:
        super().__init__(home)
        self.server = server
        server.create(DATABASE)

    def variables(self) -> dict[str, str]:
        return self.server.environment(DATABASE)

    def connected(self) -> AbstractContextManager[Any]:
        return self.server.connected(DATABASE)

    def names(self, cursor: Any) -> list[str]:
        query = (
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema in ('core', 'marts')"
        )
        return [name for (name,) in self.rows(cursor, query)]


@pytest.fixture(scope="module")
def postgres(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Postgres:
    return Postgres(server, tmp_path_factory.mktemp("postgres"))


@pytest.fixture(scope="module")
def sample(postgres: Postgres, organisations: dict[str, Organisation]) -> Organisation:
    """Return the sample, built and published."""
    organisation = organisations["sample"]
    postgres.build(organisation.landing, organisation.as_of)
    return organisation


def test_the_sample_is_the_same_on_postgres(postgres: Postgres, sample: Organisation) -> None:
    theirs = postgres.tables(sample.tables)
    assert len(theirs["marts.metric_values"].rows) > 10_000
    assert differences(sample.tables, theirs) == []


def test_a_changed_row_is_noticed(postgres: Postgres, sample: Organisation) -> None:
    with postgres.server.connected(DATABASE) as cursor:
        cursor.execute("begin")
        cursor.execute(
            "select ctid, numerator from marts.metric_values where numerator > 1 limit 1"
        )
        place, numerator = cursor.fetchone()
        change = "update marts.metric_values set numerator = %s where ctid = %s returning ctid"
        cursor.execute(change, (numerator * (1 + 1e-7), place))
        (place,) = cursor.fetchone()
        cursor.execute("commit")
        found = differences(sample.tables, postgres.tables(sample.tables))
        cursor.execute(change, (numerator, place))
    assert len(found) == 1
    assert found[0].startswith("marts.metric_values: numerator ")


def test_unit_tests_hold_on_postgres(postgres: Postgres, sample: Organisation) -> None:
    succeed(
        [DBT, "--quiet", "test", "--target", "postgres", "--select", "test_type:unit"],
        # They compare digits as text, and ten of them are the same on every engine.
        postgres.settings(sample.landing, sample.as_of, PGOPTIONS="-c extra_float_digits=-5"),
    )


def test_readers_see_what_was_published_and_nothing_else(
    postgres: Postgres, sample: Organisation
) -> None:
    with postgres.server.connected(DATABASE) as cursor:
        cursor.execute(f"create role {READER} login")
        cursor.execute(f"grant usage on schema core, marts to {READER}")
        cursor.execute(f"grant select on all tables in schema core, marts to {READER}")
        cursor.execute(
            "alter default privileges in schema core, marts grant select on tables to " + READER
        )
        cursor.execute("create view public.ours as select count(*) as n from marts.metric_values")
        cursor.execute(f"grant select on public.ours to {READER}")
        cursor.execute("select obj_description('marts.metric_values'::regclass)")
        (comment,) = cursor.fetchone()
        assert comment.startswith("One row per metric")
    with postgres.server.connected(DATABASE, READER) as cursor:
        cursor.execute("select count(*) > 100, bool_and(status = 'pass') from marts.test_results")
        assert cursor.fetchone() == (True, True)
        cursor.execute("select n from public.ours")
        assert cursor.fetchone() == (len(sample.tables["marts.metric_values"].rows),)
        for hidden in ("lake.findings", "next_marts.metric_values", "history.metric_values"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(f"select count(*) from {hidden}")


def test_a_part_of_the_project_and_a_failed_build_publish_nothing(
    postgres: Postgres, sample: Organisation
) -> None:
    settings = postgres.settings(sample.landing, sample.as_of)
    change = "update lake.files set rows_read = rows_read + %s where source = 'program/findings'"
    succeed([*WHOLE_BUILD, "--select", "metric_catalog", "build_generation"], settings)
    with postgres.server.connected(DATABASE) as cursor:
        cursor.execute(change, (1,))
        try:
            failed = subprocess.run(
                WHOLE_BUILD, cwd=PROJECT, env=settings, capture_output=True, text=True, check=False
            )
        finally:
            cursor.execute(change, (-1,))
        assert failed.returncode == 1
        assert "rows_satisfy_landing_files" in failed.stdout
        cursor.execute(
            "select count(distinct generation), max(generation) from history.metric_values"
        )
        assert cursor.fetchone() == (1, 1)
        cursor.execute(
            "select published.generation, published.invocation_id = built.invocation_id "
            "from marts.build_generation as published, next_marts.build_generation as built"
        )
        assert cursor.fetchone() == (1, False)


def test_loading_again_copies_nothing(postgres: Postgres, sample: Organisation) -> None:
    settings = postgres.settings(sample.landing, sample.as_of)
    done = subprocess.run(
        [sys.executable, "-m", "aism", "load"],
        cwd=PROJECT,
        env=settings,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Copied 0 rows of 0 new files of the lake; 0 files left it" in done.stdout


def test_text_is_the_same_instant_on_postgres(postgres: Postgres, sample: Organisation) -> None:
    settings = postgres.settings(sample.landing, sample.as_of)
    with postgres.connected() as cursor:
        query = compiled_moments("postgres", settings)
        assert postgres.rows(cursor, query) == moments_on_duckdb(settings)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_organisation_is_the_same_on_postgres(
    postgres: Postgres, sample: Organisation, organisations: dict[str, Organisation], seed: int
) -> None:
    """Built where the sample was: files that left take their rows along, grants stay."""
    organisation = organisations[f"random-{seed}"]
    with postgres.server.connected(DATABASE) as cursor:
        # Restatements tell of generations before: there are none in the file to compare with.
        cursor.execute("drop schema if exists history cascade")
        # As an older release had it: publishing makes the table anew.
        cursor.execute("alter table marts.metric_catalog add column left_over integer")
    postgres.build(organisation.landing, organisation.as_of)
    assert differences(organisation.tables, postgres.tables(organisation.tables)) == []


def test_a_database_that_sorts_by_a_language_is_refused(server: Server, tmp_path: Path) -> None:
    with server.connected() as cursor:
        cursor.execute(
            "create database sorted template template0 locale_provider icu icu_locale 'en-US'"
        )
    done = subprocess.run(
        [sys.executable, "-m", "aism", "load"],
        cwd=PROJECT,
        env=os.environ
        | server.environment("sorted")
        | {"AISM_HOME": str(tmp_path / "home"), "AISM_LANDING_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "sorts text by the rules of a language" in done.stderr) == (2, True)
