"""Searches a database for what belongs to other teams than one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aism.duck import open_published

KEYS = {
    "dim_systems": ("system_id", "system_name", "owner_team"),
    "fct_assessments": ("assessment_id",),
    "fct_deployments": ("deployment_id",),
    "fct_findings": ("finding_id", "source_key"),
    "fct_incidents": ("incident_id",),
    "fct_attack_results": ("run_id", "attack_result_id"),
    "fct_effort": ("effort_id",),
}
"""What gives a system away: tables of core with its columns."""

WORD = re.compile(r"[^\W_](?:[\w.:/-]*[^\W_])?")


@dataclass(frozen=True)
class Leak:
    """A cell that names something of another team."""

    table: str
    column: str
    named: str


@cache
def names_by_team(generation: Path) -> dict[str, set[str]]:
    """Return what gives each team's systems away, that of no team under `unknown`.

    What several teams have (a run of several targets) gives nobody away.
    """
    found: dict[str, set[str]] = {}
    with open_published(generation) as connection:
        for table, columns in KEYS.items():
            for column in columns:
                rows = connection.execute(
                    f"select distinct systems.owner_team, keyed.{column} "
                    f"from core.{table} as keyed "
                    "inner join core.dim_systems as systems on keyed.system_id = systems.system_id "
                    f"where keyed.{column} is not null"
                ).fetchall()
                for team, name in rows:
                    found.setdefault(team, set()).add(str(name))
    return {
        team: names - set().union(*(more for other, more in found.items() if other != team))
        for team, names in found.items()
    }


def foreign_names(generation: Path, team: str) -> set[str]:
    """Return what gives the systems of other teams away; `unknown` itself is a word."""
    names = set().union(
        *(names for other, names in names_by_team(generation).items() if other != team)
    )
    return names - {"unknown"}


def find_leaks(file: Path, foreign: set[str]) -> set[Leak]:
    """Return every cell of every table that names one of these, whole or as a word of a text."""
    leaks = set()
    spaced = [name for name in foreign if " " in name]
    with open_published(file) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where not internal"
        ).fetchall()
        for schema, table, column in columns:
            cells = connection.execute(
                f'select distinct "{column}"::varchar from {schema}."{table}" '
                f'where "{column}" is not null'
            ).fetchall()
            for (cell,) in cells:
                named = {cell, *WORD.findall(cell)} & foreign
                named |= {name for name in spaced if name in cell}
                leaks |= {Leak(f"{schema}.{table}", column, name) for name in named}
    return leaks
