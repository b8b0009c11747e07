"""Run the stages of a check one after the other and tell how long each took.

    python scripts/stages.py "lint=ruff check ." "types=mypy"

Stops at the first stage that fails, with its exit code; the table is printed either way. Stages
run in a shell with this interpreter's folder first in PATH.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run the stages, given as name=command; return the exit code of the last that ran."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    }
    table: list[tuple[str, str, str]] = []
    exit_code = 0
    for argument in arguments:
        name, _, command = argument.partition("=")
        if exit_code:
            table.append((name, "not run", ""))
            continue
        print(f"== {name}: {command}", flush=True)
        started = time.monotonic()
        exit_code = subprocess.run(command, shell=True, env=environment).returncode  # noqa: S602
        seconds = f"{time.monotonic() - started:.1f}"
        table.append((name, "FAILED" if exit_code else "passed", seconds))
    print(render(table), flush=True)
    return exit_code


def render(table: list[tuple[str, str, str]]) -> str:
    """Return the stages with result and seconds, and the sum."""
    total = sum(float(seconds) for _, _, seconds in table if seconds)
    rows = [("stage", "result", "seconds"), *table, ("total", "", f"{total:.1f}")]
    width = max(len(name) for name, _, _ in rows)
    return "\n" + "\n".join(
        f"{name:<{width}}  {result:<7}  {seconds:>7}" for name, result, seconds in rows
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
