"""The dbt-duckdb plugin of profiles.yml: `dbt build` and `dbt run` land what is new first.

No other dbt command lands, so that an editor's compile or a linter never does. `aism build` lands
before it starts dbt and says so in AISM_LANDED.
"""

from __future__ import annotations

import atexit
import os
from pathlib import Path
from typing import Any, Final

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags

from aism.errors import AismError
from aism.lock import FolderLock
from aism.settings import Settings

LANDING_COMMANDS: Final = ("build", "run")

_held: dict[Path, FolderLock] = {}
"""Held until this process ends: models read the landed files as long as dbt runs."""


class Plugin(BasePlugin):
    """Lands under the lock, before dbt's first query."""

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        """Prepare the folder and take the lock, both before dbt-duckdb opens its file."""
        Path(creds.path).parent.mkdir(parents=True, exist_ok=True)
        if self._lands():
            try:
                _lock_once(Settings.from_environment().home)
            except AismError as error:
                raise RuntimeError(str(error)) from error

    def configure_connection(self, conn: Any) -> None:
        """Land what is new.

        Raises:
            RuntimeError: with one message for people; dbt shows it and runs no node.
        """
        if not self._lands():
            return
        from aism.land import land
        from aism.project import tell_project

        settings = Settings.from_environment()
        try:
            land(settings.landing, settings.home)
            tell_project(settings.project, settings.home)
        except (AismError, OSError) as error:
            raise RuntimeError(f"Landing failed: {error}") from error

    @staticmethod
    def _lands() -> bool:
        if os.environ.get("AISM_LANDED") == "1":
            return False
        return get_flags().WHICH in LANDING_COMMANDS  # type: ignore[no-untyped-call]


def _lock_once(home: Path) -> None:
    """Take the lock of ``home``, unless an earlier dbt invocation of this process did."""
    if home not in _held:
        lock = FolderLock(home)
        lock.acquire()
        _held[home] = lock
        atexit.register(lock.release)
