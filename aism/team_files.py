"""One DuckDB file per team: what is about its systems, and what is about nobody's.

What of a table a team gets is declared beside its model (``config: meta: team_file: ...``):

rows    ``systems``: those whose system_id is one of the team's; ``segments``: those whose segment
        is the team or one of its systems; ``findings``: those that share the columns ``by`` with
        a finding of its systems; ``all``: the whole table; ``none``: the table stays empty
if      name of a boolean column, of which only true rows are meant
blank   columns that are null there: they count or date what other teams have
own     columns that are null where they name a row that is not the team's, each with the
        ``table.column`` of core that it refers to

A table without a declaration is as with ``none``: what nobody thought of, no team gets.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import duckdb

from aism.errors import AuditError
from aism.generation import (
    PUBLISHED_SCHEMAS,
    STORAGE_VERSION,
    Table,
    close_file,
    create_table,
    literal,
    quoted,
    read_definitions,
)

UNKNOWN: Final = "unknown"
"""The system of targets that no alias knows, and the team of systems without one: nobody's."""

_TEAM: Final = "team"
"""The name under which the new file is attached."""

_WORDS: Final = frozenset({"rows", "if", "by", "blank", "own"})
_BLOCK: Final = 16384
"""Bytes: the smallest block there is. Most tables of a team have few rows, and a default block for
each of their columns makes a file seven times as large."""
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
    template = folder / "team-template.duckdb"
    statements = _write_template(connection, source, template, shares)
    for team, name in names.items():
        shutil.copyfile(template, folder / name)
        _fill(connection, source, folder / name, team, statements)
    template.unlink()
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


@contextmanager
def _written(
    connection: duckdb.DuckDBPyConnection, file: Path, options: str = ""
) -> Iterator[None]:
    """Attach a file, write it in one transaction, and leave it complete."""
    connection.execute(f"attach {literal(str(file))} as {_TEAM} {options}")
    try:
        connection.execute("begin")
        try:
            yield
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("commit")
        connection.execute(f"checkpoint {_TEAM}")
    finally:
        connection.execute(f"detach {_TEAM}")


def _write_template(
    connection: duckdb.DuckDBPyConnection, source: str, file: Path, shares: Mapping[Table, Share]
) -> list[str]:
    """Write the file with every table empty; return what fills a copy of it with a team's rows."""
    statements = []
    options = f"(storage_version '{STORAGE_VERSION}', block_size {_BLOCK})"
    with _written(connection, file, options):
        for schema in PUBLISHED_SCHEMAS:
            connection.execute(f"create schema {_TEAM}.{schema}")
        for table, definition in read_definitions(connection).items():
            share = shares.get(table, NOTHING)
            _check_fits(table, share, definition.names)
            nullable = share.blank | frozenset(share.own or ())
            create_table(connection, _TEAM, table, definition, nullable=nullable)
            if share.rows is not Rows.NONE:
                statements.append(_insert(source, table, share, definition.names))
    return statements


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


def _insert(source: str, table: Table, share: Share, columns: list[str]) -> str:
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
            "(shared.segment_dimension = 'owner_team' and shared.segment_value = $team"
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
        f"insert into {table.within(_TEAM)} "  # noqa: S608  # names of the contract, quoted
        f"select {', '.join(selected(column) for column in columns)} "
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


def _fill(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    file: Path,
    team: str,
    statements: list[str],
) -> None:
    connection.execute(
        f"""
        create or replace temp table team_systems as
        select system_id from {quoted(source)}.core.dim_systems
        where owner_team = $team and system_id <> $unknown
        """,  # noqa: S608  # the name of an attached database
        {"team": team, "unknown": UNKNOWN},
    )
    with _written(connection, file):
        for statement in statements:
            connection.execute(statement, {"team": team} if "$team" in statement else {})
    close_file(file)
