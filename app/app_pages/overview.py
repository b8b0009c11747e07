"""Executive overview: what got worse, what is oldest, what went live untested; the core metrics."""

from __future__ import annotations

import math
from textwrap import shorten
from typing import Final

from app import data
from app.components import drill_down, panels, plots, url
from app.components.formatting import count_of, day, with_unit
from app.components.metric_card import show_card, show_legend
from app.components.page import show_view
from app.components.sheet import Sheet, kept
from app.components.text import plain
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


@kept
def _show_page(sheet: Sheet, generation: data.Generation, view: View) -> None:
    _show_answers(sheet, generation, view)
    _show_cards(sheet, generation, view)
    _show_year(sheet, generation, view)
    _show_outlook(sheet, generation)


def _show_answers(sheet: Sheet, generation: data.Generation, view: View) -> None:
    worse, oldest, untested = sheet.columns(3)
    with worse, sheet.panel():
        _show_worsened(sheet, generation, view)
    with oldest, sheet.panel():
        _show_oldest(sheet, generation, view)
    with untested, sheet.panel():
        _show_untested(sheet, generation, view)


def _show_worsened(sheet: Sheet, generation: data.Generation, view: View) -> None:
    found = data.worsened(generation, view)
    panels.head(sheet, "What got worse", drill_down.WORSENED, len(found), empty="None")
    if not found:
        sheet.muted("Nothing that compares with the period before.")
    for number, item in enumerate(found[:ENTRIES]):
        before = with_unit(item.previous_value, item.unit, item.sample_size)
        now = with_unit(item.value, item.unit, item.sample_size)
        whose = "" if item.system_name is None else f"{plain(item.system_name)} · "
        _entry(
            sheet,
            f"worse-{number}",
            f"**{now}**, was {before}",
            f"{whose}{plain(item.metric_name)} · n = {item.sample_size:,}" + _doubt(item),
            (item.metric_id, None, item.system_id),
        )


def _doubt(item: data.Worsened) -> str:
    if item.sample_size < data.FEWEST_TO_JUDGE:
        return " · too few to tell"
    return " · may be chance" if item.may_be_chance else ""


def _show_oldest(sheet: Sheet, generation: data.Generation, view: View) -> None:
    found = data.oldest_findings(generation, view.segment)
    panels.head(
        sheet,
        "Oldest open critical and high",
        drill_down.OLDEST_FINDINGS,
        len(found),
        empty="None",
    )
    if not found:
        sheet.muted("No critical or high finding is open.")
    elif not view.segment.is_all and view.segment.dimension not in data.FINDING_DIMENSIONS:
        sheet.muted(_not_narrowed(view))
    for item in found[:ENTRIES]:
        due = "no due date" if item.due_at is None else f"due {day(item.due_at)}"
        title = shorten(item.title or item.finding_id, MOST_OF_A_TITLE, placeholder=" …")
        _entry(
            sheet,
            f"oldest-{item.finding_id}",
            f"**{count_of(item.days_open, 'day')}** · {plain(item.system_name)} · "
            f"{item.current_severity} · {'overdue' if item.is_overdue else due}",
            plain(title),
            (drill_down.OLDEST_FINDINGS, item.finding_id, None),
        )


def _show_untested(sheet: Sheet, generation: data.Generation, view: View) -> None:
    found = data.untested_launches(generation, view)
    panels.head(sheet, "Went live untested", drill_down.UNTESTED_LAUNCHES, len(found), empty="None")
    if not found:
        sheet.muted("Every launch of the last 12 months was assessed before it.")
    elif not view.segment.is_all and view.segment.dimension not in data.LAUNCH_DIMENSIONS:
        sheet.muted(_not_narrowed(view))
    for item in found[:ENTRIES]:
        report = (
            f"{item.state}, no report"
            if item.late_report_at is None
            else f"report only on {day(item.late_report_at)}"
        )
        name = f"{item.system_name} {item.system_version or ''}"
        _entry(
            sheet,
            f"untested-{item.deployment_id}",
            f"**{day(item.deployed_at)}** · {plain(name)}",
            f"{item.deployment_type.replace('_', ' ')} · {report} · {plain(item.owner_team)}",
            (drill_down.UNTESTED_LAUNCHES, item.deployment_id, None),
        )


def _not_narrowed(view: View) -> str:
    """Return that a list shows more than the page's segment."""
    by = DIMENSIONS[view.segment.dimension].lower()
    return f"Whole program: this list is not broken down by {by}."


def _entry(
    sheet: Sheet, key: str, name: str, facts: str, opens: tuple[str, str | None, str | None]
) -> None:
    """Write a button that opens the rows, over a line of facts."""
    with sheet.container(gap=None):
        sheet.button(name, key, url.open_rows, *opens, wrap=False)
        sheet.muted(facts)


def _show_cards(sheet: Sheet, generation: data.Generation, view: View) -> None:
    cards = data.cards(generation, view)
    rows = math.ceil(len(cards) / MOST_CARDS_IN_A_ROW)
    in_a_row = math.ceil(len(cards) / max(rows, 1))  # rows as equally long as can be
    for start in range(0, len(cards), max(in_a_row, 1)):
        columns = sheet.columns(in_a_row)
        for column, card in zip(columns, cards[start : start + in_a_row], strict=False):
            with column:
                show_card(sheet, generation, card, view)
        if start + in_a_row > len(cards):
            with columns[-1]:
                show_legend(sheet)


def _show_year(sheet: Sheet, generation: data.Generation, view: View) -> None:
    """Draw twelve months: severity mix, fixes in time, coverage."""
    mix, *others = sheet.columns(1 + len(ROLLING))
    with mix, sheet.panel():
        sheet.heading("Severity mix, 12 months")
        panels.show_severity_mix(sheet, generation, view, plots.HEIGHT)
    for column, (metric_id, title) in zip(others, ROLLING.items(), strict=True):
        with column, sheet.panel():
            sheet.heading(f"{title}, rolling 12 months")
            _show_rolling(sheet, generation, metric_id, title, view)


def _show_rolling(
    sheet: Sheet, generation: data.Generation, metric_id: str, title: str, view: View
) -> None:
    found = data.table(
        generation,
        "rolling_year",
        metric=metric_id,
        dimension=view.segment.dimension,
        segment=view.segment.value,
        end=view.period.end,
    )
    if found["value"].isna().all():
        sheet.muted(
            "Not measured in these months" + ("." if view.segment.is_all else " and segment.")
        )
        return
    shown = found.dropna(subset=["value"])
    words = [with_unit(row["value"], "percent", row["sample_size"]) for _, row in shown.iterrows()]
    plots.trend(
        sheet,
        shown.assign(words=words),
        f"{title}, rolling 12 months, by the month it ends: " + "; ".join(words),
        title="%",
        selected=f"{shown['period_start'].iloc[-1]:%Y-%m-%d}",
        joined=True,
    )


def _show_outlook(sheet: Sheet, generation: data.Generation) -> None:
    threats, capacity, pipeline = sheet.columns(3)
    with threats, sheet.panel():
        panels.show_threats(sheet, generation)
    with capacity, sheet.panel():
        panels.show_capacity(sheet, generation)
    with pipeline, sheet.panel():
        panels.show_pipeline(sheet, generation)
