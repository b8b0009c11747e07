"""From answers to a delivery in the landing folder: staged whole, then put in its place at once.

``<landing>/<tracker>/<date>/<scope>/`` holds a full pull and ``<scope>_changed/`` what changed. A
scope is one tracker and one question to it: another repository or query of the same day stands
beside it. In the order of paths the changes come last, so of one day they go before the full pull.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aism.errors import LockedError
from aism.lock import FolderLock
from aism.pull.model import PullError

PART_BYTES: Final = 512 * 2**20
"""A reader holds a file in memory, and takes 2 GiB at most."""

_CHANGED: Final = "_changed"
_SLUG: Final = re.compile(r"[^a-z0-9]+")
_MAX_SLUG: Final = 60
_NEW: Final = "new"
_REPLACED: Final = "replaced"


@dataclass(frozen=True, slots=True)
class Scope:
    """One tracker and one question to it."""

    tracker: str
    name: str
    """For people: a host, a repository, a product."""
    key: str

    @classmethod
    def of(cls, tracker: str, name: str, *question: str) -> Scope:
        """Name a scope; the same tracker and question give the same key."""
        text = "\0".join((tracker, *question))
        return cls(tracker, name, hashlib.sha256(text.encode()).hexdigest()[:12])

    @property
    def folder(self) -> str:
        """Name of its folder. Without a dash but the one before the key it is never a date."""
        slug = _SLUG.sub("_", self.name.lower())[:_MAX_SLUG].strip("_")
        return f"{slug or self.tracker}-{self.key}"

    @property
    def state_name(self) -> str:
        """Name of its state below ``$AISM_HOME/pull``."""
        return f"{self.tracker}-{self.key}"


class Delivery:
    """The files of one pull, and where they go."""

    def __init__(
        self,
        landing: Path,
        work: Path,
        scope: Scope,
        day: dt.date,
        *,
        is_changes: bool,
        part_bytes: int = PART_BYTES,
    ) -> None:
        full = landing / scope.tracker / day.isoformat() / scope.folder
        changes = full.with_name(full.name + _CHANGED)
        self.folder = changes if is_changes else full
        """Where the files will be."""
        self._parts: dict[str, tuple[int, int]] = {}
        """Of each kind the number and the size of its last file."""
        self._part_bytes = part_bytes
        # A full pull also holds what the changes of its day do.
        self._replaces = [changes] if is_changes else [full, changes]
        self._new = work / _NEW
        self._replaced = work / _REPLACED / day.isoformat() / self.folder.name
        self._mark = "-changed" if is_changes else ""

    def put(self, kind: str, body: bytes) -> None:
        """Keep one answer, byte for byte, behind those of its kind.

        Answers follow one another in one file, as readers of trackers take them: what a page says
        of the next one, or an issue of its history, is true of the file. Another file begins where
        one would grow over ``part_bytes``.
        """
        self._new.mkdir(parents=True, exist_ok=True)
        part, size = self._parts.get(kind, (1, 0))
        if size and size + len(body) > self._part_bytes:
            part, size = part + 1, 0
        self._parts[kind] = part, size + len(body) + 1
        name = f"{kind}{self._mark}" + (f"-part-{part}" if part > 1 else "")
        with (self._new / f"{name}.json").open("ab") as file:
            file.write(body + b"\n")

    @property
    def files(self) -> int:
        """How many files there are."""
        return sum(part for part, _ in self._parts.values())

    def commit(self) -> None:
        """Move the files to their place and what they replace away.

        A reader finds the old delivery, for a moment none, then the new one. What a kill in that
        moment leaves, ``working_folder`` puts back.
        """
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._replaced.mkdir(parents=True)
        try:
            for folder in self._replaces:
                if folder.exists():
                    folder.rename(self._replaced / folder.name)
            self._new.rename(self.folder)
        except OSError:
            _put_back(self._replaced, self.folder)
            raise
        shutil.rmtree(self._replaced)


@contextmanager
def working_folder(landing: Path, home: Path, scope: Scope) -> Iterator[Path]:
    """Lend a folder on the file system of ``landing``, to one pull of a scope at a time.

    Raises:
        LockedError: another pull of this scope is running.
        PullError: neither ``home`` nor the folder around ``landing`` is on its file system.

    """
    state = home / "pull" / scope.state_name
    landing.mkdir(parents=True, exist_ok=True)
    lock = FolderLock(state)
    try:
        lock.acquire()
    except LockedError:
        raise LockedError(
            f"Another pull of {scope.tracker} {scope.name} is running. Try again when it is done."
        ) from None
    try:
        work = _on_the_same_device(landing, state, scope)
        _clean(work, landing, scope)
        try:
            yield work
        finally:
            shutil.rmtree(work / _NEW, ignore_errors=True)
            if not any((work / _REPLACED).glob("*/*")):
                shutil.rmtree(work, ignore_errors=True)
    finally:
        lock.release()


def _on_the_same_device(landing: Path, state: Path, scope: Scope) -> Path:
    device = landing.stat().st_dev
    for parent, name in ((state, "work"), (landing.parent, f".aism-pull-{scope.state_name}")):
        if parent.stat().st_dev == device and os.access(parent, os.W_OK):
            (parent / name).mkdir(exist_ok=True)
            return parent / name
    raise PullError(
        f"{landing} is on another file system than AISM_HOME and than the folder around it: put "
        "AISM_HOME on the same one, so that a delivery can be moved into its place at once."
    )


def _clean(work: Path, landing: Path, scope: Scope) -> None:
    """Remove what a killed pull left, after putting back what it had moved away for nothing."""
    shutil.rmtree(work / _NEW, ignore_errors=True)
    replaced = work / _REPLACED
    for folder in sorted(replaced.glob("*/*")):
        _put_back(folder, landing / scope.tracker / folder.parent.name / folder.name)
    shutil.rmtree(replaced, ignore_errors=True)


def _put_back(replaced: Path, delivery: Path) -> None:
    """Put back what was moved away for a delivery that did not come."""
    if delivery.exists():
        return
    for folder in sorted(replaced.glob("*")):
        folder.rename(delivery.with_name(folder.name))
    shutil.rmtree(replaced, ignore_errors=True)
