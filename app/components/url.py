"""The URL of a page: what it shows, so that a link opens the same view."""

from __future__ import annotations

import datetime as dt
from typing import Final

import streamlit as st

from app import data
from app.components.sheet import remembered
from app.view import ALL, GRAINS, MONTH, TRAILING_YEAR, Period, Segment, View

GRAIN: Final = "grain"
PERIOD: Final = "period"
DIMENSION: Final = "dimension"
SEGMENT: Final = "segment"
ROWS: Final = "rows"
ENTITY: Final = "entity"
OF: Final = "of"
METRIC: Final = "metric"
SYSTEM: Final = "system"
RUN: Final = "run"
SERIES: Final = "series"
BY: Final = "by"
TEAM: Final = "team"
KEPT: Final = (ROWS, ENTITY, OF, METRIC, SYSTEM, RUN, SERIES, BY, TEAM)
"""What a page keeps beside its period and segment."""


def read_view(generation: data.Generation) -> View | None:
    """Return what the URL asks for, defaults for the rest; None when nothing was measured yet.

    A link may be old or made up: what is not there falls back and is said to.
    """
    asked_grain = st.query_params.get(GRAIN, MONTH)
    grain = asked_grain if asked_grain in GRAINS else MONTH
    period = _default_period(generation, grain)
    if period is None:
        return None
    asked_period = st.query_params.get(PERIOD)
    found = _period(generation, grain, asked_period)
    home = data.home_segment(generation)
    segment = home
    if DIMENSION in st.query_params:
        segment = Segment(st.query_params[DIMENSION], st.query_params.get(SEGMENT, ALL))
    is_known = segment == home or data.is_known_segment(
        generation, segment.dimension, segment.value
    )
    if asked_grain != grain or (asked_period and found is None) or not is_known:
        st.info("This link asks for a period or segment that is not there; see the choices above.")
    view = View(found or period, segment if is_known else home)
    write_view(view)
    return view


def write_view(view: View) -> None:
    """Have the URL say what is shown, if it does not yet."""
    wanted = {GRAIN: view.period.grain, PERIOD: view.period.start.isoformat()}
    if not view.segment.is_all:
        wanted |= {DIMENSION: view.segment.dimension, SEGMENT: view.segment.value}
    kept = {key: st.query_params[key] for key in KEPT if key in st.query_params}
    if st.query_params.to_dict() != wanted | kept:
        st.query_params.from_dict(wanted | kept)


def open_rows(
    rows: str, entity: str | None = None, system_id: str | None = None, of: str | None = None
) -> None:
    """Show the rows behind a number, of a system where one is given. For `on_click`.

    ``of`` narrows a list to one of its teams, sources or whatever else its statement says.
    """
    st.query_params[ROWS] = rows
    if of is None:
        st.query_params.pop(OF, None)
    else:
        st.query_params[OF] = of
    if system_id is not None:
        st.query_params[DIMENSION], st.query_params[SEGMENT] = "system", system_id
    if entity is None:
        st.query_params.pop(ENTITY, None)
    else:
        st.query_params[ENTITY] = entity


def name_entity(entity: str) -> None:
    """Show one of the rows field by field. For `on_select`."""
    st.query_params[ENTITY] = entity


def name_metric(metric_id: str) -> None:
    """Show another metric. For `on_click`."""
    st.query_params[METRIC] = metric_id


def open_segment_rows(metric_id: str, dimension: str, segment: str) -> None:
    """Show the rows of a metric in a segment. For `on_select`."""
    st.query_params[DIMENSION], st.query_params[SEGMENT] = dimension, segment
    open_rows(metric_id)


def open_period_rows(metric_id: str, start: str) -> None:
    """Show the rows of a metric in another period of the same length. For `on_select`."""
    st.query_params[PERIOD] = start
    open_rows(metric_id)


def open_year_rows(metric_id: str, start: str) -> None:
    """Show the rows of a metric in twelve months of the whole program. For `on_select`."""
    st.query_params[GRAIN] = TRAILING_YEAR
    st.query_params.pop(DIMENSION, None)
    st.query_params.pop(SEGMENT, None)
    open_period_rows(metric_id, start)


def close_rows() -> None:
    """Go back to the page. For `on_click`."""
    for key in (ROWS, ENTITY, OF):
        st.query_params.pop(key, None)


@remembered
def _default_period(generation: data.Generation, grain: str) -> Period | None:
    return data.default_period(generation, grain)


def _period(generation: data.Generation, grain: str, text: str | None) -> Period | None:
    try:
        start = dt.date.fromisoformat(text or "")
    except ValueError:
        return None
    return next((p for p in data.periods(generation, grain) if p.start == start), None)
