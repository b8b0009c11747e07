"""Commands that run another one with little of something; where the machine has no way, none."""

from __future__ import annotations

import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

_LIMITED = """
import os, resource, sys
resource.setrlimit(getattr(resource, sys.argv[1]), (int(sys.argv[2]),) * 2)
os.execvp(sys.argv[3], sys.argv[3:])
"""


def limited(name: str, value: int) -> tuple[str, ...]:
    """Return a command that runs another under a limit of the operating system (RLIMIT_*)."""
    return (sys.executable, "-c", _LIMITED, name, str(value))


@cache
def _can_mount() -> bool:
    tried = subprocess.run(
        ["unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=64k none /mnt"],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


def small_disk(folder: Path, size: int, *, holding: Path, to: Path) -> tuple[str, ...]:
    """Return a command that runs another with ``folder`` on a disk of ``size`` bytes.

    The disk starts as a copy of ``holding`` and is gone afterwards; ``to`` gets what was on it.
    """
    return _mounted(
        f"mount -t tmpfs -o size={size} none {_quoted(folder)}"
        f" && cp -a {_quoted(holding)}/. {_quoted(folder)}"
        f' && "$@"; code=$?; cp -a {_quoted(folder)}/. {_quoted(to)}; exit $code'
    )


def read_only(folder: Path) -> tuple[str, ...]:
    """Return a command that runs another which cannot write into ``folder``, not even as root."""
    return _mounted(
        f"mount --bind {_quoted(folder)} {_quoted(folder)}"
        f' && mount -o remount,bind,ro {_quoted(folder)} && "$@"'
    )


def _mounted(script: str) -> tuple[str, ...]:
    if sys.platform != "linux" or not _can_mount():
        pytest.skip("no mounts for ordinary users here (unshare -rm)")
    return ("unshare", "-rm", "sh", "-c", script, "sh")


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
