"""Run the stages of a check and tell how long each took.

    python scripts/stages.py "lint=ruff check ." "types&=mypy" "tests=pytest"

One after the other; a stage marked with & runs beside the next one, its output held back until it
ends. Stops at the first stage that fails, with its exit code; the table is printed either way.
Stages run in a shell with this interpreter's folder first in PATH.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Stage:
    """A named shell command; ``beside_next`` lets it share the machine with the stage after it."""

    name: str
    command: str
    beside_next: bool

    @classmethod
    def parse(cls, argument: str) -> Stage:
        name, _, command = argument.partition("=")
        return cls(name.removesuffix("&"), command, name.endswith("&"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a stage ended; ``exit_code`` None means that it was not run."""

    stage: Stage
    exit_code: int | None = None
    seconds: float = 0.0

    @property
    def word(self) -> str:
        if self.exit_code is None:
            return "not run"
        return "FAILED" if self.exit_code else "passed"


def run(stage: Stage, *, alone: bool) -> Outcome:
    """Run one stage; beside another one its output comes in one piece, when it ends."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    headline = f"== {stage.name}: {stage.command}"
    if alone:
        print(headline, flush=True)
    started = time.monotonic()
    done = subprocess.run(  # noqa: S602
        stage.command,
        shell=True,
        env=os.environ | {"PATH": path},
        stdout=None if alone else subprocess.PIPE,
        stderr=None if alone else subprocess.STDOUT,
        text=True,
        check=False,
    )
    if not alone:
        print(f"{headline}\n{done.stdout}", end="", flush=True)
    return Outcome(stage, done.returncode, time.monotonic() - started)


def groups(stages: list[Stage]) -> list[list[Stage]]:
    """Split the stages where one must wait for those before it."""
    grouped: list[list[Stage]] = [[]]
    for stage in stages:
        grouped[-1].append(stage)
        if not stage.beside_next:
            grouped.append([])
    return [group for group in grouped if group]


def main(arguments: list[str]) -> int:
    """Run the stages, given as name=command; return the exit code of the first that failed."""
    grouped = groups([Stage.parse(argument) for argument in arguments])
    outcomes: list[Outcome] = []
    started = time.monotonic()
    exit_code = 0
    while grouped and not exit_code:
        group = grouped.pop(0)
        with ThreadPoolExecutor(len(group)) as pool:
            alone = len(group) == 1
            outcomes += pool.map(lambda stage, alone=alone: run(stage, alone=alone), group)
        exit_code = next((end.exit_code for end in outcomes if end.exit_code), 0)
    outcomes += [Outcome(stage) for stage in chain.from_iterable(grouped)]
    print(render(outcomes, time.monotonic() - started), flush=True)
    return exit_code


def render(outcomes: list[Outcome], total: float) -> str:
    """Return the table of stages with result and seconds, and the time in all."""
    rows = [("stage", "result", "seconds")]
    for outcome in outcomes:
        seconds = "" if outcome.exit_code is None else f"{outcome.seconds:.1f}"
        rows.append((outcome.stage.name, outcome.word, seconds))
    rows.append(("in all", "", f"{total:.1f}"))
    width = max(len(name) for name, _, _ in rows)
    return "\n" + "\n".join(
        f"{name:<{width}}  {result:<7}  {seconds:>7}" for name, result, seconds in rows
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
