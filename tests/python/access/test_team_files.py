"""A team's file has its own systems and no trace of anybody else's."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pytest

from aism import team_files
from aism.audit import BUILD
from aism.duck import open_published
from aism.errors import AismError, AuditError
from aism.generation import Table
from aism.team_files import Rows, Share, team_id, write_team_files
from tests.python.access.leaks import Leak, find_leaks, foreign_names
from tests.python.access.people import Organisation

TEAM = "payments"


def ask(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_published(file) as connection:
        return connection.execute(sql).fetchall()


def test_there_is_a_file_for_each_team_of_the_inventory(organisation: Organisation) -> None:
    owners = ask(
        organisation.generation,
        "select distinct owner_team from core.dim_systems where system_id <> 'unknown'",
    )
    assert {(team,) for team in organisation.teams} == set(owners)
    assert len(owners) > 5
    for team, file in organisation.teams.items():
        assert file.name.startswith(f"team-{team_id(team)}-"), team
        assert file.stat().st_mode & 0o777 == 0o444
        assert not file.with_name(f"{file.name}.wal").exists()


def test_no_cell_of_a_team_file_names_anything_of_another_team(organisation: Organisation) -> None:
    leaks = {
        team: found
        for team, file in organisation.teams.items()
        if (found := find_leaks(file, foreign_names(organisation.generation, team)))
    }
    assert leaks == {}


def test_the_search_finds_all_of_it_in_the_leadership_file(organisation: Organisation) -> None:
    foreign = foreign_names(organisation.generation, TEAM)
    found = find_leaks(organisation.generation, foreign)
    assert {leak.named for leak in found} == foreign
    assert len({leak.table for leak in found}) > 25


def test_no_byte_of_a_team_file_names_anothers_system(organisation: Organisation) -> None:
    systems = dict(
        ask(
            organisation.generation,
            "select system_id, owner_team from core.dim_systems where system_id <> 'unknown'",
        )
    )
    everything = organisation.generation.read_bytes()
    for team, file in organisation.teams.items():
        content = file.read_bytes()
        for system, owner in systems.items():
            assert system.encode() in everything
            assert (system.encode() in content) == (owner == team), (team, system)


def test_a_team_has_its_rows_whole(organisation: Organisation) -> None:
    """What is left out is not left out of everything: the parts make the whole."""
    for table in ("core.fct_findings", "core.fct_attack_results", "marts.open_findings"):
        whole = ask(
            organisation.generation,
            f"select count(*) from {table} where system_id <> 'unknown'",
        )[0][0]
        parts = [
            ask(file, f"select count(*) from {table}")[0][0] for file in organisation.teams.values()
        ]
        assert sum(parts) == whole > 0, table
    events = "select count(*) from core.fct_finding_events as e join core.fct_findings as f using "
    whole = ask(organisation.generation, f"{events}(finding_id) where f.system_id <> 'unknown'")
    parts = [ask(file, f"{events}(finding_id)")[0][0] for file in organisation.teams.values()]
    assert sum(parts) == whole[0][0] > 0


def test_numbers_are_those_of_the_team_and_its_systems(organisation: Organisation) -> None:
    file = organisation.teams[TEAM]
    segments = ask(
        file,
        "select segment_dimension, segment_value, count(*) from marts.metric_values group by all",
    )
    systems = {row[0] for row in ask(file, "select system_id from core.dim_systems")}
    assert {row[:2] for row in segments} == {
        ("owner_team", TEAM),
        *(("system", system) for system in systems),
    }
    whole = ask(
        organisation.generation,
        "select * from marts.metric_values "
        f"where segment_dimension = 'owner_team' and segment_value = '{TEAM}' order by all",
    )
    team = ask(
        file,
        "select * from marts.metric_values where segment_dimension = 'owner_team' order by all",
    )
    assert team == whole != []


def test_a_team_file_opens_with_every_table_and_their_texts(organisation: Organisation) -> None:
    described = (
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() "
        "where not internal order by all"
    )
    file = organisation.teams[TEAM]
    assert ask(file, described) == ask(organisation.generation, described)
    assert "v1.2" in str(ask(file, "select tags from duckdb_databases() where not internal"))
    assert ask(file, "select * from marts.build_generation") == ask(
        organisation.generation, "select * from marts.build_generation"
    )


def test_what_counts_other_teams_is_blank(organisation: Organisation) -> None:
    guidance = "select count(*), count(guidance), count(findings) from marts.remediation_guidance"
    rows, words, counts = ask(organisation.teams[TEAM], guidance)[0]
    assert rows > 0
    assert words > 0
    assert counts == 0
    assert ask(organisation.generation, guidance)[0][2] > 0


@pytest.fixture
def two_teams(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """Return an attached organisation whose rows refer to each other across teams."""
    connection = duckdb.connect()
    connection.execute(f"attach '{tmp_path / 'build.duckdb'}' as {BUILD}")
    connection.execute(
        """
        create schema build.core;
        create schema build.marts;
        create table build.core.dim_systems (system_id varchar not null, owner_team varchar);
        insert into build.core.dim_systems values
            ('a', 'Ours'), ('b', 'Theirs'), ('stray', 'unknown'), ('nobody', ''),
            ('unknown', 'unknown');
        create table build.core.fct_findings (
            finding_id varchar not null, system_id varchar, duplicate_of varchar not null,
            vulnerability_class varchar, is_told boolean
        );
        insert into build.core.fct_findings values
            ('f1', 'a', 'f2', 'x', true), ('f2', 'b', 'f1', 'y', true),
            ('f3', 'a', 'f1', null, false), ('f4', 'unknown', '', 'z', true);
        create table build.core.fct_finding_events (finding_id varchar, note varchar);
        insert into build.core.fct_finding_events values
            ('f1', 'ours'), ('f2', 'theirs'), ('f4', 'of nobody'), (null, 'of none');
        create table build.marts.guidance (vulnerability_class varchar, findings bigint);
        insert into build.marts.guidance values ('x', 1), ('y', 2), (null, 3);
        create table build.marts.metric_values (
            segment_dimension varchar, segment_value varchar
        );
        insert into build.marts.metric_values values
            ('all', 'all'), ('owner_team', 'Ours'), ('owner_team', 'Theirs'), ('system', 'a'),
            ('system', 'Ours'), ('owner_team', 'a'), ('risk_tier', 'a'), ('system', 'unknown');
        create table build.marts.undeclared (system_id varchar);
        insert into build.marts.undeclared values ('a'), ('b');
        """
    )
    return connection


FINDINGS = Table("core", "fct_findings")
SHARES = {
    Table("core", "dim_systems"): Share(Rows.SYSTEMS),
    FINDINGS: Share(Rows.SYSTEMS, own={"duplicate_of": ("fct_findings", "finding_id")}),
    Table("core", "fct_finding_events"): Share(Rows.FINDINGS, by=("finding_id",)),
    Table("marts", "guidance"): Share(
        Rows.FINDINGS, by=("vulnerability_class",), blank=frozenset({"findings"})
    ),
    Table("marts", "metric_values"): Share(Rows.SEGMENTS),
}


def write(connection: duckdb.DuckDBPyConnection, folder: Path, **changed: Share) -> dict[str, Path]:
    shares = SHARES | {t: changed[t.name] for t in SHARES if t.name in changed}
    names = write_team_files(connection, BUILD, folder, 7, shares)
    return {team: folder / name for team, name in names.items()}


def test_each_kind_of_share(two_teams: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    files = write(two_teams, tmp_path)
    assert files.keys() == {"Ours", "Theirs"}
    assert {file.name for file in files.values()} == {path.name for path in tmp_path.iterdir()} - {
        "build.duckdb",
        "build.duckdb.wal",
    }
    ours = files["Ours"]
    assert ask(ours, "from core.dim_systems") == [("a", "Ours")]
    assert ask(ours, "from core.fct_findings order by 1") == [
        ("f1", "a", None, "x", True),
        ("f3", "a", "f1", None, False),
    ]
    assert ask(ours, "from core.fct_finding_events") == [("f1", "ours")]
    assert ask(ours, "from marts.guidance order by all") == [("x", None), (None, None)]
    assert ask(ours, "from marts.metric_values order by all") == [
        ("owner_team", "Ours"),
        ("system", "a"),
    ]
    assert ask(ours, "from marts.undeclared") == []


def test_only_rows_of_which_the_condition_is_true(
    two_teams: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    files = write(two_teams, tmp_path, fct_findings=Share(Rows.ALL, condition="is_told"))
    assert ask(files["Ours"], "select finding_id from core.fct_findings order by 1") == [
        ("f1",),
        ("f2",),
        ("f4",),
    ]


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("fct_findings", Share(Rows.ALL)),
        ("fct_findings", Share(Rows.SYSTEMS)),  # without `own`
        ("metric_values", Share(Rows.ALL)),
        ("fct_finding_events", Share(Rows.ALL)),
    ],
)
def test_a_wrong_declaration_is_noticed(
    two_teams: duckdb.DuckDBPyConnection, tmp_path: Path, table: str, wrong: Share
) -> None:
    foreign = {"b", "Theirs", "f2", "f4"}
    right = write(two_teams, tmp_path)["Ours"]
    assert find_leaks(right, foreign) == set()
    for file in tmp_path.glob("team-*"):
        file.unlink()
    leaks = find_leaks(write(two_teams, tmp_path, **{table: wrong})["Ours"], foreign)
    assert {leak.table.split(".")[1] for leak in leaks} == {table}


def given(
    connection: duckdb.DuckDBPyConnection, folder: Path, share: Share | None = None
) -> dict[str, bytes]:
    """Write the files; return all that the processes which write them are given, by file."""
    found: dict[str, bytes] = {}
    run = subprocess.run

    def noted(command: list[str], *, input: str, **more: Any) -> Any:
        rows = re.findall(r"read_parquet\('([^']+)'\)", input)
        file = re.findall(r"[^/]+\.duckdb", json.loads(input)["attach"])[0]
        found[file] = b"".join([" ".join(command).encode(), input.encode(), *map(read, rows)])
        return run(command, input=input, **more)

    def read(file: str) -> bytes:
        return Path(file).read_bytes()

    with mock.patch.object(subprocess, "run", noted):
        write(connection, folder, **({"fct_findings": share} if share else {}))
    return found


def test_who_writes_a_file_is_given_nothing_of_others(
    two_teams: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """The engine leaves what it has in memory in the files that it writes."""
    two_teams.execute("update build.core.fct_findings set vulnerability_class = 'of-' || system_id")
    handed = given(two_teams, tmp_path)
    template = handed.pop("template.duckdb")
    assert b"create table" in template
    assert not re.search(rb"of-[ab]|Ours|Theirs", template)
    ours, theirs = (handed[f"team-{team_id(team)}-000007.duckdb"] for team in ("Ours", "Theirs"))
    for own, other, content in ((b"of-a", b"of-b", ours), (b"of-b", b"of-a", theirs)):
        assert own in content
        assert other not in content
    for file in tmp_path.glob("team-*"):
        file.unlink()
    everything = given(two_teams, tmp_path, Share(Rows.ALL, own=SHARES[FINDINGS].own))
    assert b"of-b" in everything[f"team-{team_id('Ours')}-000007.duckdb"]


def test_a_file_that_cannot_be_written_is_an_error(
    two_teams: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team_files, "_BLOCK", 1000)
    with pytest.raises(AismError, match=r"^\S+ could not be written\. DuckDB says: .*block"):
        write(two_teams, tmp_path)


def test_a_declaration_that_does_not_fit_stops_the_publish(
    two_teams: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with pytest.raises(AuditError, match=r"marts.guidance has no system_id"):
        write(two_teams, tmp_path, guidance=Share(Rows.SYSTEMS))


def test_without_declarations_there_are_no_files(
    two_teams: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert write_team_files(two_teams, BUILD, tmp_path, 7, {}) == {}
    assert list(tmp_path.glob("team-*")) == []


def test_names_of_teams_become_names_of_files() -> None:
    names = ["Payments", "payments", "Zahlungen & Co", "../../etc", "团队", "x" * 300, "a\nb"]
    ids = [team_id(name) for name in names]
    assert len(set(ids)) == len(ids)
    for found in ids:
        assert set(found) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert 8 <= len(found) <= 49
    assert team_id("Cafe\u0301") == team_id("Caf\u00e9")
    assert team_id("payments").startswith("payments-")


def test_the_search_knows_names_within_texts(tmp_path: Path) -> None:
    file = tmp_path / "some.duckdb"
    with duckdb.connect(file) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.notes (note varchar)")
        connection.execute("insert into marts.notes values ('see F-12, (other-bot); F-123')")
        connection.execute("insert into marts.notes values ('like Card Agent did')")
    foreign = {"F-12", "other-bot", "Card Agent", "bot", "F-1"}
    assert find_leaks(file, foreign) == {
        Leak("marts.notes", "note", name) for name in ("F-12", "other-bot", "Card Agent")
    }
