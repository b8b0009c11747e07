"""One builder at a time; a dead one holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from aism.errors import EXIT_LOCKED, LockedError
from aism.lock import locked
from tests.python.publish.bench import Bench

HOLD = """
import sys
from pathlib import Path
from aism.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("command", ["build", "publish", "land"])
def test_second_command_exits_75_naming_the_first(bench: Bench, command: str) -> None:
    bench.build()
    with locked(bench.settings.home):
        refused = bench.aism(command)
    assert refused.returncode == EXIT_LOCKED
    assert f"process {os.getpid()}" in refused.stderr
    assert bench.aism(command).returncode == 0  # control: free again


def test_lock_of_another_process_is_free_once_that_is_killed(bench: Bench) -> None:
    home = bench.settings.home
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(LockedError, match=f"process {holder.pid}:"), locked(home):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with locked(home):
        pass


def test_two_homes_do_not_publish_into_one_warehouse_at_once(bench: Bench) -> None:
    bench.build()
    with locked(bench.warehouse), pytest.raises(LockedError, match="warehouse"):
        bench.publish()
    assert bench.publish().generation == 1
