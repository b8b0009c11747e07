"""Charts with axes, as a page draws them: the specification, and a button for its picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, ParamSpec

import streamlit as st

from app.components import specs
from app.components.pictures import Chart, can_render, png_of

HEIGHT: Final = specs.HEIGHT
TALL: Final = specs.TALL

P = ParamSpec("P")


def show_chart(chart: Chart) -> None:
    """Draw a chart with the button that hands it out as a picture."""
    with st.container(gap=None):
        st.vega_lite_chart(chart.frame, chart.spec, width="stretch", alt=chart.alt)
        if can_render():
            st.download_button(
                "PNG",
                partial(png_of, chart),  # drawn when somebody asks
                file_name=f"{chart.file_name}.png",
                mime="image/png",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
                help="The chart above as a picture on white.",
                key=f"png-{chart.key}",
            )


def _drawn(chart_of: Callable[P, Chart]) -> Callable[P, None]:
    def draw(*args: P.args, **kwargs: P.kwargs) -> None:
        show_chart(chart_of(*args, **kwargs))

    draw.__doc__ = chart_of.__doc__
    return draw


capacity = _drawn(specs.capacity)
drift = _drawn(specs.drift)
intervals = _drawn(specs.intervals)
severity_mix = _drawn(specs.severity_mix)
survival = _drawn(specs.survival)
trend = _drawn(specs.trend)
