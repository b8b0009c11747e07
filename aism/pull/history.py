"""What was pulled before, kept beside the lake and never in the landing folder."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from aism.errors import UsageError
from aism.pull.delivery import Scope
from aism.pull.model import FORMAT_VERSION

FULL: Final = "full"
AUTO: Final = "auto"
OVERLAP: Final = dt.timedelta(minutes=10)
"""What a tracker shows late is asked for twice rather than never."""


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull that succeeded. Moments are aware UTC."""

    day: dt.date
    started_at: dt.datetime
    since: dt.datetime | None
    folder: str
    items: int

    @property
    def is_full(self) -> bool:
        """Whether it asked for everything."""
        return self.since is None

    def is_in(self, landing: Path) -> bool:
        """Tell whether its files are still there."""
        folder = Path(self.folder)
        return folder.is_relative_to(landing) and folder.is_dir()


class History:
    """The pulls of one scope, oldest first."""

    def __init__(self, home: Path, landing: Path, scope: Scope) -> None:
        self._landing = landing
        self._path = home / "pull" / f"{scope.state_name}.json"
        self._scope = scope
        self.pulls = self._read()

    def since(self, asked: str, day: dt.date) -> dt.datetime | None:
        """Return from when on to ask for changes, None for everything.

        ``auto`` goes on from the newest pull whose files stay: changes of the same day are
        replaced, so they count no more. Without a full pull that is still there it is everything.

        Raises:
            UsageError: ``asked`` is neither ``full`` nor ``auto`` nor a date up to ``day``.

        """
        if asked == FULL:
            return None
        stays = [
            one
            for one in self.pulls
            if one.is_in(self._landing) and (one.is_full or one.day != day)
        ]
        if asked == AUTO:
            if not any(one.is_full for one in stays):
                return None
            return max(one.started_at for one in stays) - OVERLAP
        since = _parse_day(asked, day)
        # The files that this pull replaces must hold nothing that it does not.
        before = [
            one.since
            for one in self.pulls
            if one.since and one.day == day and one.is_in(self._landing)
        ]
        return min([since, *before])

    def add(self, pull: Pull) -> None:
        """Remember a pull; it takes the place of those whose files it replaced."""
        kept = [
            one for one in self.pulls if one.day != pull.day or (one.is_full and not pull.is_full)
        ]
        self.pulls = [*kept, pull]
        self._write()

    def _read(self) -> list[Pull]:
        try:
            said = json.loads(self._path.read_text("utf-8"))
            if said["format"] != FORMAT_VERSION:
                return []
            return [_pull_of(one) for one in said["pulls"]]
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError):
            return []  # a state that nobody can read: the next pull asks for everything

    def _write(self) -> None:
        said = {
            "format": FORMAT_VERSION,
            "tracker": self._scope.tracker,
            "name": self._scope.name,
            "pulls": [
                {
                    "day": one.day.isoformat(),
                    "started_at": one.started_at.isoformat(),
                    "since": one.since.isoformat() if one.since else None,
                    "folder": one.folder,
                    "items": one.items,
                }
                for one in self.pulls
            ],
        }
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(said, indent=1) + "\n", "utf-8")
        new.replace(self._path)


def _pull_of(said: dict[str, Any]) -> Pull:
    pull = Pull(
        day=dt.date.fromisoformat(said["day"]),
        started_at=dt.datetime.fromisoformat(said["started_at"]),
        since=dt.datetime.fromisoformat(said["since"]) if said["since"] else None,
        folder=str(said["folder"]),
        items=int(said["items"]),
    )
    return replace(pull, started_at=pull.started_at.astimezone(dt.UTC))


def _parse_day(text: str, day: dt.date) -> dt.datetime:
    try:
        since = dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC)
    except ValueError:
        since = None
    if since is None or len(text) != 10 or since.date() > day:
        raise UsageError("--since takes full, auto, or a date such as 2026-06-30 in the past.")
    return since
