"""S2. What leaves for a spreadsheet holds no formula, and numbers stay numbers."""

from __future__ import annotations

import ast
import csv
import io
import math
import shutil
from pathlib import Path
from typing import Final

import duckdb
import pandas as pd
import pytest

from app import data
from app.components.listings import LISTINGS
from app.components.text import csv_file
from app.reports.make import make
from tests.python.compiled import PROJECT
from tests.python.published import published_in
from tests.trust.conftest import Control, Measure
from tests.trust.security.conftest import Hostile
from tests.trust.security.payloads import FORMULAS

TRIGGERS: Final = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001  # full-width forms are formulas too
UNSEEN: Final = " \t\r\n\u00a0\u2003\u3000\u200b\u200e\u202e\u2060\ufeff\U000e0041"


ON_A_SHEET: Final = "sheet.put(st.download_button, "


def parsed(frame: pd.DataFrame) -> list[list[str]]:
    """Return the cells as a spreadsheet gets them."""
    return list(csv.reader(io.StringIO(csv_file(frame).decode("utf-8-sig"), newline="")))


def is_formula(cell: str) -> bool:
    """Tell whether a spreadsheet may compute a cell, which is no number."""
    try:
        float(cell)
    except ValueError:
        return cell.startswith(TRIGGERS) or cell.lstrip(UNSEEN).startswith(TRIGGERS)
    return False


@pytest.fixture(scope="module")
def calculating(hostile: Hostile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a warehouse with a formula in every text of its marts that is no key of a page."""
    folder = tmp_path_factory.mktemp("calculating")
    name = (hostile.warehouse / "CURRENT").read_text(encoding="ascii").strip()
    shutil.copy(hostile.warehouse / name, folder / name)
    (folder / "CURRENT").write_text(name, encoding="ascii")
    with duckdb.connect(folder / name) as connection:
        connection.execute("create temp table formulas (n bigint, formula varchar)")
        connection.executemany("insert into formulas values (?, ?)", list(enumerate(FORMULAS)))
        columns = connection.execute(
            """
            select table_name, column_name from duckdb_columns()
            where
                schema_name = 'marts' and data_type = 'VARCHAR'
                and regexp_matches(column_name, '(title|name|note|text|author|value|attack)$')
                and not regexp_matches(column_name, '^(metric_name|segment_value|file_name)$')
            """
        ).fetchall()
        for table, column in columns:
            connection.execute(
                f'update marts."{table}" set "{column}" = (select formula from formulas '
                f'where n = abs(hash("{column}") % {len(FORMULAS)})) '
                f'where "{column}" is not null'
            )
    return folder


@pytest.fixture
def generation(calculating: Path, monkeypatch: pytest.MonkeyPatch) -> data.Generation:
    return published_in(calculating, monkeypatch)


@pytest.mark.parametrize("cell", FORMULAS, ids=range(len(FORMULAS)))
def test_a_cell_and_a_header(cell: str, measure: Measure) -> None:
    frame = pd.DataFrame({cell: [cell, f"{cell} more"], "change": [-5, 1.5]})
    rows = parsed(frame)
    assert not any(is_formula(text) for row in rows for text in row)
    assert [row[1] for row in rows[1:]] == ["-5.0", "1.5"]
    assert rows[1][0] == f"'{cell}", "whole, behind a sign that spreadsheets do not show"
    measure("S2", cells=1, formulas=0)


@pytest.mark.parametrize("name", sorted(LISTINGS))
def test_the_download_of_a_list(generation: data.Generation, name: str, measure: Measure) -> None:
    frame = data.table(generation, name)
    header, *rows = parsed(frame)
    assert len(rows) == len(frame)
    assert not [text for row in [header, *rows] for text in row if is_formula(text)]
    for place, column in enumerate(frame.columns):
        if pd.api.types.is_numeric_dtype(frame[column]):
            told = [row[place] for row in rows]
            meant = frame[column].astype("Float64")
            for text, number in zip(told, meant, strict=True):
                is_same = text in ("", "True", "False") or math.isclose(float(text), number)
                assert is_same, (column, text)
    measure("S2", downloads=1)


def test_formulas_reach_the_downloads(generation: data.Generation, control: Control) -> None:
    reached = {
        str(cell)
        for name in LISTINGS
        for cell in data.table(generation, name).to_numpy(dtype=object).ravel()
        if isinstance(cell, str) and is_formula(cell)
    }
    control("formulas are in the rows before they are made safe", len(reached & {*FORMULAS}) > 10)
    raw = pd.DataFrame({"title": FORMULAS}).to_csv(index=False)
    found = [row for row in csv.reader(io.StringIO(raw, newline="")) if row and is_formula(row[0])]
    control("a plain CSV file is noticed", len(found) > 30)


@pytest.mark.parametrize("kind", ["executive", "board"])
def test_cells_of_a_report(
    calculating: Path, monkeypatch: pytest.MonkeyPatch, kind: str, measure: Measure
) -> None:
    monkeypatch.setenv("AISM_WAREHOUSE_DIR", str(calculating))
    text = make(kind, "md", period=None, team_name=None, assessment_id=None).decode()
    cells = [c.strip() for line in text.splitlines() if line[:1] == "|" for c in line.split(" | ")]
    assert cells
    assert not [cell for cell in cells if cell.startswith(("=", "@", "\t"))]
    html = make(kind, "html", period=None, team_name=None, assessment_id=None).decode()
    assert "<a " not in html
    assert "HYPERLINK(&#34;" in html or "HYPERLINK" not in html
    measure("S2", reports=2)


def test_only_one_function_writes_what_is_downloaded() -> None:
    handed_out, offered = [], 0
    for file in (PROJECT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr != "to_csv" or file.name == "text.py", file
                assert node.func.attr not in ("to_excel", "to_html", "to_clipboard"), file
            if isinstance(node, ast.Attribute) and node.attr == "download_button":
                offered += 1
            if isinstance(node, ast.Call) and ast.unparse(node).startswith(ON_A_SHEET):
                handed_out.append(ast.unparse(node.args[2]))
    assert sorted(handed_out) == ["csv_file(frame)", "partial(png_of, chart)"]
    assert offered == len(handed_out), "a download that is offered in another way"
