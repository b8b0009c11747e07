"""One server for all tests, and a working state for each engine, so that dbt parses once."""

from __future__ import annotations

import datetime as dt
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.python.engines.compare import Table
from tests.python.engines.duck import build_on_duckdb
from tests.python.oracle.organisation import AS_OF_DAYS, write
from tests.python.whole import SAMPLE, SAMPLE_AS_OF

if TYPE_CHECKING:
    from tests.python.engines.server import Server

SEEDS = (3, 8)


class Organisation:
    """A landing folder with its day, and what DuckDB makes of it."""

    def __init__(self, name: str, landing: Path, as_of: dt.date, home: Path) -> None:
        self.name = name
        self.landing = landing
        self.as_of = as_of
        self._home = home
        self._tables: dict[str, Table] | None = None

    @property
    def tables(self) -> dict[str, Table]:
        if self._tables is None:
            self._tables = build_on_duckdb(self.landing, self._home, self.as_of)
        return self._tables


@pytest.fixture(scope="session")
def organisations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Organisation]:
    """Return the sample, and random organisations with faults in their files."""
    home = tmp_path_factory.mktemp("duckdb")
    found = {"sample": Organisation("sample", SAMPLE, SAMPLE_AS_OF, home)}
    for seed in SEEDS:
        landing = tmp_path_factory.mktemp("organisation") / "landing"
        as_of = write(landing, seed, as_of=AS_OF_DAYS[seed % len(AS_OF_DAYS)])
        found[f"random-{seed}"] = Organisation(f"random-{seed}", landing, as_of, home)
    return found


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Skip where dbt's adapter or the server is not installed."""
    if importlib.util.find_spec("dbt.adapters.postgres") is None:
        pytest.skip("dbt-postgres is not installed: make setup-postgres")
    from tests.python.engines.server import running_server, server_programs

    programs = server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    with running_server(programs) as server:
        yield server
