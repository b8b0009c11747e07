"""What a process took: itself, and every process that it began."""

from __future__ import annotations

import json
import mmap
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PROJECT: Final = Path(__file__).resolve().parents[1]
PEERS: Final = Path(os.environ.get("AISM_BENCH_VENV", str(Path(sys.prefix) / "benchmarks")))
"""The environment of what is compared with: benchmarks/requirements.txt, by `make bench`."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The price of one process."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of all processors together."""
    peak: float
    """MB of the largest process."""


@dataclass(frozen=True, slots=True)
class Told:
    """A process that ended well, and the last JSON line that it printed, if any."""

    cost: Cost
    said: dict[str, Any]


def run(
    command: Sequence[str], environment: Mapping[str, str] | None = None, cwd: Path = PROJECT
) -> Told:
    """Run a command to its end.

    Raises:
        SystemExit: it failed; with what it said.
    """
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        assert process.stdout is not None
        said = process.stdout.read().decode(errors="replace")
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            tail = errors.read().decode(errors="replace")[-3000:]
            raise SystemExit(f"{' '.join(command)} failed:\n{said[-3000:]}\n{tail}")
    cost = Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
    return Told(cost, _last_json(said))


def stage(function: Callable[..., Any], *arguments: str) -> Told:
    """Run a function of a module of this package in a process of its own.

    Its arguments are texts; it returns what :attr:`Told.said` should be.
    """
    return run(
        [
            *(sys.executable, "-m", "benchmarks.stage"),
            *(function.__module__, function.__name__),
            *arguments,
        ]
    )


def peer(engine: str, work: str, *arguments: str) -> Told:
    """Run one engine of benchmarks/peers.py in the environment of the peers."""
    script = Path(__file__).with_name("peers.py")
    return run([str(PEERS / "bin" / "python"), str(script), work, engine, *arguments])


def fastest(measure: Callable[[], Told], times: int) -> Told:
    """Return the turn that took the least CPU: other work on the machine only ever adds."""
    return min((measure() for _ in range(times)), key=lambda told: told.cost.cpu)


def read_whole(file: Path) -> None:
    """Read a file once, in blocks of a megabyte, as any reader must: the unit of the ratios.

    Into memory that begins with a page: elsewhere some processors copy at a quarter of the speed,
    which would flatter whatever is compared with it.
    """
    with mmap.mmap(-1, 1 << 20) as buffer, file.open("rb", buffering=0) as stream:
        while stream.readinto(buffer):
            pass


def program(name: str) -> str:
    """Return a program of the project's own environment."""
    return str(Path(sys.executable).with_name(name))


def say(text: str) -> None:
    """Tell on stderr what is going on."""
    print(text, file=sys.stderr, flush=True)


def _last_json(said: str) -> dict[str, Any]:
    for line in reversed(said.splitlines()):
        if line.startswith("{"):
            found: dict[str, Any] = json.loads(line)
            return found
    return {}
