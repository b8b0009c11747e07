"""R5. Two builders at once: one wins and the other says who. Signals stop a process, not more."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from aism.errors import EXIT_LOCKED
from aism.warehouse import Warehouse
from tests.python.publish.bench import PROJECT, Bench
from tests.trust.conftest import Control, Measure
from tests.trust.figures import figure
from tests.trust.test_r01_kills import wait_for_the_first_model


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Have processes hear SIGINT, which a shell has those ignore that it starts behind itself."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "hold"
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("turn", range(figure(3, 10)))
def test_two_builders_at_once(bench: Bench, pipe: Path, measure: Measure, turn: int) -> None:
    """Neither can end before the other has tried: the one with the lock waits for the test."""
    builders = [
        bench.start("build", FAKE_MARKER=f"{marker}.0", FAKE_HOLD=str(pipe)) for marker in (1, 2)
    ]
    # Opening a pipe waits for its reader: a builder that holds the lock.
    with pipe.open("wb"):
        codes: list[int | None] = [None, None]
        while all(code is None for code in codes):
            codes = [builder.poll() for builder in builders]
        loser = next(number for number, code in enumerate(codes) if code is not None)
        _, said = builders[loser].communicate()
    winner = builders[1 - loser]
    _, errors = winner.communicate()
    assert winner.returncode == 0, errors
    assert codes[loser] == EXIT_LOCKED
    assert f"locked by process {winner.pid}:" in said
    assert bench.generation() == (1, float(2 - loser))
    measure("R5", pairs_of_builders=1)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGKILL"])
def test_a_stopped_builder_holds_nothing(
    bench: Bench, pipe: Path, measure: Measure, name: str
) -> None:
    bench.build(1.0)
    bench.publish()
    build = bench.start("build", FAKE_MARKER="2.0", FAKE_HOLD=str(pipe))
    wait_for_the_first_model(build)
    build.send_signal(signal.Signals[name])
    _, errors = build.communicate()
    assert build.returncode not in (0, 1, 2, EXIT_LOCKED)
    assert "Traceback" not in errors
    assert bench.generation() == (1, 1.0)
    assert bench.aism("build", FAKE_MARKER="2.0").returncode == 0
    assert bench.generation() == (2, 2.0)
    assert Warehouse(bench.warehouse).is_settled()
    measure("R5", builders_stopped=1)


def test_both_would_win_in_folders_of_their_own(
    bench: Bench, measure: Measure, control: Control
) -> None:
    """Only the lock makes the second builder lose: two homes into two warehouses both build."""
    one = bench.aism("build", FAKE_MARKER="1.0")
    root = bench.warehouse.parent
    other = bench.aism(
        "build",
        FAKE_MARKER="1.0",
        AISM_HOME=str(root / "other"),
        AISM_WAREHOUSE_DIR=str(root / "warehouse2"),
    )
    control("without a common folder both build", one.returncode == other.returncode == 0)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def is_healthy(port: int) -> bool:
    """Ask the app whether it serves."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health") as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGKILL"])
def test_a_stopped_app_leaves_everything_as_it_is(
    bench: Bench, measure: Measure, name: str
) -> None:
    bench.build(1.0)
    bench.publish()
    before = {path: path.stat().st_mtime_ns for path in bench.warehouse.rglob("*")}
    port = free_port()
    app = subprocess.Popen(
        [sys.executable, "-m", "aism", "app", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env=os.environ | bench.settings.environment,
    )
    while not is_healthy(port):
        assert app.poll() is None, app.communicate()[1]
    app.send_signal(signal.Signals[name])
    _, errors = app.communicate()
    assert "Traceback" not in errors
    assert {path: path.stat().st_mtime_ns for path in bench.warehouse.rglob("*")} == before
    assert not is_healthy(port)
    assert bench.aism("build", FAKE_MARKER="2.0").returncode == 0
    assert bench.generation() == (2, 2.0)
    measure("R5", apps_stopped=1)
