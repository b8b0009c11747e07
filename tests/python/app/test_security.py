"""The page for security leadership, as a reader gets it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from app.components import formatting
from app.components.text import plain
from tests.python.app.conftest import OpenPage
from tests.python.app.test_pages import prose


@pytest.mark.parametrize(("place", "column"), [(0, "risk_tier"), (1, "business_unit")])
def test_risk_is_that_of_open_findings_and_systems(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection, place: int, column: str
) -> None:
    table = open_page(page_module="security").dataframe[place].value.set_index("part")
    for part, findings, overdue in marts.execute(
        f"select {column}, count(*), sum(is_overdue::int) from open_findings group by 1"
    ).fetchall():
        assert table.loc[part, "open_findings"] == findings
        assert table.loc[part, "overdue"] == overdue
    for part, systems, failed in marts.execute(
        f"select {column}, count(*), sum((gate_verdict = 'fail')::int) from system_scorecards "
        "where is_in_production group by 1"
    ).fetchall():
        assert table.loc[part, "systems"] == systems
        assert table.loc[part, "gates_failed"] == failed


def test_a_part_narrows_the_findings(open_page: OpenPage, marts: duckdb.DuckDBPyConnection) -> None:
    page = open_page(page_module="security", rows="open_findings_of_part", of="low")
    known = marts.execute("select finding_id from open_findings where risk_tier = 'low'").fetchall()
    assert known
    assert set(page.dataframe[0].value["finding_id"]) == {finding for (finding,) in known}


def test_gaps_say_what_was_not_tested(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    gaps = open_page(page_module="security").dataframe[2].value.set_index("system_id")
    untested = marts.execute(
        "select system_id from system_scorecards where is_in_production "
        "and system_test_coverage_rate_value < 100"
    ).fetchall()
    assert untested
    assert set(gaps.index[gaps["tested"] == "✕ not tested"]) == {key for (key,) in untested}
    for system, count in marts.execute(
        "select system_id, count(*) from technique_coverage_matrix where state = 'untested' "
        "and system_id in (select system_id from system_scorecards where is_in_production) "
        "group by 1"
    ).fetchall():
        assert gaps.loc[system, "untested_techniques"] == count


def test_what_was_known_before_incidents(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    text = prose(open_page(page_module="security"))
    tested, found = marts.execute(
        "select tested_before, found_before from incident_correlation where level = 'all'"
    ).fetchall()[0]
    assert f"**{tested}** tested for before, **{found}** found before" in text


def test_what_is_new_or_rising_is_named(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    text = prose(open_page(page_module="security"))
    verdicts = marts.execute("select threat_id, verdict from emerging_threats").fetchall()
    emerging = {threat for threat, verdict in verdicts if verdict in ("new", "rising")}
    assert emerging
    for threat, _ in verdicts:
        assert (plain(threat) in text) == (threat in emerging), threat


def test_hours_and_waiting_requests(open_page: OpenPage, marts: duckdb.DuckDBPyConnection) -> None:
    text = prose(open_page(page_module="security")).replace(formatting.SPACE, " ")
    worked, capacity, used, backlog = marts.execute(
        "select hours_worked, capacity_hours, utilisation, backlog from resource_summary "
        "where not is_partial_period order by period_start desc"
    ).fetchall()[0]
    assert f"{used:.0f} % used ({worked:,.0f} of {capacity:,.0f} hours)" in text
    assert f"{backlog} requests waiting" in text
    for system, tier in marts.execute(
        "select system_name, assessment_tier from assessment_pipeline"
    ).fetchall():
        assert f"**{plain(system)}**" in text
        assert tier.replace("_", " ") in text


def test_an_alarm_is_said_in_words(open_page: OpenPage, alarmed_warehouse: Path) -> None:
    text = prose(open_page(alarmed_warehouse, "security"))
    assert "Companion alarms" in text
    assert "⚠" in text
    assert plain("More is [counted](http://example.com).") in text
