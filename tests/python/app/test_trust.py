"""The data trust page, as a reader gets it."""

from __future__ import annotations

import duckdb
import pandas as pd

from app import data
from app.app_pages.trust import WARNINGS
from tests.python.app.conftest import OpenPage
from tests.python.app.test_pages import prose


def test_totals_are_those_of_the_files(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    text = prose(open_page(page_module="trust"))
    files, complete, read, loaded, superseded, held = marts.execute(
        "select count(*), sum(is_complete::int), sum(rows_read), sum(rows_loaded), "
        "sum(rows_superseded), sum(rows_quarantined) from landing_files where source <> 'as_of'"
    ).fetchall()[0]
    assert f"{complete:,} of {files:,}" in text
    assert f"{files - complete} cut short" in text
    assert (
        f"{read:,} read: {loaded:,} loaded, {superseded:,} superseded, {held:,} held back" in text
    )
    assert "adds up in every file" in text
    warned, checks = marts.execute(
        "select count(*) filter (where status = 'warned'), "
        "count(*) filter (where status <> 'not_applicable') from delivery_checks"
    ).fetchall()[0]
    assert f"{warned} of {checks}" in text


def test_a_source_stands_as_its_checks_say(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page(page_module="trust")
    shown = page.dataframe[0].value.set_index("source")
    known = marts.execute("select source, rows_loaded from source_freshness").fetchall()
    assert dict(known) == shown["rows_loaded"].to_dict()
    warned = {
        source: set(checks)
        for source, checks in marts.execute(
            "select source, list(distinct check_name) from delivery_checks "
            "where status = 'warned' group by source"
        ).fetchall()
    }
    for source, standing in shown["standing"].items():
        wanted = {WARNINGS[check] for check in warned.get(str(source), ())} or {"✓ in order"}
        assert set(str(standing).split(", ")) == wanted


def test_a_reason_opens_the_rows_it_holds_back(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page(page_module="trust", rows="quarantined_rows", of="bad_timestamp")
    rows: pd.DataFrame = page.dataframe[0].value
    lines = marts.execute(
        "select file_name, line_number from quarantined_rows where reason = 'bad_timestamp'"
    ).fetchall()
    assert set(zip(rows["file_name"], rows["line_number"], strict=True)) == set(lines)
    assert set(rows["reason"]) == {"bad_timestamp"}


def test_files_that_do_not_add_up_are_counted(generation: data.Generation) -> None:
    totals = data.table(generation, "trust_totals").iloc[0]
    parts = totals.rows_loaded + totals.rows_superseded + totals.rows_quarantined
    assert totals.files_that_do_not_add_up == 0
    assert totals.rows_read == parts


DIMENSIONS = {"accuracy", "completeness", "consistency", "timeliness", "validity", "uniqueness"}


def test_every_test_of_the_project_speaks_for_a_dimension(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    found = marts.execute("select dimension, count(*) from test_results group by 1").fetchall()
    assert {dimension for dimension, _ in found} <= DIMENSIONS
    assert sum(count for _, count in found) > 250
    assert marts.execute(
        "select count(*) from test_results where status not in ('pass', 'warn')"
    ).fetchall() == [(0,)]


def test_tests_are_counted_by_dimension_and_open(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page(page_module="trust")
    shown = next(
        frame.value.set_index("dimension") for frame in page.dataframe if "dimension" in frame.value
    )
    assert set(shown.index) == DIMENSIONS
    for dimension, tests in marts.execute(
        "select dimension, count(*) from test_results group by 1"
    ).fetchall():
        assert shown.loc[dimension, "tests"] == tests
        assert shown.loc[dimension, "passed"] + shown.loc[dimension, "warned"] == tests
        rows = open_page(page_module="trust", rows="test_results", of=dimension)
        assert len(rows.dataframe[0].value) == tests
    fresh, checks = marts.execute(
        "select count(*) filter (where status = 'passed'), "
        "count(*) filter (where status <> 'not_applicable') from delivery_checks "
        "where check_name = 'freshness'"
    ).fetchall()[0]
    text = prose(page)
    assert f"{fresh} of {checks} are new enough" in text
