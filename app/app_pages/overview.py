"""Executive overview: what got worse, what is oldest, what went live untested; the core metrics."""

from __future__ import annotations

import math
from textwrap import shorten
from typing import Final

import streamlit as st

from app import data
from app.components import drill_down, panels, plots, url
from app.components.formatting import count_of, day, with_unit
from app.components.metric_card import show_card, show_legend
from app.components.page import show_view
from app.components.text import plain
from app.components.typography import link, muted
from app.view import DIMENSIONS, View

TITLE: Final = "Executive overview"
ENTRIES: Final = 3
ROLLING: Final = {
    "remediation_completion_rate": "Fixed in time",
    "system_test_coverage_rate": "Systems tested",
}
MOST_CARDS_IN_A_ROW: Final = 4
MOST_OF_A_TITLE: Final = 66
"""One line of a panel; the rows behind it have the whole title."""


def show() -> None:
    """Draw the page."""
    show_view(TITLE, _show_page)


def _show_page(generation: data.Generation, view: View) -> None:
    _show_answers(generation, view)
    _show_cards(generation, view)
    _show_year(generation, view)
    _show_outlook(generation)


def _show_answers(generation: data.Generation, view: View) -> None:
    worse, oldest, untested = st.columns(3, gap="small")
    with worse.container(border=True, height="stretch", gap="xsmall"):
        _show_worsened(generation, view)
    with oldest.container(border=True, height="stretch", gap="xsmall"):
        _show_oldest(generation, view)
    with untested.container(border=True, height="stretch", gap="xsmall"):
        _show_untested(generation, view)


def _show_worsened(generation: data.Generation, view: View) -> None:
    found = data.worsened(generation, view)
    panels.heading("What got worse", drill_down.WORSENED, len(found), if_none="None")
    if not found:
        muted("Nothing that compares with the period before.")
    for number, item in enumerate(found[:ENTRIES]):
        before = with_unit(item.previous_value, item.unit, item.sample_size)
        now = with_unit(item.value, item.unit, item.sample_size)
        whose = "" if item.system_name is None else f"{plain(item.system_name)} · "
        _entry(
            f"worse-{number}",
            f"**{now}**, was {before}",
            f"{whose}{plain(item.metric_name)} · n = {item.sample_size:,}" + _doubt(item),
            (item.metric_id, None, item.system_id),
        )


def _doubt(item: data.Worsened) -> str:
    if item.sample_size < data.FEWEST_TO_JUDGE:
        return " · too few to tell"
    return " · may be chance" if item.may_be_chance else ""


def _show_oldest(generation: data.Generation, view: View) -> None:
    found = data.oldest_findings(generation, view.segment)
    panels.heading(
        "Oldest open critical and high", drill_down.OLDEST_FINDINGS, len(found), if_none="None"
    )
    if not found:
        muted("No critical or high finding is open.")
    elif not view.segment.is_all and view.segment.dimension not in data.FINDING_DIMENSIONS:
        muted(_not_narrowed(view))
    for item in found[:ENTRIES]:
        due = "no due date" if item.due_at is None else f"due {day(item.due_at)}"
        title = shorten(item.title or item.finding_id, MOST_OF_A_TITLE, placeholder=" …")
        _entry(
            f"oldest-{item.finding_id}",
            f"**{count_of(item.days_open, 'day')}** · {plain(item.system_name)} · "
            f"{item.current_severity} · {'overdue' if item.is_overdue else due}",
            plain(title),
            (drill_down.OLDEST_FINDINGS, item.finding_id, None),
        )


def _show_untested(generation: data.Generation, view: View) -> None:
    found = data.untested_launches(generation, view)
    panels.heading("Went live untested", drill_down.UNTESTED_LAUNCHES, len(found), if_none="None")
    if not found:
        muted("Every launch of the last 12 months was assessed before it.")
    elif not view.segment.is_all and view.segment.dimension not in data.LAUNCH_DIMENSIONS:
        muted(_not_narrowed(view))
    for item in found[:ENTRIES]:
        report = (
            f"{item.state}, no report"
            if item.late_report_at is None
            else f"report only on {day(item.late_report_at)}"
        )
        name = f"{item.system_name} {item.system_version or ''}"
        _entry(
            f"untested-{item.deployment_id}",
            f"**{day(item.deployed_at)}** · {plain(name)}",
            f"{item.deployment_type.replace('_', ' ')} · {report} · {plain(item.owner_team)}",
            (drill_down.UNTESTED_LAUNCHES, item.deployment_id, None),
        )


def _not_narrowed(view: View) -> str:
    """Return that a list shows more than the page's segment."""
    by = DIMENSIONS[view.segment.dimension].lower()
    return f"Whole program: this list is not broken down by {by}."


def _entry(key: str, name: str, facts: str, opens: tuple[str, str | None, str | None]) -> None:
    """Write a button that opens the rows, over a line of facts."""
    with st.container(gap=None):
        st.button(
            link(name), key=key, type="tertiary", on_click=url.open_rows, args=opens, wrap=False
        )
        muted(facts)


def _show_cards(generation: data.Generation, view: View) -> None:
    cards = data.cards(generation, view)
    rows = math.ceil(len(cards) / MOST_CARDS_IN_A_ROW)
    in_a_row = math.ceil(len(cards) / max(rows, 1))  # rows as equally long as can be
    for start in range(0, len(cards), max(in_a_row, 1)):
        columns = st.columns(in_a_row, gap="small")
        for column, card in zip(columns, cards[start : start + in_a_row], strict=False):
            with column:
                show_card(generation, card, view)
        if start + in_a_row > len(cards):
            with columns[-1]:
                show_legend()


def _show_year(generation: data.Generation, view: View) -> None:
    """Draw twelve months: severity mix, fixes in time, coverage."""
    mix, *others = st.columns(1 + len(ROLLING), gap="small")
    with mix.container(border=True, height="stretch", gap="xsmall"):
        st.markdown("##### Severity mix, 12 months", anchors=False)
        panels.show_severity_mix(generation, view, plots.HEIGHT)
    for column, (metric_id, title) in zip(others, ROLLING.items(), strict=True):
        with column.container(border=True, height="stretch", gap="xsmall"):
            st.markdown(f"##### {title}, rolling 12 months", anchors=False)
            _show_rolling(generation, metric_id, title, view)


def _show_rolling(generation: data.Generation, metric_id: str, title: str, view: View) -> None:
    found = data.table(
        generation,
        "rolling_year",
        metric=metric_id,
        dimension=view.segment.dimension,
        segment=view.segment.value,
        end=view.period.end,
    )
    if found["value"].isna().all():
        muted("Not measured in these months" + ("." if view.segment.is_all else " and segment."))
        return
    shown = found.dropna(subset=["value"])
    words = [with_unit(row["value"], "percent", row["sample_size"]) for _, row in shown.iterrows()]
    plots.trend(
        shown.assign(words=words),
        f"{title}, rolling 12 months, by the month it ends: " + "; ".join(words),
        title="%",
        selected=f"{shown['period_start'].iloc[-1]:%Y-%m-%d}",
        joined=True,
    )


def _show_outlook(generation: data.Generation) -> None:
    threats, capacity, pipeline = st.columns(3, gap="small")
    with threats.container(border=True, height="stretch", gap="xsmall"):
        panels.show_threats(generation)
    with capacity.container(border=True, height="stretch", gap="xsmall"):
        panels.show_capacity(generation)
    with pipeline.container(border=True, height="stretch", gap="xsmall"):
        panels.show_pipeline(generation)
