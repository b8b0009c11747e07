"""The published generation, opened read-only; fixed statements, values bound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from aism.duck import current_file, open_published
from aism.settings import Settings


@dataclass(frozen=True, slots=True)
class Generation:
    """A published file. Two files of one name differ in their time: part of every cache key."""

    file: str
    modified: int


def published() -> Generation | None:
    """Return the current generation, None when nothing has been published.

    Asked anew on every rerun, so that a new generation shows without a restart.
    """
    file = current_file(Settings.from_environment().warehouse)
    return None if file is None else Generation(str(file), file.stat().st_mtime_ns)


@st.cache_resource(max_entries=2, show_spinner=False)
def connection(generation: Generation) -> duckdb.DuckDBPyConnection:
    """Return the one connection to a generation; take a cursor of it."""
    return open_published(Path(generation.file))


def rows(generation: Generation, sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the answer to a fixed statement."""
    with connection(generation).cursor() as cursor:
        return cursor.execute(sql, parameters).fetchall()


def frame(generation: Generation, sql: str, parameters: dict[str, Any]) -> pd.DataFrame:
    """Return the answer to a fixed statement as a table."""
    with connection(generation).cursor() as cursor:
        return cursor.execute(sql, parameters).df()
