"""The published generation, opened read-only; fixed statements, values bound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from aism.duck import current_file, open_published
from aism.errors import UsageError
from aism.roles import PRODUCT
from aism.settings import Settings
from app import identity
from app.access import Access


@dataclass(frozen=True, slots=True)
class Generation:
    """A published file, whole or a team's part: the key of everything that is kept about it.

    Two files of one name differ in their time.
    """

    file: str
    modified: int
    team: str | None = None


class NotAllowedError(UsageError):
    """The person may not read anything; whoever asks for data did not check."""


def published() -> Generation | None:
    """Return the file that the person at the page may read, None when nothing has been published.

    Asked anew on every rerun, so that a new generation shows without a restart, and a sign-in
    that ended shows nothing.

    Raises:
        NotAllowedError: the person may not see anything.
    """
    access = identity.current()
    if access is not None and not isinstance(access, Access):
        raise NotAllowedError("No data without a sign-in that has a role.")
    file = current_file(Settings.from_environment().warehouse)
    if file is None:
        return None
    team = None if access is None else access.team
    if access is not None and access.role == PRODUCT:
        file = identity.team_files(file).get(team or "")
        if file is None:
            raise NotAllowedError("No file of this team.")
    return Generation(str(file), file.stat().st_mtime_ns, team)


def part_of(generation: Generation, team: str) -> Generation:
    """Return the file of a team, the generation as it is where the team has none.

    A generation published before there were such files has none.
    """
    file = identity.team_files(Path(generation.file)).get(team)
    if generation.team is not None or file is None:
        return generation
    return Generation(str(file), file.stat().st_mtime_ns, team)


@st.cache_resource(max_entries=40, show_spinner=False)
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
