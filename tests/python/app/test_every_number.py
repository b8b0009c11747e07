"""Every number on a card or in a chart is the mart's, under the key that the page names.

The walk takes pages apart as they are sent to the browser. A number that no rule attributes to a
row of a mart fails, and so does a chart that nobody said how to compare.
"""

from __future__ import annotations

import re
from typing import Final

import pandas as pd
import pytest

from app.navigation import PAGES
from tests.python.app.attributed import Key, Marts, records, rows_of
from tests.python.app.attributed_cards import Reader
from tests.python.app.attributed_charts import compare
from tests.python.app.attributed_grids import compare_grid, grid
from tests.python.app.conftest import OpenPage
from tests.python.app.seen import is_written, numbers, taken_apart, words

VIEWS: Final[dict[str, dict[str, str]]] = {
    "month": {},
    "quarter": {"grain": "quarter"},
    "segment": {"dimension": "risk_tier", "segment": "high"},
}
CARDS: Final = {"overview": 6, "board": 5, "engineering": 4}
"""At least so many cards, or the walk saw none."""

CHARTS: Final = {
    "overview": {"severity_mix", "rolling", "capacity"},
    "security": {"capacity"},
    "engineering": {"severity_mix", "survival"},
    "product": {"techniques"},
    "board": set[str](),
    "attacks": {"versions", "comparison", "drift", "technique_map"},
    "explorer": {"trend", "segments"},
    "trust": set[str](),
}
"""The charts outside of cards that each page has with the sample."""

GRIDS: Final = {
    "overview": set[str](),
    "security": {"parts", "gaps", "benchmarks"},
    "engineering": {"teams", "disputes"},
    "product": set[str](),
    "board": {"year", "frameworks"},
    "attacks": {"comparison"},
    "explorer": {"segments", "periods"},
    "trust": {"sources", "reasons", "checks", "tests"},
}
"""The tables that each page has with the sample."""

EXPLORED: Final = (
    *("mean_time_to_remediate", "attack_success_rate", "cost_per_finding"),
    *("open_overdue_findings", "automated_scan_frequency"),
)
NAMES: Final = {
    "finding": {"title", "system_name", "owner_team", "verdict", "reported_at"},
    "deployment": {"system_name", "owner_team", "deployed_at"},
    "system": {"system_name", "owner_team", "last_report_at"},
    "claim": {"title", "system_name", "owner_team"},
    "attack_result": {"system_name", "owner_team", "run_id"},
    "incident": {"title", "system_name", "owner_team"},
    "system_class": {"title", "system_name", "owner_team"},
    "retest_pass": {"title", "system_name", "owner_team"},
    "assessment_technique": {"title", "system_name"},
}
"""What rows of an entity are called by, and the field that decided where one does."""


def asked(marts: Marts, page: str, view: dict[str, str]) -> Key:
    """Return what a link asks for; without a period, the latest complete one."""
    grain = view.get("grain", "quarter" if page == "board" else "month")
    start, end = marts.execute(
        "select period_start, period_end from metric_values "
        "where period_grain = ? and not is_partial_period order by period_start desc limit 1",
        [grain],
    ).fetchall()[0]
    return Key(grain, start, end, view.get("dimension", "all"), view.get("segment", "all"))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("page", [module for module, _, _ in PAGES])
def test_cards_and_charts_show_what_marts_hold(
    open_page: OpenPage, marts: Marts, page: str, view: str
) -> None:
    key = asked(marts, page, VIEWS[view])
    opened = open_page(page_module=page, **VIEWS[view])
    assert not opened.exception
    assert not opened.error
    cards, charts = taken_apart(opened)
    assert len(cards) >= CARDS.get(page, 0)
    for card in cards:
        if card.metric_id != "legend":
            Reader(marts, card, key).read()
    seen = {compare(marts, chart, key) for chart in charts}
    assert seen == CHARTS[page]
    assert {compare_grid(marts, grid(table), key) for table in opened.dataframe} == GRIDS[page]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("metric_id", EXPLORED)
