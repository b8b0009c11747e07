"""`aism check` tells and never blocks; nothing else pays for the import of Great Expectations."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import NoReturn

import duckdb
import pytest
from rich.console import Console

from aism.deliveries.results import DeliveryCheck, Status
from aism.report import print_deliveries, read_deliveries
from tests.python.deliveries.conftest import PROJECT, Deliveries, findings

Command = Callable[..., tuple[int, str]]

IMPORTS = """
import sys
import aism.build
from aism import cli

aism.build.PrivateBuild.run = lambda *_: None
aism.build.publish = lambda *_: sys.exit(0)
aism.build.settle = lambda *_: None
if sys.argv.pop() == "unchanged":
    aism.build._unchanged_generation = lambda *_: 7
cli.tell_deliveries = lambda *_: None
try:
    cli.main()
finally:
    print("imported:", "great_expectations" in sys.modules, file=sys.stderr)
"""


def test_warnings_are_told_and_exit_0(deliveries: Deliveries, command: Command) -> None:
    deliveries.put("program/findings-2026-06.csv", findings("B", 40, month=6))
    exit_code, told = command("check", "--as-of", "2026-06-30")
    assert exit_code == 0
    assert "row_count" in told
    assert "1 warned" in told


def test_a_check_says_what_takes_its_time_before_it_is_over(
    deliveries: Deliveries,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told: list[str] = []

    def check(*_: object, **__: object) -> list[DeliveryCheck]:
        told.append(capsys.readouterr().err)
        return []

    monkeypatch.setattr("aism.deliveries.check_deliveries", check)
    assert command("check", "--as-of", "2026-06-30")[0] == 0
    assert "checking deliveries" in told[0]


@pytest.mark.parametrize(
    ("statuses", "line"),
    [
        ([], "Deliveries were not checked: `aism check` does."),
        ([("warning", Status.PASSED)], "0 of 1 checks of deliveries warned"),
        (
            [
                ("info", Status.WARNED),
                ("critical", Status.WARNED),
                ("critical", Status.PASSED),
                ("critical", Status.NOT_APPLICABLE),
                *[("warning", Status.WARNED)] * 2,
            ],
            "4 of 6 checks of deliveries warned (1 critical, 2 warning, 1 info): `aism check` "
            "names them, marts.delivery_checks keeps them",
        ),
    ],
    ids=["not checked", "none", "some"],
)
def test_build_and_status_say_how_many_deliveries_were_warned_of(
    tmp_path: Path, statuses: list[tuple[str, Status]], line: str
) -> None:
    file = tmp_path / "generation.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.delivery_checks (severity varchar, status varchar)")
        for severity, status in statuses:
            connection.execute(
                "insert into marts.delivery_checks values (?, ?)", [severity, status]
            )
    console = Console(file=StringIO(), width=200)
    print_deliveries(console, read_deliveries(file))
    assert console.file.getvalue() == f"{line}\n"  # type: ignore[attr-defined]


def test_data_docs_need_no_network(
    deliveries: Deliveries, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a connection was tried")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    docs = deliveries.settings.home / "data_docs"
    assert command("check", "--as-of", "2026-06-30")[0] == 0
    assert not docs.exists()
    exit_code, told = command("check", "--as-of", "2026-06-30", "--data-docs")
    assert exit_code == 0
    assert "0 warned" in told
    assert (docs / "index.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "is_imported"),
    [
        (("--help", ""), False),
        (("land", ""), False),
        (("build", "unchanged"), False),
        (("build", "changed"), True),  # control
    ],
)
def test_only_a_check_that_is_due_imports_great_expectations(
    deliveries: Deliveries, arguments: tuple[str, ...], is_imported: bool
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, *arguments],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=os.environ | deliveries.settings.environment,
    )
    assert done.returncode == 0, done.stderr
    assert f"imported: {is_imported}" in done.stderr
