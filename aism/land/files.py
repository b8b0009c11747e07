"""What lies in the landing folder: regular files with their source, and what is refused unread."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from aism.land.model import LandedFile, Reason
from aism.land.registers import REGISTERS
from aism.land.sources import SOURCES

UNKNOWN = "unknown"
AS_OF = "as_of"
PROGRAM = "program/"

_EXTENSIONS = re.compile(
    r"(?:\.(?:csv|jsonl?|gz|parquet|db|duckdb|eval|report|hitlog))+\Z", re.IGNORECASE
)
_DATE = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_NAME_MARKS = frozenset("._-+@=,()#&~ ")
_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells that a file was written to while it was read; never part of a result."""

    inode: int
    size: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> FileStamp:
        """Take the stamp of ``path`` now; raises OSError."""
        status = path.stat(follow_symlinks=False)
        return cls(status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Refused:
    """A name in the landing folder that is listed but not opened."""

    name: str
    source: str
    reason: Reason


def list_folder(landing: Path) -> Iterator[tuple[Path, str, Reason | None]]:
    """Yield path, name (relative, ``/``) and, where it must not be opened, the reason.

    Links are never followed; a folder that is a link or has a bad name is one entry.
    """
    folders = [landing]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            if folder == landing:
                raise
            yield folder, folder.relative_to(landing).as_posix(), Reason.UNREADABLE_FILE
            continue
        for entry in entries:
            if entry.name == ".gitkeep":
                continue
            path = Path(entry.path)
            name = path.relative_to(landing).as_posix()
            if not is_good_name(entry.name):
                yield path, name, Reason.BAD_NAME
            elif entry.is_symlink():
                yield path, name, Reason.SYMLINK
            elif entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif entry.is_file(follow_symlinks=False):
                yield path, name, None
            else:
                yield path, name, Reason.UNREADABLE_FILE


def is_good_name(name: str) -> bool:
    """Tell whether one path component may be opened: letters and digits of any script, few signs.

    Combining marks count as letters: names copied from macOS and many scripts need them.
    """
    first = name[:1]
    return (
        len(name) <= _MAX_NAME
        and (first.isalnum() or first == "_")
        and all(
            char.isalnum()
            or char in _NAME_MARKS
            or unicodedata.category(char).startswith("M")
            or char == "_"
            for char in name
        )
    )


def classify(name: str) -> str:
    """Name the source of a landed file by its folder and extension; case does not matter."""
    *folders, base = PurePosixPath(name.casefold()).parts
    if not folders:
        return AS_OF if base == AS_OF else UNKNOWN
    if folders[0] == "program":
        return _classify_register(folders[1:], base)
    for source in SOURCES:
        if source.folder == folders[0] and base.endswith(source.endings):
            return source.name
    return UNKNOWN


def _classify_register(folders: list[str], base: str) -> str:
    if not base.endswith(".csv"):
        return UNKNOWN
    stem = base.removesuffix(".csv")
    for candidate in (stem, stem.partition("-")[0], *reversed(folders)):
        if candidate in REGISTERS:
            return PROGRAM + candidate
    return UNKNOWN


def delivery_order(name: str) -> tuple[str, str]:
    """Sort key of deliveries, the greater wins: base name without known extensions, then path."""
    return _EXTENSIONS.sub("", PurePosixPath(name).name), name


def delivery_date(name: str) -> date | None:
    """Return the date in the name of a file, else in that of its nearest folder, else None."""
    for part in reversed(PurePosixPath(name).parts):
        for match in reversed(list(_DATE.finditer(part))):
            with suppress(ValueError):
                return date.fromisoformat(match[0])
    return None


def known_extension(name: str) -> str:
    """Return the known extensions of a name in lower case, as ``.report.jsonl.gz``."""
    match = _EXTENSIONS.search(name)
    return match[0].lower() if match else ""


def hash_file(path: Path, name: str) -> tuple[LandedFile, FileStamp] | None:
    """Hash the bytes of a file as they stream; None when it changed meanwhile.

    Raises:
        OSError: the file cannot be read.

    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        before = FileStamp.of(path)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        after = FileStamp.of(path)
    if before != after:
        return None
    return LandedFile(path, name, classify(name), digest, after.size), after
