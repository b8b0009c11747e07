"""The warehouse folder: generations, the pointer to the current one, what links follow it.

CURRENT                        file name of the current generation
generation-000007.duckdb       one published generation, never changed, the last five
generation-000007.json         where it came from; kept, as history is
team-<id>-000007.duckdb        what one team sees of it
members-000007.json            who may sign in to the app
history/generation-000007.parquet   its metric values, kept
current.duckdb, current/       stable addresses for BI tools
.publishing/000008/            a publish under way, or one that was killed
.publishing/returning/         the same of a return to an earlier generation
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aism.duck import POINTER, current_file
from aism.errors import UsageError
from aism.generation import sync_file

KEPT_GENERATIONS: Final = 5
KEPT_EXPORTS: Final = 2
"""One more than the current: someone may be in the middle of reading the files of the last."""

_NUMBER: Final = re.compile(
    r"(?:generation-|current-|members-|team-[a-z0-9-]+-)?(\d{6,})(?:\.(?:duckdb|json|parquet))?"
)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """The published side. All methods but the reading ones want the folder's lock held."""

    folder: Path

    def generation_file(self, number: int) -> Path:
        """Return the path of the DuckDB file of a generation."""
        return self.folder / f"generation-{number:06d}.duckdb"

    def record_file(self, number: int) -> Path:
        """Return the path of the JSON record of a generation."""
        return self.folder / f"generation-{number:06d}.json"

    def history_file(self, number: int) -> Path:
        """Return the path of the metric values that a generation published."""
        return self.folder / "history" / f"generation-{number:06d}.parquet"

    def members_file(self, number: int) -> Path:
        """Return the path of who may sign in to the app; there is none where nobody may."""
        return self.folder / f"members-{number:06d}.json"

    def team_files(self, number: int) -> list[Path]:
        """Return the files of a generation's teams that there are."""
        return sorted(self.folder.glob(f"team-*-{number:06d}.duckdb"))

    def export_folder(self, number: int) -> Path:
        """Return the folder with a generation's Parquet files."""
        return self.folder / f"current-{number:06d}"

    def staging_folder(self, number: int) -> Path:
        """Return the folder in which a generation is prepared."""
        return self.folder / ".publishing" / f"{number:06d}"

    def current(self) -> int | None:
        """Return the number of the current generation, None when there is none or it is gone.

        Readers are told that a file is gone; the next build only has to make another.
        """
        try:
            file = current_file(self.folder)
        except UsageError:
            return None
        return None if file is None else number_in(file.name)

    def published(self) -> int:
        """Return the number of the current generation.

        Raises:
            UsageError: nothing has been published, or the pointer names a file that is gone.
        """
        file = current_file(self.folder)
        number = None if file is None else number_in(file.name)
        if number is None:
            raise UsageError(
                f"Nothing has been published into {self.folder}: run `aism build` first."
            )
        return number

    def record(self, number: int) -> dict[str, Any]:
        """Return the JSON record of a generation, empty when it cannot be read."""
        try:
            record = json.loads(self.record_file(number).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return record if isinstance(record, dict) else {}

    def kept(self) -> list[int]:
        """Return the numbers of the generations whose files are there, newest first."""
        return sorted(self._numbers("generation-*.duckdb"), reverse=True)

    @property
    def returning_folder(self) -> Path:
        """The folder in which a return to an earlier generation is prepared."""
        return self.folder / ".publishing" / "returning"

    def begin(self) -> int:
        """Reserve the next number, never used before, and clean up after killed publishes."""
        current = self.current()
        number = max(self._used_numbers(), default=0) + 1
        self.staging_folder(number).mkdir(parents=True)
        self.discard_abandoned(current, sparing=number)
        return number

    def discard_abandoned(self, current: int | None, *, sparing: int | None = None) -> None:
        """Remove what killed publishes left; what they made current before they died stays."""
        for number in self._staged_numbers() - {sparing}:
            if number != current:
                self.generation_file(number).unlink(missing_ok=True)
                self.record_file(number).unlink(missing_ok=True)
                self.history_file(number).unlink(missing_ok=True)
                self._remove_access({number})
                remove_tree(self.export_folder(number))
            remove_tree(self.staging_folder(number))
        remove_tree(self.returning_folder)

    def point_to(self, number: int, staging: Path | None = None) -> None:
        """Make a generation the current one, atomically and durably."""
        staged = (staging or self.staging_folder(number)) / POINTER
        staged.write_text(f"{self.generation_file(number).name}\n", encoding="ascii")
        sync_file(staged)
        staged.replace(self.folder / POINTER)
        sync_file(self.folder)

    def link(self, number: int, staging: Path | None = None) -> None:
        """Lead the stable addresses to a generation: links, or copies where links fail."""
        staging = staging or self.staging_folder(number)
        staging.mkdir(parents=True, exist_ok=True)
        self._link_file(self.generation_file(number), staging)
        self._link_export(self.export_folder(number), staging)
        sync_file(self.folder)

    def prune(self, current: int) -> None:
        """Remove generation files and exports beyond those kept, and the staging of this one."""
        for number in set(self.kept()[KEPT_GENERATIONS:]) - {current}:
            self.generation_file(number).unlink(missing_ok=True)
        # Also of those whose generation is gone already: a publish may die between the two.
        access = self._numbers("team-*.duckdb") | self._numbers("members-*.json")
        self._remove_access(access - set(self.kept()))
        exports = sorted(self._numbers("current-*"), reverse=True)
        for number in set(exports[KEPT_EXPORTS:]) - {current}:
            remove_tree(self.export_folder(number))
        for number in self._staged_numbers():
            remove_tree(self.staging_folder(number))

    def is_settled(self) -> bool:
        """Whether no publish was killed on its way."""
        return not self._staged_numbers() and not self.returning_folder.exists()

    def _link_file(self, file: Path, staging: Path) -> None:
        staged = staging / "current.duckdb"
        staged.unlink(missing_ok=True)
        try:
            staged.symlink_to(file.name)
        except OSError:
            shutil.copy2(file, staged)
        staged.replace(self.folder / "current.duckdb")

    def _link_export(self, export: Path, staging: Path) -> None:
        address = self.folder / "current"
        staged = staging / "current"
        if staged.is_symlink():
            staged.unlink()
        try:
            staged.symlink_to(export.name, target_is_directory=True)
        except OSError:
            remove_tree(staged)
            shutil.copytree(export, staged)
        if address.is_dir() and not address.is_symlink():
            address.rename(staging / "replaced")  # a folder cannot be replaced in one step
        staged.replace(address)

    def _remove_access(self, numbers: set[int]) -> None:
        for number in numbers:
            for file in (*self.team_files(number), self.members_file(number)):
                file.unlink(missing_ok=True)

    def _used_numbers(self) -> set[int]:
        patterns = (
            "generation-*",
            "current-*",
            "team-*",
            "members-*",
            "history/generation-*",
            ".publishing/*",
        )
        return set().union(*(self._numbers(pattern) for pattern in patterns))

    def _staged_numbers(self) -> set[int]:
        return self._numbers(".publishing/*")

    def _numbers(self, pattern: str) -> set[int]:
        numbers = (number_in(path.name) for path in self.folder.glob(pattern))
        return {number for number in numbers if number is not None}


def number_in(name: str) -> int | None:
    """Return the generation number in a file name of the warehouse."""
    match = _NUMBER.fullmatch(name)
    return int(match[1]) if match else None


def remove_tree(folder: Path) -> None:
    """Remove a folder with all it holds, read-only files too; a missing one is fine."""

    def make_writable_and_retry(remove: Any, path: str, _: object) -> None:
        if os.path.lexists(path):
            Path(path).chmod(stat.S_IWRITE)
            remove(path)

    shutil.rmtree(folder, onerror=make_writable_and_retry)
