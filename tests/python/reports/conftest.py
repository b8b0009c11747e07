"""A published warehouse of the sample, and one whose texts from outside are all hostile."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import duckdb
import pytest

from app.reports.make import make
from tests.python.published import generation as generation
from tests.python.published import marts as marts
from tests.python.published import warehouse as warehouse

HOSTILE = (
    "<script>alert(1)</script>![x](http://example.com/x.png)=1+1|`q`\x1b[31m\u202eevil\u200b"
    "</td><b>*z*</b> www.example.com"
)
TEAM = "digital-channels"
ASSESSMENT = "ASM-055"

Make = Callable[..., str]


@pytest.fixture
def text_of(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Make a report as text, of the sample or of another folder."""

    def run(kind: str, form: str, folder: Path | None = None, period: str | None = None) -> str:
        monkeypatch.setenv("AISM_WAREHOUSE_DIR", str(folder or warehouse))
        return make(
            kind,
            form,
            period=period,
            team_name=TEAM if kind == "team" else None,
            assessment_id=ASSESSMENT if kind == "assessment" else None,
        ).decode()

    return run


@pytest.fixture
def changed_warehouse(warehouse: Path, tmp_path: Path) -> Callable[..., Path]:
    """Copy the warehouse with statements run on it."""
    folders = (tmp_path / str(number) for number in count())

    def change(*statements: str) -> Path:
        folder = next(folders)
        folder.mkdir()
        name = (warehouse / "CURRENT").read_text(encoding="ascii").strip()
        shutil.copy(warehouse / name, folder / name)
        (folder / name).chmod(0o644)
        (folder / "CURRENT").write_text(name, encoding="ascii")
        with duckdb.connect(str(folder / name)) as connection:
            for statement in statements:
                connection.execute(statement, {"text": HOSTILE} if "$text" in statement else {})
        return folder

    return change
