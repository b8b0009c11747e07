"""`aism report` as people and cron run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aism.errors import EXIT_USAGE
from aism.settings import find_project


def run(warehouse: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "aism", "report", *arguments],
        cwd=find_project(),
        env=os.environ | {"AISM_WAREHOUSE_DIR": str(warehouse)},
        capture_output=True,
        check=False,
    )


def test_writes_a_file_and_nothing_else(warehouse: Path, tmp_path: Path) -> None:
    done = run(warehouse, "executive", "--format", "md", "--output", str(tmp_path / "mail.md"))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [file.name for file in tmp_path.iterdir()] == ["mail.md"]
    again = run(warehouse, "executive", "--format", "md")
    assert again.stdout == (tmp_path / "mail.md").read_bytes()
    assert again.stdout.startswith(b"# AI security")


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("team", "--team", "nobody"), "digital-channels"),
        (("team",), "digital-channels"),
        (("assessment", "--assessment", "ASM-999999"), "ASM-0"),
        (("executive", "--period", "1999-01"), "2026-1"),
        (("executive", "--period", "last month"), "2026-1"),
        (("board", "--team", "payments"), "aism report team"),
        (("team", "--team", "payments", "--period", "2026-10"), "--period"),
        (("board", "--output", "no/such/folder/x.html"), "no/such/folder"),
    ],
)
def test_what_is_unknown_is_said_in_one_line(
    warehouse: Path, arguments: tuple[str, ...], names: str
) -> None:
    done = run(warehouse, *arguments)
    told = done.stderr.decode()
    assert done.returncode == EXIT_USAGE
    assert done.stdout == b""
    assert told.startswith("error: ")
    assert told.count("\n") == 1
    assert names in told


def test_nothing_published_says_what_to_run(tmp_path: Path) -> None:
    done = run(tmp_path, "board")
    assert done.returncode == EXIT_USAGE
    assert "aism build" in done.stderr.decode()
