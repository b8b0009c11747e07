"""The YAML files of the project, read by libyaml: the reader in Python takes ten times as long."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def read_yaml(file: Path) -> dict[str, Any]:
    """Return what a file holds, nothing for an empty one. Shared by all who ask: do not change it.

    Raises:
        OSError: the file cannot be read.
        yaml.YAMLError: it is no YAML.
    """
    document: dict[str, Any] = yaml.load(file.read_bytes(), Loader=_LOADER) or {}  # noqa: S506
    return document
