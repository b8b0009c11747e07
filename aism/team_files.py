"""One DuckDB file per team: what is about its systems, and what is about nobody's.

What of a table a team gets is declared beside its model (``config: meta: team_file: ...``):

rows    ``systems``: those whose system_id is one of the team's; ``segments``: those whose segment
        is the team or one of its systems; ``findings``: those that share the columns ``by`` with
        a finding of its systems; ``all``: the whole table; ``none``: the table stays empty
if      name of a boolean column, of which only true rows are meant
blank   columns that are null there: they count or date what other teams have
own     columns that are null where they name a row that is not the team's, each with the
        ``table.column`` of core that it refers to

A table without a declaration is as with ``none``: what nobody thought of, no team gets. The process
that reads the rows of all teams writes none of the files itself: see :mod:`aism.clean_writer`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import duckdb

from aism import clean_writer
from aism.errors import AismError, AuditError
from aism.generation import (
    PUBLISHED_SCHEMAS,
    STORAGE_VERSION,
    Table,
    close_file,
    literal,
    quoted,
    read_definitions,
    statements_of,
)

UNKNOWN: Final = "unknown"
"""The system of targets that no alias knows, and the team of systems without one: nobody's."""

_TEAM: Final = "team"
"""The name under which the new file is attached."""

_WORDS: Final = frozenset({"rows", "if", "by", "blank", "own"})
_BLOCK: Final = 16384
"""Bytes: the smallest block there is. Most tables of a team have few rows, and a default block for
each of their columns makes a file seven times as large."""
_PARQUET: Final = "(format parquet, compression uncompressed)"
_SLUG_LENGTH: Final = 40
_HASH_LENGTH: Final = 8


class Rows(StrEnum):
    """Which rows of a table a team gets."""

    SYSTEMS = "systems"
    SEGMENTS = "segments"
    FINDINGS = "findings"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Share:
    """What of one table a team gets. ``own`` leads from a column to (table of core, column)."""

    rows: Rows = Rows.NONE
    condition: str | None = None
    by: tuple[str, ...] = ()
    blank: frozenset[str] = frozenset()
    own: Mapping[str, tuple[str, str]] | None = None


NOTHING: Final = Share()


def read_shares(manifest: Path) -> dict[Table, Share]:
    """Return what dbt's manifest says of each published table; empty where there is none.

    Raises:
        AuditError: the manifest cannot be read, or a declaration is not one.
    """
    try:
        nodes: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AuditError(f"Cannot read {manifest} ({error!r}): build again.") from error
    shares = {}
    for node in nodes.values():
        if node.get("resource_type") != "model" or node.get("schema") not in PUBLISHED_SCHEMAS:
            continue
        declared = node.get("config", {}).get("meta", {}).get("team_file")
        if declared is not None:
            shares[Table(node["schema"], node["alias"])] = parse_share(node["alias"], declared)
    return shares


def parse_share(model: str, declared: Any) -> Share:
    """Return the declaration ``team_file`` of a model.

    Raises:
        AuditError: it says something else than what this module knows.
    """
    misread = AuditError(
        f"{model} declares {declared!r} for team files, which says nothing: see docs/access.md."
    )
    try:
        rows, by = Rows(declared["rows"]), tuple(declared.get("by", ()))
        unknown = declared.keys() - _WORDS
        own = {}
        for column, reference in declared.get("own", {}).items():
            table, key = reference.split(".")
            own[column] = (table, key)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise misread from None
    if unknown or bool(by) != (rows is Rows.FINDINGS):
        raise misread
    return Share(rows, declared.get("if"), by, frozenset(declared.get("blank", ())), own)


def team_id(team: str) -> str:
    """Return a file name's worth of a team's name: what is readable of it, and a hash of it all."""
    plain = unicodedata.normalize("NFKD", team).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_SLUG_LENGTH].strip("-")
    digest = hashlib.sha256(unicodedata.normalize("NFC", team).encode()).hexdigest()
    return "-".join(part for part in (slug, digest[:_HASH_LENGTH]) if part)


def write_team_files(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    folder: Path,
    number: int,
    shares: Mapping[Table, Share],
) -> dict[str, str]:
    """Write a file per team of the attached database ``source``, durably, into ``folder``.

    Every file has every published table, written anew from the team's rows alone: tables that a
    team gets nothing of are empty. Mode 0444, attached-to by nobody.

    Returns:
        File names by team; empty where nothing is declared, as without dbt's manifest.

    Raises:
        AuditError: two teams would have one file, or a declaration does not fit its table.
    """
    if not shares:
        return {}
    teams = _teams(connection, source)
    names = {team: f"team-{team_id(team)}-{number:06d}.duckdb" for team in teams}
    if len(set(names.values())) < len(names):
        raise AuditError("Two teams differ in nothing that a file name can show: rename one.")
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix="team-") as unfinished,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        template = Path(unfinished) / "template.duckdb"
        queries = _write_template(connection, source, template, shares)
        writing = []
        for team, name in names.items():
            shutil.copyfile(template, folder / name)
            statements = _hand_over(connection, source, team, queries, Path(unfinished) / name)
            writing.append(pool.submit(_write_alone, folder / name, statements))
        for each in writing:
            each.result()
    for name in names.values():
        close_file(folder / name)
    return names


