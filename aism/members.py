"""Who may sign in to the app: a small file per generation, for the app alone.

Addresses are personal data, so they are in no table that BI tools read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from aism.audit import BUILD
from aism.generation import sync_file


@dataclass(frozen=True, slots=True)
class Member:
    """A line of the register team_members, as it is spelt there."""

    email: str
    role: str
    team: str | None


def write_members(connection: duckdb.DuckDBPyConnection, file: Path) -> bool:
    """Write the members of the attached build file, durably, mode 0440; False: there are none."""
    try:
        rows = connection.execute(
            f"select email, role, team from {BUILD}.intermediate.int_team_members order by email"  # noqa: S608
        ).fetchall()
    except duckdb.CatalogException:
        return False
    if not rows:
        return False
    members = [{"email": email, "role": role, "team": team} for email, role, team in rows]
    file.write_text(json.dumps(members, indent=2) + "\n", encoding="utf-8")
    file.chmod(0o440)
    sync_file(file)
    return True


def read_members(file: Path) -> list[Member]:
    """Return the members of a generation; none where there is no file, or not one of ours."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
        return [Member(row["email"], row["role"], row["team"]) for row in rows]
    except (OSError, ValueError, KeyError, TypeError):
        return []
