"""The marts behind a landing folder, by the compiled SQL in a private database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import pytest

from aism.land import land
from tests.python.compiled import CompiledModels

AS_OF = dt.date(2026, 3, 10)
FACTS = ("fct_findings", "fct_finding_events")
MARTS = ("metric_values", *FACTS)

Build = Callable[..., duckdb.DuckDBPyConnection]


@pytest.fixture(scope="session")
def build(compiled: CompiledModels, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Land a folder, once, and run what is behind some marts, by default all of them."""
    homes: dict[Path, Path] = {}

    def build_landing(
        landing: Path, as_of: dt.date = AS_OF, marts: Iterable[str] = MARTS
    ) -> duckdb.DuckDBPyConnection:
        if landing not in homes:
            homes[landing] = tmp_path_factory.mktemp("home")
            land(landing, homes[landing])
        connection = compiled.connect()
        compiled.run(connection, homes[landing], as_of=as_of, marts=marts)
        return connection

    return build_landing
