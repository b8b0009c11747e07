"""S7. Small files that ask for much: each is held back with its reason, within time and memory."""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from tests.python.land.conftest import SYSTEMS, Ground
from tests.trust.conftest import Control, Measure
from tests.trust.figures import figure

SECONDS: Final = 60
"""Ten on a quiet machine, of which starting Python takes one; this one may be busy."""
MEGABYTES: Final = 500
MEASURED: Final = """
import json, resource, sys
from pathlib import Path
from aism.land import land
land(Path(sys.argv[1]), Path(sys.argv[2]), exchange_rates=Path(sys.argv[3]))
both = [resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps(max(both) / 1024))
"""


def attempts_with(key_count: int = 0, depth: int = 0) -> bytes:
    """Return a line of attempts with so many keys, or nested so deep."""
    good = {
        "run_id": "r1",
        "target_name": "S1",
        "attack": "a",
        "outcome": "success",
        "attempted_at": "2026-01-01T00:00:00Z",
    }
    keys = "".join(f', "k{number}": 0' for number in range(key_count))
    nested = f', "deep": {"[" * depth}{"]" * depth}' if depth else ""
    return (json.dumps(good)[:-1] + keys + nested + "}\n").encode()


def put_ratio(ground: Ground) -> None:
    ground.put("program/scans.csv.gz", gzip.compress(bytes(figure(64, 2_000) * 2**20), 9))
    ground.put("attempts/a.jsonl.gz", gzip.compress(bytes(figure(64, 2_000) * 2**20), 9))


def put_nested(ground: Ground) -> None:
    inner = gzip.compress(gzip.compress(bytes(64 * 2**20), 9), 9)
    ground.put("attempts/a.jsonl.gz", inner)


def put_one_line(ground: Ground) -> None:
    with (ground.landing / "attempts").joinpath("a.jsonl").open("wb") as stream:
        stream.write(b'{"run_id": "')
        stream.truncate(figure(200, 1_000) * 2**20)


def put_keys(ground: Ground) -> None:
    ground.put("attempts/a.jsonl", attempts_with(key_count=1_000_000))


def put_depth(ground: Ground) -> None:
    ground.put("attempts/a.jsonl", attempts_with(depth=100_000))


def put_many(ground: Ground) -> None:
    folder = ground.landing / "program"
    for number in range(figure(2_000, 100_000)):
        (folder / f"scans-{number}.csv").write_bytes(b"")


BOMBS: Final = {
    "ratio": (put_ratio, {"too_large"}),
    "nested gzip": (put_nested, {"bad_utf8", "not_json", "too_large"}),
    "one line": (put_one_line, {"line_too_long"}),
    "keys": (put_keys, None),
    "depth": (put_depth, {"too_deep"}),
    "many files": (put_many, None),
}
"""What is put, and the reasons it may be held back for; None: it is read like anything else."""


def land_measured(ground: Ground) -> tuple[float, float]:
    """Land in a process of its own; return its seconds and the most megabytes it held."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, ground.landing, ground.home, ground.rates],
        capture_output=True,
        text=True,
        check=False,
        timeout=20 * SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began, float(done.stdout)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb(with_systems: Ground, name: str, measure: Measure) -> None:
    put, reasons = BOMBS[name]
    (with_systems.landing / "attempts").mkdir()
    put(with_systems)
    _, megabytes = land_measured(with_systems)
    assert megabytes < MEGABYTES, name
    assert with_systems.ask("registers/systems", "system_id") == [("S1",)]
    held_back = {reason for *_, reason in with_systems.quarantine()}
    if reasons is not None:
        assert held_back
        assert held_back <= reasons
    measure("S7", bombs=1)


def test_memory_is_measured(control: Control, tmp_path: Path) -> None:
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 1024, "kilobytes"
    ground = Ground(tmp_path)
    ground.put("program/systems.csv", SYSTEMS)
    _, megabytes = land_measured(ground)
    control("a process holds more than nothing", 10 < megabytes < MEGABYTES)
