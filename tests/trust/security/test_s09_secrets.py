"""S9. Secrets of the environment and texts of prompts are nowhere that anybody reads."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
import pytest

from app.components.listings import LISTINGS
from app.components.text import csv_file
from app.data import published, table
from app.reports.make import make
from tests.python.compiled import PROJECT, environment
from tests.python.whole import SAMPLE_AS_OF
from tests.trust.conftest import Control, Measure
from tests.trust.security.conftest import CANARIES, WORDS, Hostile

KEYS: Final = re.compile(
    r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}\b"
    r"|\bgithub_pat_\w{22,}|\bxox[abprs]-\w{10,}|\bsk-[A-Za-z0-9]{32,}|\beyJ[\w-]{20,}\.eyJ[\w-]{20,}"
)


def tables(file: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """Yield what can be selected from in a database or a Parquet file."""
    with duckdb.connect() as connection:
        if file.suffix == ".parquet":
            yield connection, f"read_parquet('{file}')"
            return
        # Attached: who opened the file in this process may have done so with other settings.
        connection.execute(f"attach '{file}' as opened (read_only)")
        for name in connection.execute(
            "select '\"' || schema_name || '\".\"' || table_name || '\"' from duckdb_tables()"
            " where database_name = 'opened'"
        ).fetchall():
            yield connection, f"opened.{name[0]}"


def holds(file: Path, words: tuple[str, ...]) -> set[str]:
    """Return which of the words are in a file, also where its bytes are compressed."""
    if file.suffix not in (".parquet", ".duckdb"):
        content = file.read_bytes()
        return {word for word in words if word.encode() in content}
    found: set[str] = set()
    tried = ", ".join(["bool_or(contains(line, ?))"] * len(words))
    for connection, name in tables(file):
        (held,) = connection.execute(
            f"select {tried} from (select cells::varchar as line from {name} as cells)", words
        ).fetchall()
        found |= {word for word, is_held in zip(words, held, strict=True) if is_held}
    return found


def files(*folders: Path) -> list[Path]:
    return [file for folder in folders for file in folder.rglob("*") if file.is_file()]


def test_no_file_of_the_build_holds_them(
    hostile: Hostile, measure: Measure, control: Control
) -> None:
    kept = files(hostile.home, hostile.warehouse)
    assert {".parquet", ".duckdb", ".json"} <= {file.suffix for file in kept}
    leaking = {file.name: holds(file, WORDS) for file in kept if holds(file, WORDS)}
    assert leaking == {}
    current = (hostile.warehouse / "current.duckdb").resolve()
    control("a word in a database is found", holds(current, ("support-bot",)) != set())
    control(
        "a word in a landed file is found", any(holds(f, WORDS) for f in files(hostile.landing))
    )
    measure("S9", checks=len(WORDS), canaries=len(WORDS), files=len(kept), hits=0)


def test_no_export_holds_them(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch, measure: Measure
) -> None:
    monkeypatch.setenv("AISM_WAREHOUSE_DIR", str(hostile.warehouse))
    generation = published()
    assert generation is not None
    exports = [csv_file(table(generation, name)) for name in LISTINGS]
    exports += [
        make(kind, form, period=None, team_name=None, assessment_id=None)
        for kind in ("executive", "board")
        for form in ("md", "html")
    ]
    assert [word for word in WORDS for export in exports if word.encode() in export] == []
    measure("S9", checks=len(WORDS), exports=len(exports))


def test_no_message_and_no_traceback_holds_them(hostile: Hostile, measure: Measure) -> None:
    """Of commands that fail, one of them with a traceback in a log, on the hostile landing."""
    home = hostile.home.with_name("failing")
    settings = environment(hostile.landing, home, SAMPLE_AS_OF)
    said = b""
    for arguments in (
        ("-m", "aism", "report", "executive"),
        ("-m", "aism", "gate", "--system", "x", "--version", "1"),
        ("-c", "from aism import cli; cli.fail_unexpectedly(ValueError('x'))"),
    ):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=settings | CANARIES | {"AISM_WAREHOUSE_DIR": str(home / "none")},
            capture_output=True,
            check=False,
        )
        assert done.returncode != 0
        said += done.stdout + done.stderr
    logs = list((home / "logs").glob("error-*.log"))
    assert logs
    said += b"".join(log.read_bytes() for log in logs)
    assert [word for word in WORDS if word.encode() in said] == []
    measure("S9", checks=len(WORDS), messages=3, hits=0)


def test_no_tracked_file_holds_a_key(control: Control) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a checkout of git")
    names = [name for name in listed.stdout.decode().split("\0") if name]
    found = [
        name
        for name in names
        if (PROJECT / name).is_file()
        and KEYS.search((PROJECT / name).read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []
    tracked = {Path(name).name for name in names}
    assert not tracked & {"secrets.toml", ".env", "id_rsa"}
    control("a key is noticed", KEYS.search("AKIA" + "A" * 16) is not None)
