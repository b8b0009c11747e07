"""R16. Many generations on end, read all the while: memory, open files and disk do not grow.

Of a process that publishes and reads, and of the app that somebody keeps open meanwhile.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from aism.warehouse import KEPT_EXPORTS, KEPT_GENERATIONS, Warehouse
from tests.python.publish.bench import PROJECT
from tests.python.serving import address_of, app_process, free_port
from tests.trust.conftest import Built, Control, Measure
from tests.trust.copies import publish_copy
from tests.trust.figures import figure

PATIENCE: Final = 90
"""Seconds that a page may take on a machine that does much else."""

needs_proc = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")

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
        leak.append((bytearray(8 << 20), open(os.devnull)))
    print(resident(), len(os.listdir("/proc/self/fd")), flush=True)
"""


def growth_of(memory: Sequence[int], files: Sequence[int]) -> tuple[float, int]:
    """Return how much memory grew between the second and the last quarter, and open files.

    Memory: medians, as a share. Files: how many more at the end than after the first quarter.
    """
    quarter = len(memory) // 4
    before = sorted(memory[quarter : 2 * quarter])[quarter // 2]
    after = sorted(memory[-quarter:])[quarter // 2]
    return after / before - 1, files[-1] - files[quarter]


def soak(folder: Path, cycles: int, *, leaking: bool = False) -> tuple[float, int]:
    """Publish and read so many generations in one process; return how it grew."""
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
    return growth_of(memory, files)


@contextmanager
def page_kept_open(url: str) -> Iterator[Callable[[], bytes]]:
    """Keep the first page open as a browser does; yield what draws it again and returns it."""
    address = f"{url.replace('http', 'ws')}/_stcore/stream"
    with connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None) as session:

        def draw() -> bytes:
            asked = BackMsg()
            asked.rerun_script.query_string = ""
            session.send(asked.SerializeToString())
            drawn = b""
            while True:
                message = session.recv(timeout=PATIENCE)
                assert isinstance(message, bytes)
                drawn += message
                told = ForwardMsg.FromString(message)
                if told.WhichOneof("type") == "script_finished":
                    assert told.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
                    return drawn

        yield draw


@needs_proc
def test_memory_files_and_disk_stay(tmp_path: Path, measure: Measure, control: Control) -> None:
    cycles = figure(24, 300)
    growth, more_files = soak(tmp_path / "soak", cycles)
    assert growth < 0.1
    assert more_files <= 0
    warehouse = tmp_path / "soak" / "warehouse"
    assert len(list(warehouse.glob("generation-*.duckdb"))) == KEPT_GENERATIONS
    assert len(list(warehouse.glob("current-*"))) == KEPT_EXPORTS
    measure("R16", generations=cycles, growth_of_memory=f"{growth:.1%}", more_open_files=more_files)
    growth, more_files = soak(tmp_path / "leak", 16, leaking=True)
    control("growing memory is noticed", growth >= 0.1)
    control("files that stay open are noticed", more_files > 0)


@needs_proc
def test_the_app_follows_and_stays(sample: Built, tmp_path: Path, measure: Measure) -> None:
    """It shows each new generation; in how many it has to be seen that it does not grow."""
    cycles = figure(4, 300)
    shutil.copytree(sample.warehouse, tmp_path / "warehouse", symlinks=True)
    warehouse = Warehouse(tmp_path / "warehouse")
    memory: list[int] = []
    files: list[int] = []
    settings = {"AISM_WAREHOUSE_DIR": str(warehouse.folder)}
    port = free_port()
    with (
        app_process(port, tmp_path / "log", **settings) as process,
        page_kept_open(address_of(port)) as draw,
    ):
        for _ in range(cycles):
            number = publish_copy(warehouse)
            assert f"Generation\N{NO-BREAK SPACE}{number},".encode() in draw()
            proc = Path(f"/proc/{process.pid}")
            memory.append(int((proc / "statm").read_text().split()[1]))
            files.append(len(list((proc / "fd").iterdir())))
    if cycles > 100:
        growth, more_files = growth_of(memory, files)
        assert growth < 0.1
        assert more_files <= files[cycles // 4] // 10
        told = {"growth_of_the_app": f"{growth:.1%}", "more_files_of_the_app": more_files}
        measure("R16", **told)
    assert len(list(warehouse.folder.glob("generation-*.duckdb"))) == KEPT_GENERATIONS
    measure("R16", generations_that_the_app_showed=cycles)
