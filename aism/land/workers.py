"""Processes that do the same work on many things at once, with results in the order asked for.

Each is a fresh interpreter that takes work from its standard input and answers on its standard
output. It ends when that input does, so it cannot outlive the process that began it, however that
ends. Nothing of the caller is imported again, as multiprocessing would: not the main module of dbt.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aism.land.model import UnreadableFileError

if TYPE_CHECKING:
    from aism.land.lake import LakeError

_PROCESSES = "AISM_LAND_PROCESSES"
_ROOT = Path(__file__).parents[2]
_START = "import sys; sys.path.insert(0, sys.argv[1]); from aism.land.workers import serve; serve()"
_ASKED_AHEAD = 2
"""For each process: one thing that it works on, and the next one."""


def processes() -> int:
    """Say how many processes to use: ``AISM_LAND_PROCESSES``, else one for each processor.

    Raises:
        LakeError: the setting is no whole number from 1.

    """
    text = os.environ.get(_PROCESSES)
    if not text:
        return os.cpu_count() or 1
    if not (text.isascii() and text.isdigit() and int(text)):
        raise _lake_error(f"{_PROCESSES} must be a whole number from 1.")
    return int(text)


def map_in_processes(
    function: str, arguments: Iterable[tuple[Any, ...]], count: int
) -> Iterator[Any]:
    """Yield what ``function`` (``module:name``) returns for each of ``arguments``, in their order.

    At most two results for each of ``count`` processes are held back, however slow the caller is.

    Raises:
        UnreadableFileError: as the function raised it.
        LakeError: a process failed or was killed; nothing of its work is to be trusted.

    """
    workers: list[_Worker] = []
    asked: deque[_Worker] = deque()
    try:
        workers += [_Worker(function) for _ in range(count)]
        for number, argument in enumerate(arguments):
            worker = workers[number % count]
            worker.ask(argument)
            asked.append(worker)
            if len(asked) >= _ASKED_AHEAD * count:
                yield asked.popleft().answer()
        while asked:
            yield asked.popleft().answer()
    finally:
        for worker in workers:
            worker.close()


class _Worker:
    def __init__(self, function: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, fixed arguments
            [sys.executable, "-I", "-c", _START, str(_ROOT), function],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback might show what stands in the file
        )

    def ask(self, argument: tuple[Any, ...]) -> None:
        assert self._process.stdin is not None
        try:
            pickle.dump(argument, self._process.stdin)
            self._process.stdin.flush()
        except OSError:
            raise self._failure() from None

    def answer(self) -> Any:
        assert self._process.stdout is not None
        try:
            result = pickle.load(self._process.stdout)  # noqa: S301 - from our own process
        except (EOFError, OSError, pickle.UnpicklingError):
            raise self._failure() from None
        if isinstance(result, UnreadableFileError):
            raise result
        return result

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with suppress(OSError):
                stream.close()
        self._process.kill()
        self._process.wait()

    def _failure(self) -> LakeError:
        self._process.kill()
        code = self._process.wait()
        return _lake_error(
            f"A process that read a part of a landed file ended early (code {code}). Land again, "
            f"or set {_PROCESSES}=1 to read it in one process."
        )


def _lake_error(text: str) -> LakeError:
    from aism.land.lake import LakeError  # the processes themselves start faster without the lake

    return LakeError(text)


def serve() -> None:
    """Answer what is asked on standard input until it ends: the life of one process."""
    sys.meta_path.insert(0, _Without("numpy", "pandas"))
    gc.disable()  # lines make hundreds of thousands of objects, but no cycles
    module, name = sys.argv[2].split(":")
    function = getattr(importlib.import_module(module), name)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            argument = pickle.load(requests)  # noqa: S301 - from the process that began this one
        except EOFError:
            return
        try:
            result = function(*argument)
        except UnreadableFileError as error:
            result = error
        pickle.dump(result, answers, protocol=pickle.HIGHEST_PROTOCOL)
        answers.flush()


class _Without(MetaPathFinder):
    """pyarrow looks for these, unasked: several times its own start, for nothing here."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname in self._names:
            raise ModuleNotFoundError(fullname)
