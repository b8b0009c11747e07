"""One builder at a time. The operating system frees the lock of a process that died."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from aism.errors import LockedError
from aism.faults import fault_step


class FolderLock:
    """The lock of one folder; whoever holds it has written its process id beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / ".lock", is_singleton=False)
        self._holder = folder / ".lock.pid"

    def acquire(self) -> None:
        """Take the lock now.

        Raises:
            LockedError: another process has it; the message names its pid.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise LockedError(
                f"{self._folder} is locked by {self._holder_name()}: another build or publish is "
                "running. Try again when it is done."
            ) from None
        self._holder.write_text(f"{os.getpid()}\n", encoding="ascii")

    def release(self) -> None:
        """Give the lock back."""
        self._holder.unlink(missing_ok=True)
        self._lock.release()

    def _holder_name(self) -> str:
        try:
            return f"process {int(self._holder.read_text(encoding='ascii'))}"
        except (OSError, ValueError):
            return "another process"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of ``folder``, created if it is not there.

    Raises:
        LockedError: another process has it.
    """
    lock = FolderLock(folder)
    with fault_step("lock"):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