def _teams(connection: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    rows = connection.execute(
        f"""
        select distinct owner_team from {quoted(source)}.core.dim_systems
        where system_id <> $unknown and owner_team <> $unknown and trim(owner_team) <> ''
        order by owner_team
        """,  # noqa: S608  # the name of an attached database
        {"unknown": UNKNOWN},
    ).fetchall()
    return [team for (team,) in rows]


def _write_alone(file: Path, statements: list[str], options: str = "") -> None:
    """Write a file in a process of its own, which knows nothing but the statements.

    Raises:
        AismError: the engine could not write it; with what it said.
    """
    attach = f"attach {literal(str(file))} as {_TEAM} {options}"
    request = {"attach": attach, "database": _TEAM, "statements": statements}
    done = subprocess.run(  # noqa: S603 - this interpreter, a file of ours
        [sys.executable, "-I", clean_writer.__file__],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        said = done.stderr.splitlines() or [f"nothing (exit code {done.returncode})"]
        raise AismError(f"{file.name} could not be written. DuckDB says: {said[-1]}")


def _write_template(
    connection: duckdb.DuckDBPyConnection, source: str, file: Path, shares: Mapping[Table, Share]
) -> dict[Table, str]:
    """Write the file with every table empty; return the queries for a team's rows."""
    statements = [f"create schema {_TEAM}.{schema}" for schema in PUBLISHED_SCHEMAS]
    queries = {}
    for table, definition in read_definitions(connection).items():
        share = shares.get(table, NOTHING)
        _check_fits(table, share, definition.names)
        nullable = share.blank | frozenset(share.own or ())
        statements += statements_of(table, definition, _TEAM, nullable=nullable)
        if share.rows is not Rows.NONE:
            queries[table] = _query(source, table, share, definition.names)
    options = f"(storage_version '{STORAGE_VERSION}', block_size {_BLOCK})"
    _write_alone(file, statements, options)
    return queries


def _check_fits(table: Table, share: Share, columns: list[str]) -> None:
    needed = {*share.by, *share.blank, *(share.own or ())}
    if share.condition:
        needed.add(share.condition)
    if share.rows is Rows.SYSTEMS:
        needed.add("system_id")
    if share.rows is Rows.SEGMENTS:
        needed |= {"segment_dimension", "segment_value"}
    missing = needed - set(columns)
    if missing:
        raise AuditError(
            f"{table} has no {', '.join(sorted(missing))}, which its declaration for team files "
            "speaks of."
        )


def _query(source: str, table: Table, share: Share, columns: list[str]) -> str:
    own = share.own or {}

    def selected(column: str) -> str:
        name = f"shared.{quoted(column)}"
        if column in share.blank:
            return "null"
        if column in own:
            referred, key = own[column]
            keys = _own_rows(source, referred, key)
            return f"case when {name} in ({keys}) then {name} end"
        return name

    conditions = {
        Rows.SYSTEMS: "shared.system_id in (from temp.team_systems)",
        Rows.SEGMENTS: (
            "(shared.segment_dimension = 'owner_team'"
            " and shared.segment_value = getvariable('team')"
            " or shared.segment_dimension = 'system'"
            " and shared.segment_value in (from temp.team_systems))"
        ),
        Rows.FINDINGS: _like_findings(source, share.by),
        Rows.ALL: "true",
    }
    condition = conditions[share.rows]
    if share.condition:
        condition += f" and shared.{quoted(share.condition)}"
    return (
        f"select {', '.join(selected(column) for column in columns)} "  # noqa: S608  # quoted
        f"from {table.within(source)} as shared where {condition}"
    )


def _own_rows(source: str, table: str, key: str) -> str:
    referred = Table("core", table).within(source)
    return (
        f"select {quoted(key)} from {referred} "  # noqa: S608  # names of the contract, quoted
        "where system_id in (from temp.team_systems)"
    )


def _like_findings(source: str, by: tuple[str, ...]) -> str:
    findings = Table("core", "fct_findings").within(source)
    alike = "".join(
        f" and own_findings.{quoted(column)} is not distinct from shared.{quoted(column)}"
        for column in by
    )
    return (
        f"exists (select 1 from {findings} as own_findings "  # noqa: S608  # quoted
        f"where own_findings.system_id in (from temp.team_systems){alike})"
    )


def _hand_over(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    team: str,
    queries: Mapping[Table, str],
    folder: Path,
) -> list[str]:
    """Write a team's rows as Parquet, which holds nothing beside them; return what reads them."""
    connection.execute("set variable team = $team", {"team": team})
    connection.execute(
        f"""
        create or replace temp table team_systems as
        select system_id from {quoted(source)}.core.dim_systems
        where owner_team = getvariable('team') and system_id <> $unknown
        """,  # noqa: S608  # the name of an attached database
        {"unknown": UNKNOWN},
    )
    folder.mkdir()
    statements = []
    for table, query in queries.items():
        rows = literal(str(folder / f"{table}.parquet"))
        copied = connection.execute(f"copy ({query}) to {rows} {_PARQUET}").fetchall()
        if copied != [(0,)]:
            statements.append(f"insert into {table.within(_TEAM)} from read_parquet({rows})")
    return statements
