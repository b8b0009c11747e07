"""S8. What a file says about itself never drives the terminal of whoever reads the messages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.python.compiled import PROJECT, environment
from tests.python.whole import SAMPLE_AS_OF
from tests.trust.conftest import Control, Measure
from tests.trust.figures import figure
from tests.trust.security.payloads import TERMINAL

AT_ONCE: Final = figure(9, 1)
"""Payloads in one landing folder."""
DRIVES: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)


def run(home: Path, landing: Path, *arguments: str) -> tuple[int, str]:
    """Run `aism`; return its exit code and all that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "aism", *arguments],
        cwd=PROJECT,
        env=environment(landing, home, SAMPLE_AS_OF, AISM_WAREHOUSE_DIR=str(home / "none")),
        capture_output=True,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "surrogateescape")


def logs(home: Path) -> str:
    return "".join(
        file.read_text(encoding="utf-8", errors="surrogateescape") for file in home.rglob("*.log")
    )


def check_is_calm(text: str) -> None:
    assert DRIVES.findall(text) == []


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.mark.parametrize("first", range(0, len(TERMINAL), AT_ONCE))
def test_names_and_cells_in_messages(
    home: Path, tmp_path: Path, first: int, measure: Measure
) -> None:
    program = tmp_path / "landing" / "program"
    program.mkdir(parents=True)
    payloads = TERMINAL[first : first + AT_ONCE]
    for number, payload in enumerate(payloads):
        if "\x00" not in payload:
            name = payload.replace("/", "_").encode()[:200].decode("utf-8", "ignore")
            (program / f"{name}.csv").write_text("a\n1\n", encoding="utf-8")
        (program / f"systems-{number}.csv").write_text(
            f'system_id,system_name,risk_tier,{payload!r}\nS1,"{payload}",{payload},x\n',
            encoding="utf-8",
            newline="",
        )
    code, said = run(home, tmp_path / "landing", "land")
    assert code == 0, said
    assert "Traceback" not in said
    check_is_calm(said)
    lines = said.splitlines()
    assert len(lines) > 2 * len(payloads)
    assert all(line.startswith(("  ", "Landed", "Nothing new")) for line in lines), lines
    measure("S8", payloads=len(payloads))


def test_arguments_in_messages(home: Path, tmp_path: Path, measure: Measure) -> None:
    arguments = [payload for payload in TERMINAL if "\x00" not in payload]
    said_of = [
        run(home, tmp_path, *command, payload)
        for payload in arguments[:: len(arguments) // figure(2, 12)]
        for command in (
            ("build", "--as-of"),
            ("report", "team", "--team"),
            ("gate",),
            ("gate", "--version"),
        )
    ]
    for code, said in said_of:
        assert code != 0
        assert "Traceback" not in said
        check_is_calm(said)
    measure("S8", messages=len(said_of))


def test_logs_of_errors(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aism import cli

    monkeypatch.setenv("AISM_HOME", str(tmp_path))
    for payload in TERMINAL:
        with pytest.raises(SystemExit):
            cli.fail_unexpectedly(ValueError(payload))
    said = logs(tmp_path)
    assert "ValueError" in said
    check_is_calm(said)


def test_a_payload_that_came_through_would_be_noticed(control: Control) -> None:
    noticed = 0
    for payload in TERMINAL:
        text = payload.replace("\n", "")
        try:
            check_is_calm(text)
        except AssertionError:
            noticed += 1
    control("every payload is noticed, but that with a mere line end", noticed == 24)
