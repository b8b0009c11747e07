"""R16. Many generations on end, read all the while: memory, open files and disk do not grow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aism.warehouse import KEPT_EXPORTS, KEPT_GENERATIONS
from tests.python.publish.bench import PROJECT
from tests.trust.conftest import Control, Measure
from tests.trust.figures import figure

SOAK = """
import gc, os, sys
from pathlib import Path
from aism.duck import current_file, open_published
from tests.trust.conftest import bench_in

def resident():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

bench = bench_in(Path(sys.argv[1]))
leak = []
for turn in range(int(sys.argv[2])):
    bench.build(float(turn))
    bench.publish()
    with open_published(current_file(bench.warehouse)) as connection:
        assert connection.execute("select max(value) from marts.metric_values").fetchall()
    if sys.argv[3] == "leaking":
        leak.append((bytearray(2 << 20), open(os.devnull)))
    print(resident(), len(os.listdir("/proc/self/fd")), flush=True)
"""


def soak(folder: Path, cycles: int, *, leaking: bool = False) -> tuple[float, int]:
    """Publish and read so many generations in one process.

    Returns how much memory grew between the second and the last quarter (their medians, as a
    share), and how many more files were open at the end than at the end of the first quarter.
    """
    done = subprocess.run(
        [sys.executable, "-c", SOAK, str(folder), str(cycles), "leaking" if leaking else "tight"],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    memory, files = zip(*(map(int, line.split()) for line in done.stdout.splitlines()), strict=True)
    quarter = cycles // 4
    before = sorted(memory[quarter : 2 * quarter])[quarter // 2]
    after = sorted(memory[-quarter:])[quarter // 2]
    return after / before - 1, files[-1] - files[quarter]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_memory_files_and_disk_stay(tmp_path: Path, measure: Measure, control: Control) -> None:
    cycles = figure(40, 300)
    growth, more_files = soak(tmp_path / "soak", cycles)
    assert growth < 0.1
    assert more_files <= 0
    warehouse = tmp_path / "soak" / "warehouse"
    assert len(list(warehouse.glob("generation-*.duckdb"))) == KEPT_GENERATIONS
    assert len(list(warehouse.glob("current-*"))) == KEPT_EXPORTS
    measure("R16", generations=cycles, growth_of_memory=f"{growth:.1%}", more_open_files=more_files)
    growth, more_files = soak(tmp_path / "leak", 40, leaking=True)
    control("growing memory is noticed", growth >= 0.1)
    control("files that stay open are noticed", more_files > 0)
