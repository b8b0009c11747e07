"""The attack success page, as a reader gets it."""

from __future__ import annotations

import duckdb
import pytest

from app import data
from app.components import formatting
from app.components.maps import SYMBOLS
from app.components.marks import marked
from app.components.text import plain
from tests.python.app.conftest import OpenPage
from tests.python.app.test_pages import prose

SYSTEM = "support-bot"


def test_versions_are_those_of_the_gates(
    generation: data.Generation, marts: duckdb.DuckDBPyConnection
) -> None:
    shown = data.table(generation, "attacked_versions", system=SYSTEM)
    known = marts.execute(
        "select system_version, upper_bound, prompts from release_gates "
        "where system_id = ? and attempts > 0",
        [SYSTEM],
    ).fetchall()
    assert set(
        zip(shown["system_version"], shown["upper_bound"], shown["prompts"], strict=True)
    ) == set(known)
    latest = data.table(generation, "attacked_versions")
    assert latest["system_id"].is_unique
    counted = marts.execute(
        "select count(distinct system_id) from release_gates where attempts > 0"
    ).fetchall()[0][0]
    assert len(latest) == counted


def test_changes_for_the_worse_lead(open_page: OpenPage, marts: duckdb.DuckDBPyConnection) -> None:
    text = prose(open_page(page_module="attacks")).replace(formatting.SPACE, " ")
    attack, delta, low, high = marts.execute(
        "select attack, delta, interval_low, interval_high from attack_success_changes "
        "where verdict = 'worse' order by started_at desc, abs(delta) desc, attack"
    ).fetchall()[0]
    assert f"**{delta:+.0f}** ({low:.0f} to {high:.0f}) · {plain(attack)}" in text
    assert text.index(marked("worse")) < text.index(marked("better"))


def test_the_pair_opened_first_has_something_to_show(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page(page_module="attacks", system=SYSTEM)
    assert not page.exception
    table = page.dataframe[0].value
    assert marked("better") in set(table["verdict"])
    rows = marts.execute(
        "select attack, delta, q_value from attack_success_changes where system_id = ? "
        "and verdict = 'better'",
        [SYSTEM],
    ).fetchall()
    known = {(attack, round(delta, 6), round(q, 6)) for attack, delta, q in rows}
    better = table[table["verdict"] == marked("better")]
    for _, row in better.iterrows():
        assert (row["attack"], round(row["delta"], 6), round(row["q_value"], 6)) in known


def test_picking_other_runs_is_in_the_url(open_page: OpenPage) -> None:
    page = open_page(page_module="attacks", system=SYSTEM)
    options = page.selectbox(key="picker_run").options
    assert len(options) > 3
    before = page.dataframe[0].value
    page.selectbox(key="picker_run").select_index(3).run()
    assert not page.exception
    assert "run" in page.query_params
    assert not before.equals(page.dataframe[0].value)
    page.selectbox(key="picker_run").select_index(0).run()
    assert "run" not in page.query_params


def test_a_made_up_system_falls_back_and_says_so(open_page: OpenPage) -> None:
    page = open_page(page_module="attacks", system="' or 1 = 1")
    assert not page.exception
    assert "not there" in prose(page)


def test_cells_of_the_map_are_counted(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    text = prose(open_page(page_module="attacks"))
    for state, count in marts.execute(
        "select state, count(*) from technique_coverage_matrix group by state"
    ).fetchall():
        assert f"{marked(state)} {count:,}" in text
        assert marked(state).startswith(SYMBOLS[state])


def test_retests_count_last_claims_only(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    text = prose(open_page(page_module="attacks")).replace(formatting.SPACE, " ")
    claims, missing = marts.execute(
        "select count(*), sum(missing_prompts) from retest_plan "
        "where is_last_claim and state = 'unproven'"
    ).fetchall()[0]
    assert f"{claims} claimed fixes, {missing:,.0f} more clean prompts" in text


def test_drift_shows_a_series_with_a_signal_first(
    generation: data.Generation, marts: duckdb.DuckDBPyConnection
) -> None:
    series = data.table(generation, "drift_series").iloc[0]
    weeks = data.table(generation, "drift_weeks", series=series["series"])
    assert len(weeks) == series["weeks"]
    assert not set(weeks["signal"]) <= {"within limits", "no limits yet"}
    assert weeks["week_start"].is_monotonic_increasing
    last = marts.execute(
        "select max(week_start) from attack_success_drift "
        "where signal not in ('within limits', 'no limits yet')"
    ).fetchall()[0][0]
    assert series["last_signal_on"].date() == last


@pytest.mark.parametrize("name", ["attack_runs", "attack_changes", "technique_cells", "retests"])
def test_a_system_narrows_the_lists(generation: data.Generation, name: str) -> None:
    every, own = data.table(generation, name), data.table(generation, name, of=SYSTEM)
    assert 0 < len(own) < len(every)
    assert own["system_name"].nunique() == 1
