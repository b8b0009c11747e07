"""What dbt makes of a lake on an engine other than DuckDB, and how tests read it."""

from __future__ import annotations

import datetime as dt
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar

from tests.python.compiled import environment, succeed
from tests.python.engines.compare import Table
from tests.python.engines.duck import OF_THE_BUILD


class Database(ABC):
    """A server with a lake and what dbt makes of it."""

    brings: ClassVar[str]
    """The command of `aism` that brings what landed to where the engine reads it."""
    whole_build: ClassVar[Sequence[str]]

    def __init__(self, home: Path) -> None:
        self._home = home

    @abstractmethod
    def variables(self) -> dict[str, str]:
        """Return the settings that lead to the server."""

    @abstractmethod
    def connected(self) -> AbstractContextManager[Any]:
        """Return a cursor for as long as it is needed."""

    @abstractmethod
    def names(self, cursor: Any) -> list[str]:
        """Return the tables of core and marts, each after its schema."""

    def rows(self, cursor: Any, query: str) -> list[tuple[Any, ...]]:
        cursor.execute(query)
        return list(cursor.fetchall())

    def settings(self, landing: Path, as_of: dt.date, **more: str) -> dict[str, str]:
        return environment(
            landing,
            self._home,
            as_of,
            AISM_WAREHOUSE_DIR=str(self._home / "warehouse"),
            **self.variables(),
            **more,
        )

    def build(self, landing: Path, as_of: dt.date) -> None:
        settings = self.settings(landing, as_of)
        succeed([sys.executable, "-m", "aism", self.brings], settings)
        succeed(list(self.whole_build), settings)

    def tables(self, like: dict[str, Table]) -> dict[str, Table]:
        """Read core and marts as readers see them."""
        found: dict[str, Table] = {}
        with self.connected() as cursor:
            for name in self.names(cursor):
                if name in OF_THE_BUILD:
                    continue
                rows = self.rows(cursor, f"select * from {name}")
                # Thrift says `table.column`.
                columns = [column[0].split(".")[-1] for column in cursor.description]
                doubles = like[name].doubles if name in like else frozenset[str]()
                found[name] = Table(columns, doubles, rows)
        return found
