"""What of the project decides its numbers: models, macros, seeds, tests, readers, packages."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Final

PARTS: Final = {
    "models": ("*.sql", "*.yml", "*.md"),
    "macros": ("*.sql", "*.yml"),
    "seeds": ("*.csv", "*.yml"),
    "tests": ("*.sql", "*.yml"),
    "aism": ("*.py",),
    ".": ("dbt_project.yml", "profiles.yml"),
}
"""Folders and file patterns."""

VERSIONED_PACKAGES: Final = ("ai-security-metrics", "dbt-core", "dbt-duckdb", "duckdb")


def tell_project(project: Path, home: Path) -> None:
    """Write into a working state which project builds there: rows of another one are not kept."""
    import pyarrow as pa  # here, for who only asks for versions

    from aism.land.lake import write_table

    table = pa.table({"project_sha256": [project_sha256(project)]})
    write_table(home / "project.parquet", table)


def project_sha256(project: Path) -> str:
    """Return the hash of a project's own files and of the versions of what computes."""
    digest = hashlib.sha256()

    def add(*parts: str) -> None:
        digest.update("\0".join(parts).encode() + b"\n")

    for package in VERSIONED_PACKAGES:
        add(package, version(package))
    for folder, patterns in PARTS.items():
        root = project / folder
        find = root.glob if folder == "." else root.rglob
        for file in sorted({file for pattern in patterns for file in find(pattern)}):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            add(file.relative_to(project).as_posix(), content)
    return digest.hexdigest()
