"""The marts behind a landing folder, by the compiled SQL in a private database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from aism.land import land
from tests.python.compiled import CompiledModels, compile_models

AS_OF = dt.date(2026, 3, 10)
MARTS = ("metric_values", "fct_findings", "fct_finding_events")

Build = Callable[..., duckdb.DuckDBPyConnection]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> CompiledModels:
    folder = tmp_path_factory.mktemp("compiled")
    return compile_models(folder, AS_OF, dt.date(2015, 1, 1), MARTS)


@pytest.fixture(scope="session")
def build(compiled: CompiledModels, tmp_path_factory: pytest.TempPathFactory) -> Build:
    def build_landing(landing: Path, as_of: dt.date = AS_OF) -> duckdb.DuckDBPyConnection:
        home = tmp_path_factory.mktemp("home")
        land(landing, home)
        connection = compiled.connect()
        compiled.run(connection, home, as_of=as_of)
        return connection

    return build_landing
