"""R1. kill -9 between the first model and the end of the process: old or new, never mixed.

A build is started, and killed at a random moment after its first model is done: kills before that
hit the start of Python and prove little. Those that come too late are not counted.
"""

from __future__ import annotations

import random
import signal
import subprocess
import time

from tests.python.publish.bench import Bench
from tests.trust.checks import check_nothing_is_left
from tests.trust.conftest import Control, Measure
from tests.trust.figures import figure

FIRST_MODEL = "built and tested"


def wait_for_the_first_model(build: subprocess.Popen[str], line: str = FIRST_MODEL) -> None:
    """Read what a build says until its first model is done."""
    assert build.stderr is not None
    for told in build.stderr:
        if line in told:
            return
    raise AssertionError(f"the build ended before its first model: {build.wait()}")


def window_of(build: subprocess.Popen[str], line: str = FIRST_MODEL) -> float:
    """Return the seconds from the first model of a build to its end."""
    wait_for_the_first_model(build, line)
    began = time.monotonic()
    _, errors = build.communicate()
    assert build.returncode == 0, errors
    return time.monotonic() - began


def kill_within(build: subprocess.Popen[str], seconds: float, line: str = FIRST_MODEL) -> bool:
    """Kill a build so many seconds after its first model; say whether it still ran."""
    wait_for_the_first_model(build, line)
    try:
        build.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        build.kill()
    build.communicate()
    return build.returncode == -signal.SIGKILL


def test_killed_at_random(bench: Bench, measure: Measure, control: Control) -> None:
    wanted = figure(10, 50)
    chance = random.Random(1)
    window = window_of(bench.start("build", "--no-check", FAKE_MARKER="0.0"))
    number, marker = bench.generation()
    killed, mixed, new = 0, 0, 0
    for turn in range(1, 3 * wanted):
        if killed == wanted:
            break
        build = bench.start("build", "--no-check", FAKE_MARKER=f"{turn}.0")
        if not kill_within(build, chance.uniform(0, window)):
            number, marker = bench.generation()
            continue
        killed += 1
        found = bench.generation()  # fails for a mixture
        assert found[1] in (marker, float(turn))
        assert (found[1] == marker) == (found[0] == number)
        new += found[1] != marker
        number, marker = found
    assert killed >= wanted * 3 // 5, f"only {killed} of {turn} builds were hit"

    again = bench.aism("build", "--no-check", FAKE_MARKER="-1.0")
    assert again.returncode == 0, again.stderr
    number, marker = bench.generation()
    assert marker == -1.0
    measure("R1", kills=killed, new_generation_seen=new, mixed=mixed)

    bench.build(1.0, change_sql="update marts.build_generation set landing_sha256 = '2.0'")
    bench.publish()
    try:
        bench.generation()
        noticed = False
    except AssertionError:
        noticed = True
    control("a mixed generation is noticed", noticed)


def test_every_kill_is_cleaned_up_by_the_next_build(bench: Bench, measure: Measure) -> None:
    chance = random.Random(2)
    window = window_of(bench.start("build", "--no-check", FAKE_MARKER="0.0"))
    before, _ = bench.generation()
    hit = False
    for turn in range(1, 20):
        hit = kill_within(
            bench.start("build", "--no-check", FAKE_MARKER=f"{turn}.0"),
            chance.uniform(0, window / 2),
        )
        number, _ = bench.generation()
        if hit and number == before:
            break
        before = number
    assert hit
    published = {int(path.stem[-6:]) for path in bench.warehouse.glob("history/*.parquet")}
    assert bench.aism("build", "--no-check", FAKE_MARKER="100.0").returncode == 0
    number, marker = bench.generation()
    assert marker == 100.0
    measure("R1", kills=1)
    if len(published) == 1:
        check_nothing_is_left(bench.warehouse, {before, number})
