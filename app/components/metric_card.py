"""A metric as a card: the number, what it is of, where it should be, and what keeps it honest."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app import data
from app.components import charts, plots, url
from app.components.card_words import (
    INCOMPLETE,
    STATUS_MARKS,
    alarm_in_words,
    basis,
    change_in_words,
    companions_in_words,
    headline,
    notes_in_words,
    status,
    trend_in_words,
    why_not_measured,
)
from app.components.formatting import count_of
from app.components.remarks import remarks_in_words
from app.components.sheet import Sheet
from app.components.text import plain
from app.components.typography import grey, small
from app.view import View

MOST_REMARKS: Final = 2

LEGEND: Final = (
    f"{STATUS_MARKS['met']} or {STATUS_MARKS['missed']}: the value, or all of its 95 % interval, "
    "lies on that side of the target",
    f"{STATUS_MARKS['undecided']}: the interval spans the target, the sample is below "
    f"{data.FEWEST_TO_JUDGE}, or something counted is not yet due",
    "**May be chance**: the value before or now lies inside the interval of the other",
    "**Read with**: the numbers that would get worse if this one were bought cheaply",
    "**Trend**: 12 months; shaded the 95 % interval, dashed the target, a hollow dot is a partial "
    "month, a triangle a month with a remark",
)


def show_card(sheet: Sheet, generation: data.Generation, card: data.Card, view: View) -> None:
    """Draw a card. Cards of a row are equally high, with their button at the bottom."""
    metric = card.metric
    with sheet.container(
        border=True, height="stretch", gap="xxsmall", key=f"card-{metric.metric_id}"
    ):
        if card.value is None or card.value.value is None:
            sheet.put(st.metric, plain(metric.name), "–", help=plain(metric.question))  # noqa: RUF001
            below = [grey(why_not_measured(card, view))]
        else:
            _show_number(sheet, card, card.value, view)
            chart = charts.sparkline_of(card)
            if chart is not None:
                plots.put_chart(sheet, chart)
            trend = trend_in_words(card, view)
            below = [small(trend)] if trend else []
            below += [grey(words) for words in notes_in_words(generation, card, card.value, view)]
        below += remarks_in_words(card.remarks, MOST_REMARKS)
        below += [small(alarm_in_words(alarm, view)) for alarm in card.alarms]
        if card.is_incomplete:
            below.append(small(INCOMPLETE))
        if card.companions:
            below.append(grey(companions_in_words(card)))
        if below:
            sheet.lines(*below)
        sheet.put(st.space, "stretch")
        if card.row_count:
            sheet.button(
                f"Open the {count_of(card.row_count, 'row')}",
                f"open-{metric.metric_id}",
                url.open_rows,
                metric.metric_id,
            )


def show_legend(sheet: Sheet) -> None:
    """Draw what the marks mean, as a card among the cards."""
    with sheet.container(border=True, height="stretch", gap="xxsmall", key="legend"):
        sheet.heading("How to read the cards", 6)
        sheet.lines(*[grey(line) for line in LEGEND])


def _show_number(sheet: Sheet, card: data.Card, value: data.Value, view: View) -> None:
    words, color, arrow = change_in_words(card, value, view)
    sheet.put(
        st.metric,
        plain(card.metric.name),
        headline(card),
        words,
        delta_color=color,
        delta_arrow=arrow,
        help=plain(card.metric.question),
    )
    sheet.lines(grey(basis(card)), small(status(card, view)))
