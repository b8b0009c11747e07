"""The lake as tables: which Parquet files make up each of them, and what each file holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aism.errors import UsageError

SINGLE: Final = (".", "registers", "ledger")
"""Folders whose every file is a table; every other folder is a table of many files."""
PRIVATE: Final = "parsed"


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One Parquet file of one table."""

    table: str
    path: Path
    sha256: str


def lake_files(lake: Path) -> list[LakeFile]:
    """Return every file that dbt reads, by table and name.

    Raises:
        UsageError: nothing was landed, or a landing was cut off.
    """
    if not (lake / "state.json").is_file():
        raise UsageError(f"No whole lake in {lake}: run `aism land` first.")
    found = [
        LakeFile(table_of(path.relative_to(lake)), path, sha256_of(path))
        for path in lake.rglob("*.parquet")
        if path.relative_to(lake).parts[0] != PRIVATE
    ]
    return sorted(found, key=lambda file: (file.table, file.path.name))


def table_of(path: Path) -> str:
    """Return the table that a path below the lake belongs to."""
    return path.stem if path.parent.as_posix() in SINGLE else path.parent.name


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
