"""The executive overview, as a reader gets it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from textwrap import shorten

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from app import data
from app.app_pages.overview import ENTRIES, MOST_OF_A_TITLE
from app.components import card_words, formatting
from app.components.frame import context_in_words
from app.components.text import plain
from app.view import ALL, MONTH, QUARTER, TRAILING_YEAR, Period, Segment, View
from tests.python.app.conftest import OpenPage

SEGMENTS = [
    Segment(),
    Segment("system", "wealth-assistant"),
    Segment("risk_tier", "high"),
    Segment("severity", "critical"),
]


def all_text(page: AppTest) -> str:
    return "\n".join(
        [element.value for element in [*page.markdown, *page.info, *page.subheader, *page.title]]
        + [button.label for button in page.button]
    )


def param(page: AppTest, name: str) -> str:
    """Return a parameter of the URL; AppTest keeps a list of what a test set itself."""
    value = page.query_params[name]
    return value if isinstance(value, str) else value[0]


def assert_calm(page: AppTest) -> None:
    assert not page.exception
    assert not page.error


def latest_month(generation: data.Generation) -> Period:
    period = data.default_period(generation)
    assert period is not None
    return period


def test_first_screen_answers_with_names_and_numbers(
    open_page: OpenPage, generation: data.Generation
) -> None:
    page = open_page()
    assert_calm(page)
    view = View(latest_month(generation), Segment())
    text = all_text(page)
    oldest = data.oldest_findings(generation, Segment())[0]
    assert formatting.count_of(oldest.days_open, "day") in text
    assert plain(shorten(str(oldest.title), MOST_OF_A_TITLE, placeholder=" …")) in text
    untested = data.untested_launches(generation, view)[0]
    assert plain(untested.system_name) in text
    worse = data.worsened(generation, view)[0]
    assert plain(worse.metric_name) in text
    assert "Sample data (synthetic)" in text
    assert "Demo mode" in text
    assert "held back" in text


def test_default_is_the_latest_complete_month_and_in_the_url(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page()
    latest = marts.execute(
        "select max(period_start) from metric_values "
        "where period_grain = 'month' and not is_partial_period"
    ).fetchall()[0][0]
    assert param(page, "grain") == MONTH
    assert param(page, "period") == latest.isoformat()
    assert page.selectbox(key="picker_period").value == latest


@pytest.mark.parametrize("grain", [MONTH, QUARTER, TRAILING_YEAR])
def test_every_card_says_what_metric_values_says(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection, grain: str
) -> None:
    page = open_page(grain=grain)
    assert_calm(page)
    start = param(page, "period")
    rows = marts.execute(
        """
        select c.metric_id, c.name, v.value, v.numerator, v.sample_size, v.unit,
            v.target_low, v.target_high
        from metric_catalog c join metric_values v using (metric_id)
        where c.is_core and v.period_grain = ? and v.period_start = ?
            and v.segment_dimension = 'all'
        """,
        [grain, start],
    ).fetchall()
    shown = {card.label: card.value for card in page.metric}
    assert len(rows) >= 6
    for metric_id, name, value, numerator, size, unit, low, high in rows:
        if metric_id == card_words.COUNT_LEADS:
            wanted = formatting.quantity(numerator)
        else:
            wanted = formatting.with_unit(value, unit, size, (low, high))
        assert shown[plain(name)] == wanted, metric_id
        assert f"n = {size:,}" in all_text(page)


def test_every_core_metric_of_the_catalog_has_a_card(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page(dimension="severity", segment="critical")
    assert_calm(page)
    core = marts.execute("select count(*) from metric_catalog where is_core").fetchall()[0][0]
    assert len(page.metric) == core
    assert "not broken down by it" in all_text(page)


def test_rates_show_their_interval_and_attack_success_its_worst_system(
    open_page: OpenPage,
) -> None:
    text = all_text(open_page())
    assert "95 % interval" in text
    assert "Worst upper bound:" in text
    for severity in card_words.SEVERITIES:
        assert f"{severity} " in text


def test_immature_months_are_undecided(open_page: OpenPage, generation: data.Generation) -> None:
    view = View(latest_month(generation), Segment())
    card = next(
        card for card in data.cards(generation, view) if card.metric.metric_id == card_words.MATURES
    )
    assert card.undecided_count > 0
    assert "not yet due" in card_words.status(card, view)
    assert "Undecided" in card_words.status(card, view)


def test_what_can_be_told_from_chance_leads_what_got_worse(generation: data.Generation) -> None:
    worse = data.worsened(generation, View(latest_month(generation), Segment()))
    doubts = [item.may_be_chance or item.sample_size < data.FEWEST_TO_JUDGE for item in worse]
    assert not doubts[0]
    assert doubts[-1]
    whole = [doubt for doubt, item in zip(doubts, worse, strict=True) if item.system_id is None]
    assert whole == sorted(whole)


def test_what_is_not_yet_due_has_not_got_worse(generation: data.Generation) -> None:
    running = View(data.periods(generation, MONTH)[0], Segment())
    cards = {card.metric.metric_id: card for card in data.cards(generation, running)}
    card = cards[card_words.MATURES]
    assert card.undecided_count
    assert card.value is not None
    assert card.value.change is not None
    assert card.value.change < 0, "it fell, or this test shows nothing"
    assert card_words.MATURES not in {
        item.metric_id for item in data.worsened(generation, running) if item.system_id is None
    }
    words, color, _ = card_words.change_in_words(card, card.value, running)
    assert color == "off"
    assert "worse" not in str(words)


def card_of(generation: data.Generation, view: View, metric_id: str) -> data.Card:
    return next(c for c in data.cards(generation, view) if c.metric.metric_id == metric_id)


def test_maturity_is_what_the_mart_says(
    generation: data.Generation, marts: duckdb.DuckDBPyConnection
) -> None:
    view = View(latest_month(generation), Segment())
    immature = {
        metric_id
        for (metric_id,) in marts.execute(
            "select metric_id from metric_status where is_immature and period_grain = 'month' "
            "and segment_dimension = 'all'"
        ).fetchall()
    }
    cards = data.cards(generation, view)
    assert {card.metric.metric_id for card in cards if card.is_immature} == immature & {
        card.metric.metric_id for card in cards
    }
    assert any(card.is_immature for card in cards)


def test_where_only_segments_have_targets_the_worst_one_stands_on_the_card(
    generation: data.Generation,
) -> None:
    quarter = data.default_period(generation, QUARTER)
    assert quarter is not None
    view = View(quarter, Segment())
    card = card_of(generation, view, data.TESTED_BEFORE_LAUNCH)
    worst = card_words.worst_target(card)
    assert worst is not None
    assert worst.segment == Segment("risk_tier", "high")
    assert worst.target_status == "missed"
    words = card_words.status(card, view).replace(formatting.SPACE, " ")
    assert "**Missed**" in words
    assert "high risk 60 %" in words
    assert "target 100 %, n = 5" in words
    for metric_id in (card_words.BY_SEVERITY, card_words.MATURES):
        status = card_words.status(card_of(generation, view, metric_id), view)
        assert "critical " in status
        assert "No target" not in status


def test_a_context_sentence_stands_under_the_title(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page()
    systems, findings = marts.execute(
        "select systems_in_production, findings_reported from program_context "
        "where period_grain = 'month' and period_start = ?",
        [param(page, "period")],
    ).fetchall()[0]
    text = all_text(page).replace(formatting.SPACE, " ")
    assert f"{systems} systems in production, " in text
    assert f", {findings} findings, " in text
    assert "Whole program: " in all_text(open_page(dimension="risk_tier", segment="high"))


def test_the_context_leaves_out_what_nobody_records() -> None:
    words = context_in_words(data.Context(1, None, 0, None, 3.5)).replace(formatting.SPACE, " ")
    assert words == "1 system in production, 0 findings, 3.5 testers"
    assert context_in_words(data.Context(None, None, None, None, None)) == ""
    assert context_in_words(None) == ""


def test_companions_stand_on_the_card_with_their_values(open_page: OpenPage) -> None:
    text = all_text(open_page()).replace(formatting.SPACE, " ")
    assert "Read with Technique coverage" in text
    assert "Untested launches 1" in text
    assert "Companion alarm" not in text
    assert "Incomplete" not in text


def test_alarms_and_held_back_rows_stand_on_the_card_in_words(
    open_page: OpenPage, alarmed_warehouse: Path
) -> None:
    page = open_page(alarmed_warehouse)
    assert_calm(page)
    text = all_text(page).replace(formatting.SPACE, " ")
    assert text.count("Companion alarm") == 2
    assert plain("More is [counted](http://example.com).") in text
    assert "Technique coverage 30 %, was 55 %; can still change" in text
    assert "Reopened fixes 30 %, was 55 % (July 2026)" in text
    assert text.count("**Incomplete**") == 1
    assert "Companion alarm" not in all_text(open_page(alarmed_warehouse, grain=QUARTER))


def test_a_small_step_from_a_perfect_month_may_be_chance(generation: data.Generation) -> None:
    """One failed retest of 14 after 100 %: outside its own interval, inside the one before."""
    view = View(latest_month(generation), Segment())
    card = card_of(generation, view, "fix_effectiveness_rate")
    value = card.value
    assert value is not None
    assert value.previous_value is not None
    assert value.interval_high is not None
    assert value.previous_value > value.interval_high, "or this test shows nothing"
    words, color, _ = card_words.change_in_words(card, value, view)
    assert "may be chance" in str(words)
    assert color == "off"
    listed = {item.metric_id: item for item in data.worsened(generation, view)}
    assert listed["fix_effectiveness_rate"].may_be_chance


def test_partial_period_is_marked(open_page: OpenPage, generation: data.Generation) -> None:
    partial = data.periods(generation, MONTH)[0]
    assert partial.is_partial
    assert "partial period" in all_text(open_page(period=partial.start.isoformat()))
    assert "partial period" not in all_text(open_page())


@pytest.mark.parametrize("segment", SEGMENTS, ids=lambda segment: segment.value)
@pytest.mark.parametrize("grain", [MONTH, QUARTER, TRAILING_YEAR])
def test_rows_add_up_to_every_card(
    generation: data.Generation, grain: str, segment: Segment
) -> None:
    period = data.default_period(generation, grain)
    assert period is not None
    view = View(period, segment)
    checked = 0
    for card in data.cards(generation, view):
        if card.value is None:
            continue
        rows = data.rows_behind(generation, card.metric.metric_id, view)
        totals = data.row_totals(generation, card.metric.metric_id, view)
        assert len(rows) == totals.rows == card.row_count
        assert rows["numerator"].sum() == pytest.approx(card.value.numerator, abs=1e-6)
        if card.value.denominator is not None:
            assert rows["denominator"].sum() == pytest.approx(card.value.denominator, abs=1e-6)
        assert rows["sample_size"].sum() == card.value.sample_size
        assert (totals.numerator or 0) == pytest.approx(card.value.numerator, abs=1e-6)
        checked += 1
    assert checked >= 2


def test_rows_of_a_stock_are_those_of_its_last_month(generation: data.Generation) -> None:
    quarter = next(p for p in data.periods(generation, QUARTER) if not p.is_partial)
    rows = data.rows_behind(generation, "system_test_coverage_rate", View(quarter, Segment()))
    assert set(rows["observed_on"].dt.date) == {quarter.end - dt.timedelta(days=1)}


def test_a_click_opens_the_rows_and_another_closes_them(open_page: OpenPage) -> None:
    page = open_page()
    page.button(key="open-remediation_completion_rate").click().run()
    assert_calm(page)
    assert param(page, "rows") == "remediation_completion_rate"
    rows = page.dataframe[0].value
    assert {"title", "system_name", "owner_team", "reported_at", "due_at", "verdict"} <= set(rows)
    assert rows["title"].notna().all()
    assert f"{len(rows)}{formatting.SPACE}rows" in all_text(page)
    page.button(key="close_rows").click().run()
    assert "rows" not in page.query_params
    assert not page.dataframe


def test_a_link_opens_the_rows_and_names_the_one(
    open_page: OpenPage, generation: data.Generation
) -> None:
    finding = data.oldest_findings(generation, Segment())[0]
    page = open_page(rows="oldest_findings", entity=finding.finding_id)
    assert_calm(page)
    assert finding.title in [text.value for text in page.text]
    page = open_page(rows="oldest_findings", entity="F-none")
    assert_calm(page)
    assert "not among these" in all_text(page)


@pytest.mark.parametrize("rows", ["oldest_findings", "untested_launches", "worsened"])
def test_lists_open_in_full(open_page: OpenPage, rows: str) -> None:
    page = open_page()
    page.button(key=f"open-{rows}").click().run()
    assert_calm(page)
    assert not page.dataframe[0].value.empty


def test_a_worsened_system_opens_its_own_rows(
    open_page: OpenPage, generation: data.Generation
) -> None:
    quarter = data.default_period(generation, QUARTER)
    assert quarter is not None
    worse = data.worsened(generation, View(quarter, Segment()))
    number, item = next((n, i) for n, i in enumerate(worse[:ENTRIES]) if i.system_id is not None)
    page = open_page(grain=QUARTER)
    page.button(key=f"worse-{number}").click().run()
    assert_calm(page)
    assert param(page, "segment") == item.system_id
    assert set(page.dataframe[0].value["system_name"]) == {item.system_name}


def test_pickers_change_the_url_and_the_page(open_page: OpenPage) -> None:
    page = open_page()
    page.selectbox(key="picker_grain").set_value(QUARTER).run()
    assert param(page, "grain") == QUARTER
    page.selectbox(key="picker_dimension").set_value("risk_tier").run()
    page.selectbox(key="picker_segment").set_value("low").run()
    assert_calm(page)
    assert param(page, "segment") == "low"
    again = open_page(**{name: param(page, name) for name in page.query_params})
    assert [card.value for card in again.metric] == [card.value for card in page.metric]
    page.selectbox(key="picker_dimension").set_value(ALL).run()
    assert "segment" not in page.query_params


@pytest.mark.parametrize(
    "query",
    [
        {"grain": "decade"},
        {"period": "2026-10-02"},
        {"period": "![](http://example.com/x.png)"},
        {"dimension": "1; drop table x", "segment": "a"},
        {"dimension": "system", "segment": "' or 1 = 1"},
    ],
)
def test_a_made_up_link_falls_back_and_says_so(open_page: OpenPage, query: dict[str, str]) -> None:
    page = open_page(**query)
    assert_calm(page)
    assert "not there" in all_text(page)
    assert page.metric


def test_unknown_rows_show_the_page(open_page: OpenPage) -> None:
    page = open_page(rows="secrets")
    assert_calm(page)
    assert page.metric


def test_without_a_warehouse_it_says_what_to_run(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(tmp_path / "none")
    assert_calm(page)
    assert "aism build" in all_text(page)


def test_an_empty_warehouse_says_which_files_to_bring(
    open_page: OpenPage, unfed_warehouse: Path
) -> None:
    page = open_page(unfed_warehouse)
    assert_calm(page)
    assert "program/findings.csv" in all_text(page)


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_a_broken_warehouse_tells_no_cause(
    open_page: OpenPage, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "generation-000009.duckdb").write_bytes(content)
    (tmp_path / "CURRENT").write_text("generation-000009.duckdb", encoding="ascii")
    page = open_page(tmp_path)
    assert not page.exception
    assert "aism build" in page.error[0].value
    assert str(tmp_path) not in page.error[0].value


def test_a_new_generation_shows_without_a_restart(
    open_page: OpenPage, warehouse: Path, tmp_path: Path
) -> None:
    page = open_page(tmp_path)
    assert not page.metric
    name = (warehouse / "CURRENT").read_text(encoding="ascii").strip()
    (tmp_path / name).write_bytes((warehouse / name).read_bytes())
    (tmp_path / "CURRENT").write_text(name, encoding="ascii")
    page.run()
    assert_calm(page)
    assert page.metric


def test_the_year_and_the_outlook_stand_below_the_cards(
    open_page: OpenPage, generation: data.Generation, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page()
    assert_calm(page)
    text = all_text(page).replace(formatting.SPACE, " ")
    used = marts.execute(
        "select utilisation from resource_summary where not is_partial_period "
        "order by period_start desc"
    ).fetchall()[0][0]
    assert f"{used:.0f} % used" in text
    end = latest_month(generation).end
    rolling = data.table(
        generation,
        "rolling_year",
        metric="system_test_coverage_rate",
        dimension=ALL,
        segment=ALL,
        end=end,
    )
    value = marts.execute(
        "select value from metric_values where metric_id = 'system_test_coverage_rate' "
        "and period_grain = 'trailing_12_months' and segment_dimension = 'all' "
        "and period_end = ?",
        [end],
    ).fetchall()[0][0]
    assert len(rolling) == 12
    assert rolling["value"].iloc[-1] == value
    page.button(key="open-emerging_threats").click().run()
    assert_calm(page)
    assert "threat_id" in page.dataframe[0].value


def test_a_list_that_a_segment_cannot_narrow_says_so(open_page: OpenPage) -> None:
    sentence = "this list is not broken down by"
    assert sentence not in all_text(open_page())
    assert sentence not in all_text(open_page(dimension="system", segment="wealth-assistant"))
    assert f"{sentence} tool" in all_text(open_page(dimension="tool", segment="garak"))
