"""The page for the board, as a reader gets it."""

from __future__ import annotations

import datetime as dt

import duckdb
import pandas as pd
from streamlit.testing.v1 import AppTest

from app import data
from app.components import formatting
from app.components.posture import POSTURE, VERDICTS
from app.components.text import plain
from tests.python.app.conftest import OpenPage
from tests.python.app.test_pages import prose


def test_posture_is_five_numbers_of_the_quarter(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page(page_module="board")
    assert page.selectbox(key="picker_grain").value == "quarter"
    start = page.selectbox(key="picker_period").value
    shown = {card.label: card.value for card in page.metric}
    assert len(shown) == 5
    for metric_id in POSTURE:
        name, value, size, unit, low, high = marts.execute(
            "select name, value, sample_size, v.unit, target_low, target_high from metric_values v "
            "join metric_catalog c using (metric_id) where metric_id = ? "
            "and period_grain = 'quarter' and period_start = ? and segment_dimension = 'all'",
            [metric_id, start],
        ).fetchall()[0]
        assert shown[plain(name)] == formatting.with_unit(value, unit, size, (low, high))


def test_a_year_against_the_last(open_page: OpenPage, marts: duckdb.DuckDBPyConnection) -> None:
    table = open_page(page_module="board").dataframe[0].value.set_index("metric_id")
    rows = marts.execute(
        "select metric_id, value, previous_value, unit, sample_size, verdict from year_over_year "
        "where value is not null"
    ).fetchall()
    assert len(rows) == len(table)
    assert {"better", "worse"} & {verdict for *_, verdict in rows}
    for metric_id, value, before, unit, size, verdict in rows:
        row = table.loc[metric_id]
        assert row["now"].startswith(formatting.with_unit(value, unit, size))
        assert (row["before"] == formatting.NOT_MEASURED) == (before is None)
        assert row["moved"] == VERDICTS.get(verdict, f"· {verdict}")


def test_controls_that_nobody_assessed_are_shown_as_such(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    table = open_page(page_module="board").dataframe[1].value.set_index("framework")
    for framework, total, unknown in marts.execute(
        "select framework, count(*), sum((status = 'not_assessed')::int) "
        "from compliance_coverage where is_listed group by 1"
    ).fetchall():
        row = table.loc[framework]
        assert (row["controls"], row["not_assessed"]) == (total, unknown)
        others = row[["met", "partially_met", "not_met", "stale", "not_assessed"]].sum()
        assert others == total


def test_a_framework_opens_its_controls(open_page: OpenPage) -> None:
    rows = open_page(page_module="board", rows="controls", of="owasp_llm").dataframe[0].value
    assert set(rows["framework"]) == {"owasp_llm"}
    assert len(rows) >= 10


def test_nothing_restated_is_said(open_page: OpenPage) -> None:
    assert "No published number of a complete period has changed" in prose(
        open_page(page_module="board")
    )


def test_a_row_of_the_year_opens_the_year(
    generation: data.Generation, marts: duckdb.DuckDBPyConnection
) -> None:
    metric_id, start, end, numerator = marts.execute(
        "select metric_id, y.period_start, y.period_end, v.numerator from year_over_year y "
        "join metric_values v using (metric_id) where v.period_grain = 'trailing_12_months' "
        "and v.segment_dimension = 'all' and v.period_start = y.period_start "
        "and metric_id = 'remediation_completion_rate'"
    ).fetchall()[0]
    page = AppTest.from_string(
        f"from app.components import url\nurl.open_year_rows({metric_id!r}, '{start}')\n"
        "from app.app_pages import board\nboard.show()"
    )
    page.query_params["grain"] = "quarter"
    page.query_params["dimension"], page.query_params["segment"] = "risk_tier", "high"
    page.run(timeout=30)
    assert not page.exception
    rows = page.dataframe[0].value
    assert rows["numerator"].sum() == numerator
    assert pd.Timestamp(rows["observed_on"].min()) < pd.Timestamp(end - dt.timedelta(days=200))
