"""Fixtures of the publishing tests."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from aism import cli
from aism.settings import Settings
from tests.python.publish.bench import PROJECT, Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    landing = tmp_path / "landing"
    landing.mkdir()
    home, warehouse = tmp_path / "home", tmp_path / "warehouse"
    return Bench(Settings(project=PROJECT, landing=landing, home=home, warehouse=warehouse))


@pytest.fixture
def query() -> Callable[[Path, str], list[tuple[Any, ...]]]:
    def run(file: Path, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(file, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return run


@dataclass(frozen=True)
class Told:
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def call(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Told]:
    """Run the command line in this process: quicker, for commands that change nothing."""

    def run(*arguments: str, **environment: str) -> Told:
        with monkeypatch.context() as patch:
            for name, value in (bench.settings.environment | environment).items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["aism", *arguments])
            with pytest.raises(SystemExit) as exit_info:
                cli.main()
        captured = capsys.readouterr()
        return Told(int(exit_info.value.code or 0), captured.out, captured.err)

    return run
