"""Metric explorer: what any metric means, how it moved, its segments, and the rows behind it."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import data
from app.components import card_words, url
from app.components.explorer_panels import (
    definitions,
    show_limits,
    show_periods,
    show_segments,
    show_trend,
    trend_of,
)
from app.components.formatting import count_of
from app.components.page import show_view
from app.components.pickers import pick
from app.components.remarks import remarks_in_words
from app.components.sheet import Sheet, kept, remembered
from app.components.text import plain, visible
from app.components.typography import muted
from app.view import DIMENSIONS, View

TITLE: Final = "Metric explorer"
MOST_REMARKS: Final = 5
BETTER: Final = {
    "up": "more is better",
    "down": "less is better",
    "band": "best inside its band",
    "none": "no direction is better",
}
MEASURES: Final = {
    "stock": "the state at the end of a period",
    "flow": "what happened in a period",
}


def show() -> None:
    """Draw the page."""
    show_view(TITLE, _show_page)


def _show_page(generation: data.Generation, view: View) -> None:
    names = _names(generation)
    metric_id = pick(url.METRIC, "Metric", list(names), lambda key: names[key], width=420)
    definition, trend = st.columns([9, 11], gap="small")
    with definition.container(border=True, height="stretch", gap="xsmall"):
        _show_definition(generation, metric_id)
    with trend.container(border=True, height="stretch", gap="xsmall"):
        _show_metric(generation, metric_id, view)
    segments, periods = st.columns([9, 11], gap="small")
    with segments.container(border=True, height="stretch", gap="xsmall"):
        _show_segments(generation, metric_id, view)
    with periods.container(border=True, height="stretch", gap="xsmall"):
        _show_periods(generation, metric_id, view)


@remembered
def _names(generation: data.Generation) -> dict[str, str]:
    """Return the metrics, and what the picker calls each."""
    return {key: visible(_option(metric)) for key, metric in definitions(generation).items()}


def _option(metric: pd.Series[Any]) -> str:
    return f"{metric['name']} · {metric['dimension']}" + (" · core" if metric["is_core"] else "")


@kept
def _show_definition(sheet: Sheet, generation: data.Generation, metric_id: str) -> None:
    known = definitions(generation)
    metric = known[metric_id]
    sheet.heading(plain(metric["name"]))
    sheet.note(f"**{plain(metric['question'])}**")
    sheet.note(f"**Formula**: {plain(metric['formula'])}")
    sheet.note(
        f"**Counts**: {plain(metric['numerator'])}"
        + (f", of {plain(metric['denominator'])}" if isinstance(metric["denominator"], str) else "")
    )
    sheet.note(
        f"**Reads**: {BETTER.get(metric['direction'], plain(metric['direction']))}, "
        f"{plain(metric['indicator'])}, {MEASURES.get(metric['measures'], '')}"
    )
    sheet.note(f"**Mind, and how it is gamed**: {plain(metric['considerations'])}")
    companions = [key for key in metric["companions"] if key in known]
    if companions:
        sheet.note(
            "**What stands against that**: the metrics that get worse if it is bought cheaply"
        )
        with sheet.container(horizontal=True, gap="small"):
            for key in companions:
                sheet.button(plain(known[key]["name"]), f"companion-{key}", url.name_metric, key)
    sheet.muted(
        f"Fed by {plain(str(metric['needs']).replace(',', ', '))} · "
        f"looked at {plain(metric['cadence'])} · "
        f"answers for it: {plain(metric['owner'])} · {plain(metric['source'])} · "
        f"id {plain(metric['metric_id'])}"
    )


@kept
def _show_metric(sheet: Sheet, generation: data.Generation, metric_id: str, view: View) -> None:
    _show_value(sheet, generation, metric_id, view)
    metric = definitions(generation)[metric_id]
    points = trend_of(generation, metric_id, view)
    show_trend(sheet, points, metric, view)
    show_limits(sheet, points, metric, view)
    _show_remarks(sheet, generation, metric_id)


def _show_value(sheet: Sheet, generation: data.Generation, metric_id: str, view: View) -> None:
    card = data.cards(generation, view, (metric_id,))[0]
    if card.value is None or card.value.value is None:
        sheet.heading("not measured", 4)
        sheet.note(card_words.why_not_measured(card, view))
        return
    words, _, _ = card_words.change_in_words(card, card.value, view)
    with sheet.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        sheet.heading(card_words.headline(card), 4, width="content")
        sheet.button(
            f"Open the {count_of(card.row_count, 'row')}",
            "open-rows",
            url.open_rows,
            metric_id,
            disabled=not card.row_count,
        )
    sheet.note(f"{card_words.basis(card)} · {words}")
    sheet.note(card_words.status(card, view))
    trend = card_words.trend_in_words(card, view)
    if trend:
        sheet.note(trend)
    for alarm in card.alarms:
        sheet.note(card_words.alarm_in_words(alarm, view))
    if card.is_incomplete:
        sheet.note(card_words.INCOMPLETE)


def _show_remarks(sheet: Sheet, generation: data.Generation, metric_id: str) -> None:
    found = data.remarks_on(generation, metric_id)
    if found:
        sheet.lines(*remarks_in_words(found[:MOST_REMARKS], MOST_REMARKS))
        sheet.button(
            f"Open the {count_of(len(found), 'remark')}",
            "open-annotations",
            url.open_rows,
            "annotations",
            of=metric_id,
        )


def _show_segments(generation: data.Generation, metric_id: str, view: View) -> None:
    st.markdown(f"##### Segments, {view.period.name}", anchors=False)
    dimensions = _dimensions(generation, metric_id)
    if not dimensions:
        muted("This metric is not broken down.")
        return
    dimension = pick(url.BY, "Dimension", dimensions, lambda key: DIMENSIONS[key], width=240)
    _show_segments_of(generation, metric_id, dimension, view)


@remembered
def _dimensions(generation: data.Generation, metric_id: str) -> list[str]:
    """Return what a metric is broken down by."""
    found = data.table(generation, "metric_dimensions", metric=metric_id)["segment_dimension"]
    return [key for key in DIMENSIONS if key in set(found)]


@kept
def _show_segments_of(
    sheet: Sheet, generation: data.Generation, metric_id: str, dimension: str, view: View
) -> None:
    show_segments(sheet, generation, definitions(generation)[metric_id], dimension, view)


@kept
def _show_periods(sheet: Sheet, generation: data.Generation, metric_id: str, view: View) -> None:
    points = trend_of(generation, metric_id, view)
    show_periods(sheet, points, definitions(generation)[metric_id], view)
