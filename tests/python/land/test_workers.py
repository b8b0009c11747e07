"""Work in several processes: in order, bounded, and over when the caller is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aism.land.lake import LakeError
from aism.land.model import Reason, UnreadableFileError
from aism.land.streams import Range
from aism.land.workers import map_in_processes

TAKE = "aism.land.readers.garak_attempts:take_range"


def test_results_come_in_the_order_asked_for() -> None:
    asked = [(number, 7) for number in range(50, 0, -1)]
    assert list(map_in_processes("operator:mul", asked, 3)) == [7 * n for n in range(50, 0, -1)]


def test_little_is_asked_ahead() -> None:
    taken = 0

    def arguments() -> Iterator[tuple[int, int]]:
        nonlocal taken
        for taken in range(1, 101):
            yield taken, 1

    results = map_in_processes("operator:mul", arguments(), 2)
    assert next(results) == 1
    assert taken == 4
    results.close()  # type: ignore[attr-defined]


def test_an_unreadable_file_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        list(map_in_processes(TAKE, [(tmp_path / "none", Range(0, 10))], 1))
    assert caught.value.reason is Reason.UNREADABLE_FILE


@pytest.mark.parametrize("function", ["operator:truediv", "operator:no_such", "no_such:module"])
def test_a_process_that_fails_is_an_error(function: str) -> None:
    with pytest.raises(LakeError, match="ended early"):
        list(map_in_processes(function, [(1, 1), (1, 0)] * 5, 2))


def test_a_process_ends_when_its_caller_is_killed() -> None:
    """The caller dies without a word; its output is only closed when its child is gone too."""
    code = (
        "import os, aism.land.workers as workers\n"
        "original = workers.subprocess.Popen\n"
        "def start(*args, **kwargs):\n"
        "    return original(*args, **{**kwargs, 'stderr': 1})\n"
        "workers.subprocess.Popen = start\n"
        "results = workers.map_in_processes('operator:mul', [(1, 1)] * 99, 2)\n"
        "print(next(results), flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    caller = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=60, check=False
    )
    assert caller.returncode == -9
    assert caller.stdout.startswith(b"1\n")
