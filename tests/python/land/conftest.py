"""A landing folder to write into, and a lake to ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from aism.land import LandResult, land

SYSTEMS = "system_id,system_name,risk_tier,provider\nS1,One,high,internal\n"
RATES = "currency,valid_from,rate\nEUR,2015-01-01,1\nUSD,2024-01-01,0.9\nUSD,2025-01-01,0.95\n"


class Ground:
    """One landing folder with its home."""

    def __init__(self, root: Path) -> None:
        self.landing = root / "landing"
        self.home = root / "home"
        self.rates = root / "exchange_rates.csv"
        self.landing.mkdir()
        self.rates.write_text(RATES)

    def put(self, name: str, content: str | bytes) -> Path:
        path = self.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self) -> LandResult:
        return land(self.landing, self.home, exchange_rates=self.rates)

    def ask(self, table: str, columns: str = "*", rest: str = "") -> list[tuple[Any, ...]]:
        path = self.home / "lake" / f"{table}.parquet"
        with duckdb.connect() as db:
            return db.execute(
                f"select {columns} from read_parquet(?) {rest}", [str(path)]
            ).fetchall()

    def quarantine(self) -> list[tuple[Any, ...]]:
        """Name, line, column and reason of everything held back."""
        columns = "file_name, line_number, column_name, reason"
        return self.ask("ledger/quarantine", columns, "order by all")

    def counts(self) -> dict[str, tuple[int, int, int, int]]:
        """Rows read, loaded, superseded and quarantined of each file."""
        columns = "file_name, rows_read, rows_loaded, rows_superseded, rows_quarantined"
        return {name: tuple(numbers) for name, *numbers in self.ask("ledger/files", columns)}

    def lake_state(self) -> dict[str, tuple[int, int]]:
        """Identity of every file of the lake: a rewritten one differs."""
        folder = self.home / "lake"
        return {
            path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
            for path in folder.rglob("*")
            if path.is_file()
        }

    def reconciles(self) -> bool:
        """Whether every row read is accounted for, file by file, by ledger and by table."""
        listed = dict(
            self.ask(
                "ledger/quarantine",
                "file_name, count(*) filter (coalesce(line_number::text, record_path) is not null)",
                "group by all",
            )
        )
        return all(
            read == loaded + superseded + quarantined
            and min(loaded, superseded) >= 0
            and quarantined == listed.get(name, 0)
            for name, (read, loaded, superseded, quarantined) in self.counts().items()
        )


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


@pytest.fixture
def with_systems(ground: Ground) -> Ground:
    ground.put("program/systems.csv", SYSTEMS)
    return ground
