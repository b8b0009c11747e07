"""A tracker on this machine, and a command line that waits for nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from aism import cli
from aism.land import land
from aism.pull import command
from aism.pull.model import Patience
from aism.pull.run import Order, Pulled, run
from tests.python.pull.trackers import Trackers, running

TOKEN = "t0p-secret+/=token%42"
NOON = dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC)


class Puller:
    """Calls ``aism pull`` in this process, and looks at what it left behind."""

    def __init__(
        self, root: Path, trackers: Trackers, monkeypatch: pytest.MonkeyPatch, capsys: Any
    ) -> None:
        self.trackers = trackers
        self.landing = root / "landing"
        self.home = root / "home"
        self.now = NOON
        self.waits: list[float] = []
        self.limits: dict[str, Any] = {}
        self.code = 0
        self.said = ""
        self._root = root
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        for name in ("DEFECTDOJO", "JIRA", "GITHUB"):
            monkeypatch.setenv(f"AISM_{name}_TOKEN", TOKEN)
        monkeypatch.setenv("AISM_HOME", str(self.home))
        monkeypatch.setenv("AISM_LANDING_DIR", str(self.landing))
        monkeypatch.setattr(command, "run", self._run)

    def _run(self, order: Order, *rest: Any) -> Pulled:
        patience = Patience(sleep=self.waits.append, now=lambda: self.now, **self.limits)
        return run(dataclasses.replace(order, patience=patience), *rest)

    def __call__(self, tracker: str, *more: str, code: int = 0) -> str:
        """Pull; return what was said. ``code``: the exit code that must come."""
        asked = {"jira": ["--jql", "project = SEC"], "github": ["--repository", "acme/bot"]}
        given = [] if "--url" in more else ["--url", self.trackers.url]
        words = ["aism", "pull", tracker, *given, *asked.get(tracker, []), *more]
        self._monkeypatch.setattr("sys.argv", words)
        self._capsys.readouterr()
        ended = 0
        try:
            cli.main()
        except SystemExit as exit_:
            ended = int(exit_.code or 0)
        captured = self._capsys.readouterr()
        self.said = captured.out + captured.err
        assert ended == code, self.said
        assert "Traceback" not in self.said
        return self.said

    def files(self) -> dict[str, bytes]:
        """Names and bytes of all that is in the landing folder."""
        found = sorted(path for path in self.landing.rglob("*") if path.is_file())
        return {path.relative_to(self.landing).as_posix(): path.read_bytes() for path in found}

    def names(self) -> list[str]:
        """Names of files without the folder of their scope."""
        return sorted(name.rpartition("/")[2] for name in self.files())

    def documents(self, part: str) -> list[Any]:
        """Return the documents of files whose name holds ``part``."""
        return [
            json.loads(line)
            for name, data in self.files().items()
            if part in name
            for line in data.splitlines()
        ]

    def left_over(self) -> list[str]:
        """Files outside of landing but for states and locks, and folders for work not done."""
        kept = {".lock", ".lock.pid"}
        return sorted(
            path.relative_to(self._root).as_posix()
            for path in self._root.rglob("*")
            if path.is_file()
            and not path.is_relative_to(self.landing)
            and path.relative_to(self._root).parts[0] not in ("lake", "rates.csv")
            and path.name not in kept
            and not (path.parent.name == "pull" and path.suffix == ".json")
        )

    def landed(self) -> Landed:
        """Land what was pulled."""
        rates = self._root / "rates.csv"
        rates.write_text("currency,valid_from,rate\nEUR,2015-01-01,1\n")
        home = self._root / "lake"
        land(self.landing, home, exchange_rates=rates)
        return Landed(home / "lake")


class Landed:
    """The lake after landing."""

    def __init__(self, lake: Path) -> None:
        self._lake = lake

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask with ``{table}`` in place of its files."""

        class Tables(dict[str, str]):
            def __missing__(_, name: str) -> str:  # noqa: N805
                path = self._lake / name
                files = path / "*.parquet" if path.is_dir() else path.with_suffix(".parquet")
                return f"read_parquet('{files}', union_by_name = true)"

        with duckdb.connect() as db:
            return db.execute(sql.format_map(Tables())).fetchall()

    @property
    def quarantined(self) -> list[tuple[Any, ...]]:
        return self.ask("select file_name, reason, column_name from {ledger/quarantine}")

    @property
    def items(self) -> list[str]:
        rows = self.ask("select distinct item_id from {tracker_items} order by all")
        return [item for (item,) in rows]


@pytest.fixture
def trackers() -> Iterator[Trackers]:
    with running() as found:
        yield found


@pytest.fixture
def pull(
    tmp_path: Path,
    trackers: Trackers,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Puller:
    for name in list(os.environ):
        if name.startswith("AISM_"):
            monkeypatch.delenv(name)
    return Puller(tmp_path, trackers, monkeypatch, capsys)
