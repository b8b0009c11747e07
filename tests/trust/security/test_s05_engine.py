"""S5. A published file, opened as everybody opens it: no other file, no write, no way out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
import pytest

from aism.duck import open_published
from tests.trust.conftest import Control, Measure

OUTSIDE: Final = "'{folder}/outside.csv'"
DENIED: Final = (
    f"select * from read_text({OUTSIDE})",
    f"select * from read_blob({OUTSIDE})",
    f"select * from read_csv({OUTSIDE})",
    f"select * from read_json({OUTSIDE})",
    f"select * from read_parquet({OUTSIDE})",
    f"from {OUTSIDE}",
    "select * from glob('{folder}/*')",
    "copy numbers to '{folder}/copy.csv'",
    "copy (select 1) to '{folder}/copy.parquet' (format parquet)",
    "export database '{folder}/exported'",
    "attach '{folder}/other.duckdb' as other",
    "attach ':memory:' as scratch; create table scratch.t as select 1; copy scratch.t to "
    "'{folder}/scratch.csv'",
    "install httpfs",
    "load httpfs",
    "load '{folder}/outside.csv'",
    "set memory_limit = '8GB'",
    "set threads = 64",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "reset enable_external_access",
    "pragma memory_limit = '8GB'",
    "create table marks as select 1",
    "insert into numbers values (2)",
    "update numbers set n = 2",
    "drop table numbers",
    "create secret s (type s3, key_id 'a', secret 'b')",
)
HARMLESS: Final = (
    "create temp table scratch as select * from numbers",
    "select * from duckdb_settings()",
    "select * from query('select 1')",
    "select database_name from duckdb_databases()",
)
"""Nothing outside the file and the memory of the process is read or changed by these."""

assert len(DENIED) + len(HARMLESS) == 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "outside.csv").write_text("secret\n1\n", encoding="utf-8")
    with duckdb.connect(tmp_path / "other.duckdb") as connection:
        connection.execute("create table t as select 1")
    with duckdb.connect(tmp_path / "published.duckdb") as connection:
        connection.execute("create table numbers as select 1 as n")
    return tmp_path


@pytest.fixture
def published(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(folder / "published.duckdb") as connection:
        yield connection


def files(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.mark.parametrize("statement", DENIED)
def test_denied(
    published: duckdb.DuckDBPyConnection, folder: Path, statement: str, measure: Measure
) -> None:
    before = files(folder)
    with pytest.raises(duckdb.Error):
        published.execute(statement.format(folder=folder)).fetchall()
    assert files(folder) == before
    measure("S5", statements=1, denied=1)


@pytest.mark.parametrize("statement", HARMLESS)
def test_allowed_and_harmless(
    published: duckdb.DuckDBPyConnection, folder: Path, statement: str, measure: Measure
) -> None:
    before = files(folder)
    published.execute(statement).fetchall()
    assert files(folder) == before
    assert published.execute("select n from numbers").fetchall() == [(1,)]
    measure("S5", statements=1, allowed_and_harmless=1)


def test_no_variable_of_the_process_is_a_table(published: duckdb.DuckDBPyConnection) -> None:
    import pandas as pd

    secret = pd.DataFrame({"password": ["x"]})
    assert len(secret) == 1
    with pytest.raises(duckdb.Error):
        published.execute("select * from secret")


def test_a_connection_that_is_only_read_only_lets_out(folder: Path, control: Control) -> None:
    with duckdb.connect(folder / "published.duckdb", read_only=True) as connection:
        read = connection.execute(f"select * from read_text('{folder}/outside.csv')").fetchall()
        connection.execute(f"copy numbers to '{folder}/copy.csv'")
    control("without the settings another file is read", len(read) == 1)
    control("without the settings a file is written", (folder / "copy.csv").exists())
