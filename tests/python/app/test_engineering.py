"""The engineering page, as a reader gets it."""

from __future__ import annotations

import duckdb
import pytest

from app import data
from app.components import formatting
from app.components.text import plain
from app.view import Segment, View
from tests.python.app.conftest import OpenPage
from tests.python.app.test_pages import prose


def test_teams_are_those_of_the_open_findings(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    teams = open_page(page_module="engineering").dataframe[0].value.set_index("owner_team")
    counted = marts.execute(
        "select owner_team, count(*), sum(is_overdue::int), "
        "sum((current_severity in ('critical', 'high'))::int) from open_findings group by 1"
    ).fetchall()
    assert len(counted) > 5
    for team, findings, overdue, serious in counted:
        row = teams.loc[team]
        assert (row["open_findings"], row["overdue"], row["serious"]) == (
            findings,
            overdue,
            serious,
        )
    assert (teams["overdue"].diff().dropna() <= 0).all(), "the most overdue team leads"


def test_what_a_team_fixed_in_time_is_its_metric(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page(page_module="engineering", grain="quarter")
    teams = page.dataframe[0].value.set_index("owner_team")
    start = page.selectbox(key="picker_period").value
    values = marts.execute(
        "select segment_value, value, sample_size from metric_values "
        "where metric_id = 'remediation_sla_attainment_rate' and period_grain = 'quarter' "
        "and period_start = ? and segment_dimension = 'owner_team' and value is not null",
        [start],
    ).fetchall()
    assert values
    for team, value, size in values:
        assert teams.loc[team, "sla_attainment"] == pytest.approx(value)
        assert teams.loc[team, "sample_size"] == size
    reported = marts.execute(
        "select sum(findings) from severity_distribution where segment_dimension = 'owner_team' "
        "and period_start >= ? and period_start < ? + interval 3 months",
        [start, start],
    ).fetchall()[0][0]
    assert teams["reported"].sum() == reported


def test_the_worst_overdue_finding_leads_and_opens(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    finding, title, days = marts.execute(
        "select finding_id, title, days_overdue from open_findings where is_overdue "
        "and current_severity = 'critical' order by days_overdue desc, reported_at, finding_id"
    ).fetchall()[0]
    page = open_page(page_module="engineering")
    label = page.button(key=f"overdue-{finding}").label
    assert f"{int(days)} days over" in label
    assert plain(title) in label
    page.button(key=f"overdue-{finding}").click().run()
    assert not page.exception
    assert title in [text.value for text in page.text]
    rows = page.dataframe[0].value
    assert rows["is_overdue"].all()
    assert {"title", "system_name", "owner_team", "reported_at", "due_at", "state"} <= set(rows)


def test_a_team_narrows_the_lists(open_page: OpenPage, marts: duckdb.DuckDBPyConnection) -> None:
    team = "digital-channels"
    rows = open_page(page_module="engineering", rows="open_findings", of=team).dataframe[0].value
    known = marts.execute(
        "select finding_id from open_findings where owner_team = ?", [team]
    ).fetchall()
    assert set(rows["finding_id"]) == {finding for (finding,) in known}
    page = open_page(page_module="engineering", dimension="owner_team", segment=team)
    assert f"Overdue at {plain(team)}" in prose(page)


def test_medians_are_said_with_their_interval(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    text = prose(open_page(page_module="engineering")).replace(formatting.SPACE, " ")
    median, low, high, fixed, findings = marts.execute(
        "select median_days, median_days_low, median_days_high, fixed_findings, findings "
        "from remediation_survival where severity = 'high' and day = 0"
    ).fetchall()[0]
    assert f"half are fixed within {median:.0f} days ({low:.0f} to {high:.0f} days)" in text
    assert f"{fixed} of {findings} findings fixed" in text
    assert "**low**: half are not fixed within" in text


def test_the_mix_is_that_of_the_segment(generation: data.Generation) -> None:
    period = data.default_period(generation)
    assert period is not None
    view = View(period, Segment("owner_team", "payments"))

    def mix(segment: Segment) -> int:
        return int(
            data.table(
                generation,
                "severity_mix",
                dimension=segment.dimension,
                segment=segment.value,
                end=view.period.end,
            )["findings"].sum()
        )

    assert 0 < mix(view.segment) < mix(Segment())
