"""The metric explorer, as a reader gets it."""

from __future__ import annotations

import duckdb
import pytest

from app.components import formatting
from app.components.marks import marked
from app.components.text import plain
from tests.python.app.conftest import OpenPage
from tests.python.app.test_pages import prose

FEW = ("remediation_completion_rate", "attack_success_rate", "open_overdue_findings")


def test_every_metric_can_be_picked(open_page: OpenPage, marts: duckdb.DuckDBPyConnection) -> None:
    options = open_page(page_module="explorer").selectbox(key="picker_metric").options
    names = marts.execute("select name from metric_catalog").fetchall()
    assert len(options) == len(names)
    for (name,) in names:
        assert any(option.startswith(f"{name} · ") for option in options)


@pytest.mark.parametrize("metric_id", FEW)
def test_a_metric_is_defined_and_its_periods_are_those_of_the_mart(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection, metric_id: str
) -> None:
    page = open_page(page_module="explorer", metric=metric_id)
    assert not page.exception
    text = prose(page)
    formula, considerations = marts.execute(
        "select formula, considerations from metric_catalog where metric_id = ?", [metric_id]
    ).fetchall()[0]
    assert plain(formula) in text
    assert plain(considerations) in text
    periods = page.dataframe[-1].value
    known = marts.execute(
        "select period_start, value, sample_size, target_status, unit from metric_values "
        "where metric_id = ? and period_grain = 'month' and segment_dimension = 'all' "
        "order by period_start desc",
        [metric_id],
    ).fetchall()
    assert len(periods) == len(known)
    for (_, row), (start, value, size, status, unit) in zip(periods.iterrows(), known, strict=True):
        assert row["period_start"].date() == start
        assert row["shown"] == formatting.with_unit(value, unit, size)
        assert row["status"] == marked(status)


def test_segments_are_those_of_the_period(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page(page_module="explorer", metric=FEW[0], by="severity", grain="quarter")
    segments = page.dataframe[0].value
    start = page.selectbox(key="picker_period").value
    known = marts.execute(
        "select segment_value, value from metric_values where metric_id = ? "
        "and period_grain = 'quarter' and period_start = ? and segment_dimension = 'severity' "
        "and value is not null",
        [FEW[0], start],
    ).fetchall()
    assert known
    assert dict(zip(segments["segment_value"], segments["value"], strict=True)) == dict(known)


def test_a_number_opens_its_rows_in_one_click(open_page: OpenPage) -> None:
    page = open_page(page_module="explorer", metric="reopen_rate", grain="trailing_12_months")
    page.button(key="open-rows").click().run()
    assert not page.exception
    assert page.subheader
    rows = page.dataframe[0].value
    assert f"{len(rows):,}{formatting.SPACE}row" in prose(page)
    page.button(key="close_rows").click().run()
    assert page.selectbox(key="picker_metric").value == "reopen_rate"


def test_a_companion_opens_its_own_definition(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page(page_module="explorer", metric="system_test_coverage_rate")
    page.button(key="companion-technique_coverage_rate").click().run()
    question = marts.execute(
        "select question from metric_catalog where metric_id = 'technique_coverage_rate'"
    ).fetchall()[0][0]
    assert plain(question) in prose(page)


def test_what_is_not_measured_says_which_files_it_needs(open_page: OpenPage) -> None:
    text = prose(open_page(page_module="explorer", metric="scan_interval_days"))
    assert "not measured" in text
    assert "`scans`" in text


def test_control_limits_are_those_of_the_mart(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    metric, start, signal, low, high = marts.execute(
        "select metric_id, max(period_start), max_by(signal, period_start), any_value(limit_low), "
        "any_value(limit_high) from metric_control_limits where period_grain = 'month' "
        "and segment_dimension = 'all' and signal <> 'within limits' and metric_id in "
        "(select metric_id from metric_catalog where unit = 'percent') "
        "group by metric_id order by metric_id"
    ).fetchall()[0]
    page = open_page(page_module="explorer", metric=metric)
    text = prose(page).replace(formatting.SPACE, " ")
    assert f"**Control limits** {low:.0f} to {high:.0f} %" in text
    assert f"◆ from {start:%d %b %Y}: {plain(signal)}" in text
    drawn = [element.proto.spec for element in page.get("vega_lite_chart")]
    assert any("limit_low" in spec for spec in drawn)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"metric": "attack_success_rate"}, "measured alike"),
        ({"metric": "reopen_rate", "grain": "trailing_12_months"}, "share eleven"),
        ({"metric": "pre_deployment_test_rate", "grain": "quarter"}, "fewer than 8"),
    ],
)
def test_without_control_limits_it_says_why(
    open_page: OpenPage, query: dict[str, str], why: str
) -> None:
    page = open_page(page_module="explorer", **query)
    text = prose(page)
    assert why in text[text.index("No control limits") :].partition("\n")[0]
    assert "**Control limits**" not in text
    assert not any("limit_low" in e.proto.spec for e in page.get("vega_lite_chart"))
