"""Metric explorer: what any metric means, how it moved, its segments, and the rows behind it."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import data
from app.components import metric_card, plots, url
from app.components.formatting import count_of, quantity, span, with_unit
from app.components.grid import show_download, show_grid
from app.components.marks import marked
from app.components.page import show_view
from app.components.pickers import pick
from app.components.remarks import show_remarks
from app.components.text import plain, visible
from app.components.typography import link, muted, note
from app.view import DIMENSIONS, TRAILING_YEAR, View

TITLE: Final = "Metric explorer"
LIMITS_NEED: Final = 8
LIMITS_SET_BY: Final = 12
"""Periods, as marts.metric_control_limits has it."""

MOST_REMARKS: Final = 5
MOST_SIGNALS: Final = 3
MOST_SEGMENTS: Final = 20
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
    found = data.table(generation, "definitions")
    definitions = {str(row["metric_id"]): row for _, row in found.iterrows()}
    picked = pick(
        url.METRIC,
        "Metric",
        list(definitions),
        lambda metric_id: visible(_option(definitions[metric_id])),
        width=420,
    )
    metric = definitions[picked]
    definition, trend = st.columns([9, 11], gap="small")
    with definition.container(border=True, height="stretch", gap="xsmall"):
        _show_definition(definitions, metric)
    with trend.container(border=True, height="stretch", gap="xsmall"):
        _show_value(generation, picked, view)
        points = _trend(generation, picked, view)
        _show_trend(points, metric, view)
        _show_limits(points, metric, view)
        _show_remarks(generation, picked)
    segments, periods = st.columns([9, 11], gap="small")
    with segments.container(border=True, height="stretch", gap="xsmall"):
        _show_segments(generation, metric, view)
    with periods.container(border=True, height="stretch", gap="xsmall"):
        _show_periods(points, metric, view)


def _option(metric: pd.Series[Any]) -> str:
    return f"{metric['name']} · {metric['dimension']}" + (" · core" if metric["is_core"] else "")


def _show_definition(definitions: dict[str, pd.Series[Any]], metric: pd.Series[Any]) -> None:
    st.markdown(f"##### {plain(metric['name'])}", anchors=False)
    note(f"**{plain(metric['question'])}**")
    note(f"**Formula**: {plain(metric['formula'])}")
    note(
        f"**Counts**: {plain(metric['numerator'])}"
        + (f", of {plain(metric['denominator'])}" if isinstance(metric["denominator"], str) else "")
    )
    note(
        f"**Reads**: {BETTER.get(metric['direction'], plain(metric['direction']))}, "
        f"{plain(metric['indicator'])}, {MEASURES.get(metric['measures'], '')}"
    )
    note(f"**Mind, and how it is gamed**: {plain(metric['considerations'])}")
    companions = [key for key in metric["companions"] if key in definitions]
    if companions:
        note("**What stands against that**: the metrics that get worse if it is bought cheaply")
        with st.container(horizontal=True, gap="small"):
            for key in companions:
                st.button(
                    link(plain(definitions[key]["name"])),
                    key=f"companion-{key}",
                    type="tertiary",
                    on_click=url.name_metric,
                    args=(key,),
                )
    muted(
        f"Fed by {plain(str(metric['needs']).replace(',', ', '))} · "
        f"looked at {plain(metric['cadence'])} · "
        f"answers for it: {plain(metric['owner'])} · {plain(metric['source'])} · "
        f"id {plain(metric['metric_id'])}"
    )


def _show_value(generation: data.Generation, metric_id: str, view: View) -> None:
    card = data.cards(generation, view, (metric_id,))[0]
    if card.value is None or card.value.value is None:
        st.markdown("#### not measured", anchors=False)
        note(metric_card.why_not_measured(card, view))
        return
    words, _, _ = metric_card.change_in_words(card, card.value, view)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"#### {metric_card.headline(card)}", anchors=False, width="content")
        st.button(
            link(f"Open the {count_of(card.row_count, 'row')}"),
            key="open-rows",
            type="tertiary",
            on_click=url.open_rows,
            args=(metric_id,),
            disabled=not card.row_count,
        )
    note(f"{metric_card.basis(card)} · {words}")
    note(metric_card.status(card, view))
    trend = metric_card.trend_in_words(card, view)
    if trend:
        note(trend)
    for alarm in card.alarms:
        note(metric_card.alarm_in_words(alarm, view))
    if card.is_incomplete:
        note(metric_card.INCOMPLETE)


def _trend(generation: data.Generation, metric_id: str, view: View) -> pd.DataFrame:
    return data.table(
        generation,
        "metric_trend",
        metric=metric_id,
        grain=view.period.grain,
        dimension=view.segment.dimension,
        segment=view.segment.value,
    )


def _show_trend(points: pd.DataFrame, metric: pd.Series[Any], view: View) -> None:
    shown = points.dropna(subset=["value"])
    if shown.empty:
        muted("No period of this length and segment was measured.")
        return
    unit = str(metric["unit"])
    shown = shown.assign(
        words=[
            with_unit(row["value"], unit, int(row["sample_size"])) for _, row in shown.iterrows()
        ]
    )
    last = shown.tail(12)
    words = "; ".join(f"{row['period_start']:%b %Y} {row['words']}" for _, row in last.iterrows())
    plots.trend(
        shown,
        f"{metric['name']}, the last periods: {words}",
        title="%" if unit == "percent" else unit.replace("_", " "),
        selected=view.period.start.isoformat(),
        joined=not metric["is_like_for_like"],
    )
    muted(
        "Shaded: 95 % interval. Dashed: target. Dotted: control limits. Hollow: partial period. "
        "Large: the period picked. Triangle: remark."
        + (
            " Dots are not joined: periods compare only where both measured alike."
            if metric["is_like_for_like"]
            else ""
        )
    )


def _show_limits(points: pd.DataFrame, metric: pd.Series[Any], view: View) -> None:
    limited = points.dropna(subset=["limit_low"])
    if limited.empty:
        muted(_why_no_limits(metric, view))
        return
    unit = str(metric["unit"])
    signals = limited[limited["signal"] != "within limits"]
    first = limited.iloc[0]
    note(
        f"**Control limits** {span(first['limit_low'], first['limit_high'], unit)} around "
        f"{with_unit(first['centre'], unit)}, set by the first "
        f"{min(len(limited), LIMITS_SET_BY)} of {count_of(len(limited), 'complete period')}: "
        + (
            f":orange[◆ {count_of(len(signals), 'period')} outside or eight in a row]"
            if len(signals)
            else "✓ nothing beyond natural variation"
        )
    )
    for _, row in signals.tail(MOST_SIGNALS).iterrows():
        muted(
            f"◆ from {row['period_start']:%d %b %Y}: {plain(row['signal'])}, "
            f"{with_unit(row['value'], unit, int(row['sample_size']))}"
        )


def _why_no_limits(metric: pd.Series[Any], view: View) -> str:
    if metric["is_like_for_like"]:
        return "No control limits: periods compare only where both measured alike."
    if view.period.grain == TRAILING_YEAR:
        return "No control limits: twelve months share eleven with the twelve before."
    return f"No control limits: fewer than {LIMITS_NEED} complete periods were measured."


def _show_remarks(generation: data.Generation, metric_id: str) -> None:
    found = data.remarks_on(generation, metric_id)
    show_remarks(found[:MOST_REMARKS], MOST_REMARKS)
    if found:
        st.button(
            link(f"Open the {count_of(len(found), 'remark')}"),
            key="open-annotations",
            type="tertiary",
            on_click=url.open_rows,
            args=("annotations",),
            kwargs={"of": metric_id},
        )


def _show_segments(generation: data.Generation, metric: pd.Series[Any], view: View) -> None:
    st.markdown(f"##### Segments, {view.period.name}", anchors=False)
    known = set(
        data.table(generation, "metric_dimensions", metric=metric["metric_id"])["segment_dimension"]
    )
    dimensions = [key for key in DIMENSIONS if key in known]
    if not dimensions:
        muted("This metric is not broken down.")
        return
    dimension = pick(url.BY, "Dimension", dimensions, lambda key: DIMENSIONS[key], width=240)
    found = data.table(
        generation,
        "metric_segments",
        metric=metric["metric_id"],
        grain=view.period.grain,
        start=view.period.start,
        dimension=dimension,
    )
    measured = found.dropna(subset=["value"])
    if measured.empty:
        muted("Nothing to count in any segment of this dimension in this period.")
        return
    unit = str(metric["unit"])
    drawn = measured.head(MOST_SEGMENTS)
    low = drawn["interval_low"].fillna(drawn["value"])
    high = drawn["interval_high"].fillna(drawn["value"])
    shown = pd.DataFrame(
        {
            "name": [visible(str(name)) for name in drawn["segment_name"]],
            "value": drawn["value"].to_list(),
            "low": low.to_list(),
            "high": high.to_list(),
            "words": [_segment_words(row, unit) for _, row in drawn.iterrows()],
        }
    )
    words = "; ".join(f"{row['name']} {row['words']}" for _, row in shown.iterrows())
    plots.intervals(
        shown,
        f"{metric['name']} by {DIMENSIONS[dimension].lower()}: {words}",
        title="%" if unit == "percent" else unit.replace("_", " "),
        names=shown["name"].to_list(),
    )
    table = measured.assign(
        status=[marked(status) for status in measured["target_status"]],
        shown=[
            with_unit(row["value"], unit, int(row["sample_size"])) for _, row in measured.iterrows()
        ],
        before=[
            ""
            if pd.isna(row["previous_value"])
            else with_unit(row["previous_value"], unit, int(row["sample_size"]))
            for _, row in measured.iterrows()
        ],
    )
    show_grid(
        table,
        f"grid-segments-{dimension}",
        alt="Segments with value, n, interval and status. Picking one opens its rows.",
        opens=lambda row: url.open_segment_rows(
            str(metric["metric_id"]), dimension, str(row["segment_value"])
        ),
        most=300,
        labels={
            "segment_name": DIMENSIONS[dimension],
            "status": "Target",
            "shown": "Value",
            "before": "Before",
        },
        order=[
            *("segment_name", "shown", "sample_size", "interval_low", "interval_high"),
            *("status", "before"),
        ],
    )
    muted("Pick a row to open what it counts.")
    show_download(measured, f"{metric['metric_id']}-by-{dimension}")


def _segment_words(row: pd.Series[Any], unit: str) -> str:
    size = int(row["sample_size"])
    interval = ""
    if not pd.isna(row["interval_low"]):
        interval = f" ({span(row['interval_low'], row['interval_high'], unit, size)})"
    return f"{with_unit(row['value'], unit, size)}{interval}, n = {size:,}"


def _show_periods(points: pd.DataFrame, metric: pd.Series[Any], view: View) -> None:
    st.markdown("##### Every period, and the rows behind it", anchors=False)
    if points.empty:
        muted("Nothing was measured in this segment.")
        return
    unit = str(metric["unit"])
    latest_first = points.iloc[::-1].reset_index(drop=True)
    table = latest_first.assign(
        status=[marked(status) for status in latest_first["target_status"]],
        partial=[
            "◐ partial" if is_partial else "" for is_partial in latest_first["is_partial_period"]
        ],
        shown=[
            with_unit(
                None if pd.isna(row["value"]) else row["value"], unit, int(row["sample_size"])
            )
            for _, row in latest_first.iterrows()
        ],
        sums=[
            quantity(None if pd.isna(row["numerator"]) else row["numerator"])
            + (f" / {quantity(row['denominator'])}" if not pd.isna(row["denominator"]) else "")
            for _, row in latest_first.iterrows()
        ],
    )
    show_grid(
        table,
        f"grid-periods-{view.period.grain}",
        alt="Periods with value, n, interval and status. Picking one opens its rows.",
        opens=lambda row: url.open_period_rows(
            str(metric["metric_id"]), row["period_start"].date().isoformat()
        ),
        labels={
            "period_start": "From",
            "shown": "Value",
            "status": "Target",
            "sums": "Counted",
            "partial": "Complete?",
        },
        order=[
            *("period_start", "shown", "sums", "sample_size", "interval_low", "interval_high"),
            *("status", "partial"),
        ],
    )
    muted("Pick a period to open the rows behind its number.")
    show_download(latest_first, f"{metric['metric_id']}-{view.period.grain}")
