"""Period and segment pickers. The URL is the only state; the widgets show and change it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final, Literal

import streamlit as st

from app import data
from app.components import url
from app.components.sheet import remembered
from app.view import ALL, DIMENSIONS, GRAINS, View

_GRAIN: Final = "picker_grain"
_PERIOD: Final = "picker_period"
_DIMENSION: Final = "picker_dimension"
_SEGMENT: Final = "picker_segment"


def show_pickers(generation: data.Generation, view: View) -> None:
    """Draw the pickers of a view."""
    periods, segments, names = _choices(generation, view.period.grain)
    dimension = view.segment.dimension
    st.session_state[_GRAIN] = view.period.grain
    st.session_state[_PERIOD] = view.period.start
    st.session_state[_DIMENSION] = dimension
    with st.container(horizontal=True, width="content", gap="xsmall"):
        st.selectbox(
            "Length of the period",
            list(GRAINS),
            key=_GRAIN,
            format_func=lambda grain: GRAINS[grain],
            on_change=_pick_grain,
            label_visibility="collapsed",
            width=104,
        )
        st.selectbox(
            "Period",
            list(periods),
            key=_PERIOD,
            format_func=lambda start: periods[start],
            on_change=_pick_period,
            label_visibility="collapsed",
            width=222,
        )
        st.selectbox(
            "Segment by",
            [
                key
                for key in DIMENSIONS
                if key in segments or (key == ALL and generation.team is None)
            ],
            key=_DIMENSION,
            format_func=lambda key: DIMENSIONS[key],
            on_change=_pick_dimension,
            args=(segments,),
            label_visibility="collapsed",
            width=150,
        )
        if not view.segment.is_all:
            st.session_state[_SEGMENT] = view.segment.value
            st.selectbox(
                "Segment",
                segments.get(dimension, [view.segment.value]),
                key=_SEGMENT,
                format_func=lambda value: segment_name(dimension, value, names),
                on_change=_pick_segment,
                label_visibility="collapsed",
                width=190,
            )


@remembered
def _choices(
    generation: data.Generation, grain: str
) -> tuple[dict[dt.date, str], dict[str, list[str]], dict[str, str]]:
    """Return the names of periods by their start, the segments, and the names of systems."""
    periods = {
        period.start: period.name + (" (partial)" if period.is_partial else "")
        for period in data.periods(generation, grain)
    }
    return periods, data.segment_values(generation), data.system_names(generation)


def pick(
    param: str,
    label: str,
    options: Sequence[str],
    name: Callable[[str], str],
    width: int | Literal["stretch"] = "stretch",
    resets: Sequence[str] = (),
) -> str:
    """Draw a picker whose choice is a parameter of the URL, and return it; first is the default.

    ``resets`` are parameters that mean nothing once something else is picked.
    """
    asked = st.query_params.get(param, options[0])
    if asked not in options:
        st.info(f"This link asks for a {label.lower()} that is not there; see the choices.")
    key = f"picker_{param}"
    st.session_state[key] = asked if asked in options else options[0]
    return str(
        st.selectbox(
            label,
            options,
            key=key,
            format_func=name,
            on_change=_pick,
            args=(param, options[0], resets),
            label_visibility="collapsed",
            width=width,
        )
    )


def _pick(param: str, default: str, resets: Sequence[str]) -> None:
    picked = st.session_state[f"picker_{param}"]
    for other in resets:
        st.query_params.pop(other, None)
    if picked == default:
        st.query_params.pop(param, None)
    else:
        st.query_params[param] = picked


def segment_name(dimension: str, value: str, system_names: dict[str, str]) -> str:
    """Return a segment's name for people; untrusted text."""
    return system_names.get(value, value) if dimension == "system" else value.replace("_", " ")


def _pick_grain() -> None:
    st.query_params[url.GRAIN] = st.session_state[_GRAIN]
    st.query_params.pop(url.PERIOD, None)
    st.query_params.pop(url.ENTITY, None)


def _pick_period() -> None:
    st.query_params[url.PERIOD] = st.session_state[_PERIOD].isoformat()
    st.query_params.pop(url.ENTITY, None)


def _pick_dimension(segments: dict[str, list[str]]) -> None:
    dimension = st.session_state[_DIMENSION]
    st.query_params.pop(url.ENTITY, None)
    if dimension == ALL:
        st.query_params.pop(url.DIMENSION, None)
        st.query_params.pop(url.SEGMENT, None)
    else:
        st.query_params[url.DIMENSION] = dimension
        st.query_params[url.SEGMENT] = segments[dimension][0]


def _pick_segment() -> None:
    st.query_params[url.SEGMENT] = st.session_state[_SEGMENT]
    st.query_params.pop(url.ENTITY, None)
