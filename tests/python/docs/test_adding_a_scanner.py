"""The worked example of docs/adding-a-scanner.md is code that works."""

from __future__ import annotations

import json
import re
import sys
import types
from pathlib import Path

import duckdb
import pytest

from aism.land import land, landing
from aism.land import sources as land_sources
from aism.land.sources import Source

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "adding-a-scanner.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
READER, PLACE = (text for language, text in BLOCKS if language == "python")
LINE = json.loads(next(text for language, text in BLOCKS if language == "json"))


@pytest.fixture
def probekit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the reader and the place of the page where they would be in the project."""
    module = types.ModuleType("aism.land.readers.probekit")
    exec(compile(READER, "docs/adding-a-scanner.md", "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    added: Source = eval(PLACE.strip().rstrip(","), {"Source": Source})
    known = (*land_sources.SOURCES, added)
    monkeypatch.setattr("aism.land.files.SOURCES", known)
    monkeypatch.setitem(landing._READERS, added.name, added.reader)


@pytest.mark.usefixtures("probekit")
def test_the_reader_of_the_page_lands_its_tries_and_holds_back_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "landing"
    report = folder / "probekit" / "report.jsonl"
    report.parent.mkdir(parents=True)
    tries = [LINE, LINE | {"held": True}, LINE | {"held": None}, LINE | {"at": "yesterday"}]
    report.write_text("".join(json.dumps(row) + "\n" for row in tries) + "{", "utf-8")

    result = land(folder, tmp_path / "home")

    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (5, 3, 2)
    lake = tmp_path / "home" / "lake"
    with duckdb.connect() as db:
        rows = db.execute(
            "select run_id, target_name, attack, verdict, count(distinct prompt_id) over () "
            f"from '{lake}/scanner_results/*.parquet' order by line_number"
        ).fetchall()
        runs = db.execute(f"select run_id, is_complete from '{lake}/scanner_runs/*.parquet'")
        assert runs.fetchall() == [(LINE["run"], False)]
    head = (LINE["run"], LINE["target"], LINE["probe"])
    assert rows == [(*head, "broken", 1), (*head, "held", 1), (*head, "unclear", 1)]


def test_the_seeds_of_the_page_have_the_columns_of_the_seeds() -> None:
    seeds = {"verdict_outcomes": 3, "technique_map": 5}
    written = [text.strip().splitlines() for language, text in BLOCKS if language == "csv"]
    for lines, (seed, columns) in zip(written, seeds.items(), strict=True):
        header = (ROOT / "seeds" / "policy" / f"{seed}.csv").read_text("utf-8").splitlines()[0]
        assert {len(line.split(",")) for line in lines} == {len(header.split(","))} == {columns}
