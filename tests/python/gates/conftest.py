"""The gate of the command line on a small published file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from aism import cli
from tests.python.gates import marts


@dataclass(frozen=True)
class Told:
    """What the gate printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


Ask = Callable[..., Told]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "warehouse"


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """`aism gate`, of version 2 of the system `bot` if nothing else is said, in this process."""

    def run(*options: str, system: str = "bot", version: str = "2", **variables: str) -> Told:
        with monkeypatch.context() as patch:
            for name, value in (marts.environment(tmp_path) | variables).items():
                patch.setenv(name, value)
            names = ["--system", system, "--version", version]
            patch.setattr(sys, "argv", ["aism", "gate", *names, *options])
            with pytest.raises(SystemExit) as exit_info:
                cli.main()
        captured = capsys.readouterr()
        code = exit_info.value.code
        assert isinstance(code, int)
        return Told(code, captured.out, captured.err)

    return run
