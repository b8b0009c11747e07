"""The statistics macros as SQL, rendered without dbt and run on tables of cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pandas as pd
import pytest

PROJECT = Path(__file__).parents[3]

Rows = Any
"""A data frame; by name the types of its columns are not known."""
Select = Callable[..., Rows]


class Adapter:
    """What dbt's adapter does for these macros: find an engine's form of one."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.macros: Any = None

    def dispatch(self, name: str) -> Callable[..., str]:
        form = getattr(self.macros, f"{self.engine}__{name}", None)
        found: Callable[..., str] = form or getattr(self.macros, f"default__{name}")
        return found


@lru_cache
def rendered(engine: str) -> Any:
    """All macros of the two folders by name, as functions that return the SQL of an engine."""
    adapter = Adapter(engine)
    environment = jinja2.Environment(
        extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined, autoescape=False
    )
    environment.globals.update(
        adapter=adapter,
        ref=lambda name: name,
        var=lambda name, default: default,
        is_linting=lambda: False,
    )
    files = sorted(
        file
        for folder in ("cross_db", "statistics")
        for file in (PROJECT / "macros" / folder).glob("*.sql")
    )
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    adapter.macros = environment.from_string(text).module
    return adapter.macros


@pytest.fixture(scope="session")
def macros() -> Any:
    return rendered("duckdb")


@pytest.fixture(scope="session")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("set threads = 1")
        seed = PROJECT / "seeds" / "reference" / "t_critical_values.csv"
        opened.execute(f"create table t_critical_values as select * from read_csv('{seed}')")
        yield opened


@pytest.fixture(scope="session")
def select(connection: duckdb.DuckDBPyConnection) -> Select:
    """Rows of a query over tables of cases: data frames, or columns that make one."""

    def run(sql: str, **tables: Any) -> Rows:
        for name, rows in tables.items():
            frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows)
            connection.register(name, frame)
        try:
            return connection.execute(sql).df()
        finally:
            for name in tables:
                connection.unregister(name)

    return run
