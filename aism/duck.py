"""The one place that opens published files: read-only and shut in."""

from __future__ import annotations

from pathlib import Path

import duckdb

from aism.errors import UsageError

POINTER = "CURRENT"

HARDENED: dict[str, str | bool | int | float | list[str]] = {
    # A read-only connection alone still reads any file and writes copies. All connections of a
    # process to one file must carry the same settings, hence this one dictionary.
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "memory_limit": "1GB",
    "threads": 2,
    "lock_configuration": True,
}


def current_file(warehouse: Path) -> Path | None:
    """Return the file of the current generation, None when nothing has been published.

    Raises:
        UsageError: the pointer names something that is not a generation file.
    """
    try:
        name = (warehouse / POINTER).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    file = warehouse / name
    if file.parent != warehouse or not file.is_file():
        raise UsageError(f"{warehouse / POINTER} names {name!r}, which is not there.")
    return file


def open_published(file: Path) -> duckdb.DuckDBPyConnection:
    """Open a generation file: no writes, no other files, no way to change that."""
    return duckdb.connect(str(file), read_only=True, config=HARDENED)