def test_the_explorer_draws_what_marts_hold(
    open_page: OpenPage, marts: Marts, metric_id: str, view: str
) -> None:
    key = asked(marts, "explorer", VIEWS[view])
    opened = open_page(page_module="explorer", metric=metric_id, **VIEWS[view])
    assert not opened.exception
    _, charts = taken_apart(opened)
    measured = records(
        marts,
        "select * from metric_values where metric_id = ? and period_grain = ? "
        "and segment_dimension = ? and segment_value = ? and value is not null",
        *(metric_id, key.grain, key.dimension, key.segment),
    )
    seen = {compare(marts, chart, key) for chart in charts}
    assert ("trend" in seen) == bool(measured)
    tables = {compare_grid(marts, grid(table), key) for table in opened.dataframe}
    assert ("periods" in tables) == bool(measured)


def test_the_techniques_of_a_system_are_what_marts_hold(open_page: OpenPage, marts: Marts) -> None:
    system = marts.execute(
        "select system_id from technique_coverage_matrix "
        "group by 1 order by count(*) filter (where prompts > 0) desc, 1 limit 1"
    ).fetchall()[0][0]
    key = asked(marts, "attacks", {})
    opened = open_page(page_module="attacks", system=system)
    tables = {compare_grid(marts, grid(table), key) for table in opened.dataframe}
    assert "techniques" in tables


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("page", CARDS)
def test_two_clicks_lead_from_every_card_to_the_rows_that_make_it(
    open_page: OpenPage, marts: Marts, page: str, view: str
) -> None:
    key = asked(marts, page, VIEWS[view])
    opened = open_page(page_module=page, **VIEWS[view])
    buttons = [card.metric_id for card in taken_apart(opened)[0] if card.button]
    assert buttons
    for metric_id in buttons:
        opened.button(key=f"open-{metric_id}").click().run()
        assert not opened.exception
        behind = rows_of(marts, metric_id, key)
        frame = opened.dataframe[0].value
        assert len(frame) == behind["rows"]
        for side in ("numerator", "denominator"):
            total = frame[side].sum(min_count=1) if side in frame else None
            assert is_sum(total, behind[side]), f"{metric_id}: {side} {total}, {behind[side]}"
        value = records(
            marts,
            "select numerator, denominator from metric_values where metric_id = ? "
            "and period_grain = ? and period_start = ? and segment_dimension = ? "
            "and segment_value = ?",
            *(metric_id, key.grain, key.start, key.dimension, key.segment),
        )[0]
        for side in ("numerator", "denominator"):
            assert is_sum(behind[side], value[side]), f"{metric_id}: {side} is not its rows'"
        said = next(
            words(text.value) for text in opened.markdown if "sum of numerators" in text.value
        )
        figures = re.search(r"numerators (\S+) · sum of denominators (\S+)", said)
        assert figures is not None, said
        for figure, side in zip(figures.groups(), ("numerator", "denominator"), strict=True):
            assert value[side] is None or is_written(figure, value[side]), said
        assert_named(frame, metric_id)
        opened.button(key="close_rows").click().run()


def is_sum(total: float | None, wanted: float | None) -> bool:
    if wanted is None or pd.isna(wanted):
        return total is None or pd.isna(total) or total == 0
    return total is not None and abs(float(total) - float(wanted)) < 1e-6


def assert_named(frame: pd.DataFrame, metric_id: str) -> None:
    """Rows say what they are about, who answers for it and what decided, wherever that is known."""
    for entity in frame["entity_type"].unique():
        rows = frame[frame["entity_type"] == entity]
        for column in NAMES.get(entity, ()):
            assert column in rows, f"{metric_id}: rows of {entity} lack {column}"
            assert rows[column].notna().any(), f"{metric_id}: {column} of {entity} is empty"
        system = rows.get("system_name", pd.Series(dtype=object))
        assert entity not in NAMES or system.notna().all(), f"{metric_id}: {entity} without system"


@pytest.mark.parametrize(
    ("figure", "value", "is_right"),
    [
        ("82", 82.4, True),
        ("82", 82.6, False),
        ("86.8", 86.84, True),
        ("86.9", 86.84, False),
        ("< 1", 0.4, True),
        ("< 1", 1.4, False),
        ("1,234", 1234.0, True),
        ("-3", 3.0, False),
    ],
)
def test_half_of_the_last_digit_is_all_that_rounding_may_take(
    figure: str, value: float, is_right: bool
) -> None:
    assert numbers(f"{figure} %") == [figure]
    assert is_written(figure, value) is is_right
