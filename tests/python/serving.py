"""The app as people start it, on a free port of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from tests.python.compiled import PROJECT

START_SECONDS: Final = 90
"""A machine that does much else starts the app slowly."""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def app_started(port: int, log: Path, **variables: str) -> Iterator[str]:
    """Start `aism app`, yield its address once it answers, and stop it."""
    with app_process(port, log, **variables):
        yield address_of(port)


def address_of(port: int) -> str:
    return f"http://127.0.0.1:{port}"


@contextmanager
def app_process(port: int, log: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start `aism app`, yield its process once it answers, and stop it."""
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "aism", "app", "--port", str(port)],
            cwd=PROJECT,
            env=os.environ | variables,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"{address_of(port)}/_stcore/health", process)
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, "the app ended"
        try:
            with urlopen(url, timeout=5):  # loopback
                return
        except (URLError, OSError):
            assert time.monotonic() < deadline, "the app did not start"
            time.sleep(0.2)
