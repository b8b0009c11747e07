"""Charts with axes, as a page shows them: the specification, and a button for its picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Concatenate, Final, ParamSpec

import streamlit as st

from app.components import maps, specs, trend_specs
from app.components.pictures import Chart, can_render, png_of
from app.components.sheet import Sheet, arrow_of

HEIGHT: Final = specs.HEIGHT
TALL: Final = specs.TALL

P = ParamSpec("P")


def put_chart(sheet: Sheet, chart: Chart) -> None:
    """Put a chart on a sheet, its rows as Arrow."""
    sheet.put(st.vega_lite_chart, arrow_of(chart.frame), chart.spec, width="stretch", alt=chart.alt)


def show_chart(sheet: Sheet, chart: Chart) -> None:
    """Put a chart on a sheet with the button that hands it out as a picture."""
    put_chart(sheet, chart)
    if can_render():
        sheet.put(
            st.download_button,
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


def _shown(chart_of: Callable[P, Chart]) -> Callable[Concatenate[Sheet, P], None]:
    def show(sheet: Sheet, /, *args: P.args, **kwargs: P.kwargs) -> None:
        show_chart(sheet, chart_of(*args, **kwargs))

    show.__doc__ = chart_of.__doc__
    return show


capacity = _shown(specs.capacity)
drift = _shown(trend_specs.drift)
intervals = _shown(specs.intervals)
severity_mix = _shown(specs.severity_mix)
survival = _shown(specs.survival)
technique_map = _shown(maps.technique_chart)
trend = _shown(trend_specs.trend)
