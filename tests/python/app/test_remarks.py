"""What people remarked on a metric stands beside its number, and is never read as markdown."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from app import data
from app.components.text import plain
from app.view import MONTH, QUARTER, TRAILING_YEAR
from tests.python.app.conftest import MARKUP, OpenPage
from tests.python.app.test_pages import prose

METRIC = "remediation_completion_rate"


def charts(page: AppTest) -> list[str]:
    """Return the specification of every chart."""
    return [str(element.proto.spec) for element in page.get("vega_lite_chart")]


@pytest.mark.parametrize(
    ("grain", "start", "is_there"),
    [
        (MONTH, "2026-07-01", True),
        (MONTH, "2026-06-01", False),
        (MONTH, "2026-08-01", False),
        (QUARTER, "2026-07-01", True),
        (QUARTER, "2026-04-01", False),
        (TRAILING_YEAR, "2025-08-01", True),
        (TRAILING_YEAR, "2025-07-01", False),
    ],
)
def test_a_card_shows_the_remarks_on_its_period(
    open_page: OpenPage,
    marts: duckdb.DuckDBPyConnection,
    grain: str,
    start: str,
    is_there: bool,
) -> None:
    text, author = marts.execute(
        "select text, author from annotations where metric_id = ? and period_start = '2026-07-01'",
        [METRIC],
    ).fetchall()[0]
    page = prose(open_page(grain=grain, period=start))
    assert (f"✎ {plain(text)}" in page) == is_there
    if is_there:
        assert f"{plain(author)}, on what begins" in page


@pytest.mark.parametrize(
    ("grain", "starts"),
    [
        (MONTH, ["2025-11-01", "2026-05-01"]),
        (QUARTER, ["2025-10-01", "2026-04-01"]),
        (TRAILING_YEAR, ["2024-12-01", "2025-06-01"]),
    ],
)
def test_a_remark_marks_one_point_of_each_trend(
    generation: data.Generation, grain: str, starts: list[str]
) -> None:
    points = data.table(
        generation,
        "metric_trend",
        metric="attack_success_rate",
        grain=grain,
        dimension="all",
        segment="all",
    )
    marked = points[points["remarks"].notna()]
    assert [f"{start:%Y-%m-%d}" for start in marked["period_start"]] == starts


def test_the_explorer_tells_all_remarks_and_opens_them(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page(page_module="explorer", metric="attack_success_rate", period="2026-08-01")
    texts = marts.execute(
        "select text from annotations where metric_id = 'attack_success_rate'"
    ).fetchall()
    assert len(texts) > 1
    for (text,) in texts:
        assert plain(text) in prose(page)
    assert any("triangle-down" in spec for spec in charts(page))
    page.button(key="open-annotations").click().run()
    assert not page.exception
    assert set(page.dataframe[0].value["text"]) == {text for (text,) in texts}


def test_only_what_was_remarked_on_is_marked(open_page: OpenPage) -> None:
    page = open_page(page_module="explorer", metric="reopen_rate")
    assert charts(page)
    assert not any("triangle-down" in spec for spec in charts(page))


@pytest.fixture
def remarked(warehouse: Path, tmp_path: Path) -> Path:
    """Return a warehouse whose remarks are markup, one of them on no metric."""
    name = (warehouse / "CURRENT").read_text(encoding="ascii").strip()
    shutil.copy(warehouse / name, tmp_path / name)
    (tmp_path / name).chmod(0o644)
    (tmp_path / "CURRENT").write_text(name, encoding="ascii")
    with duckdb.connect(str(tmp_path / name)) as connection:
        connection.execute("update marts.annotations set text = ?, author = ?", [MARKUP, MARKUP])
        connection.execute(
            "insert into marts.annotations values ('N-9', 'no_such', null, '2026-07-01', 'x', null)"
        )
    return tmp_path


@pytest.mark.parametrize("module", [None, "explorer"])
def test_a_remark_is_no_markdown(open_page: OpenPage, remarked: Path, module: str | None) -> None:
    page = open_page(remarked, module, period="2026-07-01", metric=METRIC)
    assert not page.exception
    assert f"✎ {plain(MARKUP)}" in prose(page)
    assert f"{plain(MARKUP)}, on what begins" in prose(page)
    assert MARKUP not in prose(page)


def test_a_remark_on_no_metric_is_told(open_page: OpenPage, remarked: Path) -> None:
    text = prose(open_page(remarked, "trust"))
    assert f"No metric is called {plain('no_such')}" in text
    assert plain("N-9") in text
    assert "No metric is called" not in prose(open_page(page_module="trust"))
