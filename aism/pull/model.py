"""What the modules of a pull exchange: where to, which part, how patiently, and what went wrong."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from aism.errors import AismError

FORMAT_VERSION = 1

Tell = Callable[[str, int, int | None], None]
"""Told of progress: what is pulled, how many so far, of how many (None: nobody knows)."""


class PullError(AismError):
    """The pull ended early; nothing of it is in the landing folder."""


def utc_now() -> dt.datetime:
    """Return the moment as an aware UTC datetime."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a pull waits, and how much it takes. Times in seconds.

    The clock stands here, too, so that a test waits for nothing.
    """

    attempts: int = 6
    longest_wait: float = 3_700.0
    """GitHub gives its hourly quota back after at most an hour."""
    connect_timeout: float = 20.0
    read_timeout: float = 120.0
    answer_timeout: float = 900.0
    answer_bytes: int = 256 * 2**20
    pages: int = 20_000
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], dt.datetime] = utc_now


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its bytes as they came, and what they say."""

    body: bytes
    document: Any
    items: list[Any]


class Put(Protocol):
    """Keeps the bytes of one answer in the file of its kind, such as ``issues``."""

    def __call__(self, kind: str, body: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Window:
    """What to ask for: everything, or what changed at or after ``since`` (UTC)."""

    since: dt.datetime | None
    asked_at: dt.datetime

    @property
    def minutes(self) -> int:
        """How far back ``since`` lies, in whole minutes, rounded up; at least one."""
        if self.since is None:
            return 0
        return max(1, -((self.since - self.asked_at) // dt.timedelta(minutes=1)))


def positive(value: object) -> int | None:
    """Return a whole number from 1 on, None for anything else; ``true`` is none."""
    return value if type(value) is int and 0 < value < 2**63 else None
