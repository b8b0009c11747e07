"""A small honest landing folder, and a way to have its deliveries checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from aism.deliveries import check_deliveries
from aism.deliveries.results import DeliveryCheck, Status
from aism.land import land
from aism.settings import Settings

PROJECT = Path(__file__).resolve().parents[3]
AS_OF = dt.date(2026, 6, 30)
FINDINGS = (
    "finding_id,system_id,title,severity,vulnerability_class,reported_at,technique_id{extra}\n"
)
CLASSES = ("llm01.direct", "llm02.disclosure", "llm06.agency")


def findings(
    name: str,
    rows: int = 12,
    *,
    month: int,
    severity: str = "high",
    technique: str = "AML.T0051",
    classes: Iterable[str] = CLASSES,
    extra: tuple[str, str] = ("", ""),
) -> str:
    """Return a delivery of findings; the keywords are where one may differ from another."""
    known = list(classes)
    return FINDINGS.format(extra=extra[0]) + "".join(
        f"{name}-{row},S1,Leak,{severity if row == 1 else 'low'},{known[row % len(known)]},"
        f"2026-{month:02d}-{1 + row % 28:02d}T08:00:00Z,{technique}{extra[1]}\n"
        for row in range(rows)
    )


class Deliveries:
    """A landing folder of its own, two deliveries of findings in it."""

    def __init__(self, root: Path) -> None:
        self.settings = Settings(PROJECT, root / "landing", root / "home", root / "warehouse")
        self.put(
            "program/systems.csv",
            "system_id,system_name,risk_tier,provider,onboarded_at,owner_team\n"
            "S1,One,high,internal,2026-01-01T00:00:00Z,Red\n",
        )
        self.put("program/findings-2026-05.csv", findings("A", month=5))
        self.put("program/findings-2026-06.csv", findings("B", month=6))

    def put(self, name: str, content: str | bytes) -> Path:
        path = self.settings.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self) -> None:
        land(self.settings.landing, self.settings.home)

    def check(self, as_of: dt.date = AS_OF) -> list[DeliveryCheck]:
        self.land()
        return check_deliveries(self.settings, as_of)

    def warnings(self, as_of: dt.date = AS_OF) -> dict[tuple[str, str], str | None]:
        """Return what was observed, by check and by file or source."""
        return {
            (check.check_name, check.file_name or check.source): check.observed
            for check in self.check(as_of)
            if check.status is Status.WARNED
        }

    @property
    def results(self) -> Path:
        return self.settings.home / "lake" / "ledger" / "delivery_checks.parquet"


@pytest.fixture
def deliveries(tmp_path: Path) -> Deliveries:
    return Deliveries(tmp_path)


@pytest.fixture
def command(
    deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Run the command line in this process; return its exit code and what it printed."""
    from aism import cli

    def run(*arguments: str) -> tuple[int, str]:
        for name, value in deliveries.settings.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["aism", *arguments])
        with pytest.raises(SystemExit) as exit_info:
            cli.main()
        return int(exit_info.value.code or 0), capsys.readouterr().out

    return run
