"""Charts as Vega-Lite specifications: quick to send, themed by Streamlit."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from app.components.formatting import with_unit
from app.components.overlays import remark_marks
from app.components.pictures import Chart
from app.components.specs import LINE, TARGET
from app.components.text import visible
from app.data import Card, Point

HEIGHT: Final = 46


def sparkline_of(card: Card) -> Chart | None:
    """Return 12 months: a line with its interval, the target dashed, a hollow dot if partial.

    Attack success has dots only, since a line would join rates of unlike attacks.
    """
    points = [_datum(point, card.metric.unit) for point in card.trend]
    if not any(point["shown"] is not None for point in points):
        return None
    is_comparable = card.metric.metric_id != "attack_success_rate"
    has_interval = any(point["low"] is not None for point in points)
    layers = [_trend(points, joined=is_comparable, shaded=has_interval)]
    if has_interval:
        layers.insert(0, _interval(joined=is_comparable))
    if any(point["remarked"] for point in points):
        layers.append(remark_marks(_MONTH, "datum.remarked", "Remark", y=3))
    if card.value is not None:
        bounds = (card.value.target_low, card.value.target_high)
        layers = [_target(bound) for bound in bounds if bound is not None] + layers
    return Chart(
        pd.DataFrame(points),
        {
            "height": HEIGHT,
            "padding": {"left": 2, "right": 6, "top": 4, "bottom": 4},
            "view": {"stroke": None, "fill": None},
            "layer": layers,
            "resolve": {"scale": {"y": "shared"}},
            "config": {"axis": {"disable": True}},
        },
        f"{card.metric.name}, 12 months: " + _in_words(points),
    )


def _datum(point: Point, unit: str) -> dict[str, Any]:
    return {
        "month": f"{point.month:%Y-%m-%d}",
        "shown": point.value,
        "low": point.interval_low,
        "high": point.interval_high,
        "partial": point.is_partial,
        "Month": f"{point.month:%b %Y}" + (" (partial)" if point.is_partial else ""),
        "Value": with_unit(point.value, unit, point.sample_size),
        "n": point.sample_size,
        "remarked": point.remarks is not None,
        "Remark": visible(point.remarks or ""),
    }


def _in_words(points: list[dict[str, Any]]) -> str:
    return "; ".join(
        f"{point['Month']} {point['Value']}" + (" (remark)" if point["remarked"] else "")
        for point in points
    )


_MONTH: Final = {
    "field": "month",
    "type": "temporal",
    "axis": None,
    "title": None,
    "scale": {"type": "utc"},
}
_Y: Final = {"type": "quantitative", "axis": None, "title": None, "scale": {"zero": True}}


def _trend(points: list[dict[str, Any]], *, joined: bool, shaded: bool) -> dict[str, Any]:
    last = points[-1]["month"]
    is_last = f"datum.month == '{last}'"
    dots = {
        "mark": {"type": "point", "filled": True, "color": LINE, "opacity": 1},
        "encoding": {
            "x": _MONTH,
            "y": {**_Y, "field": "shown"},
            "size": {"condition": {"test": is_last, "value": 44}, "value": 5 if joined else 20},
            "fill": {"condition": {"test": "datum.partial", "value": "transparent"}, "value": LINE},
            "stroke": {"value": LINE},
            "tooltip": [{"field": name} for name in ("Month", "Value", "n")],
        },
    }
    if not joined:
        return dots
    line = {
        "mark": {
            **{"type": "area", "color": LINE, "opacity": 1, "fillOpacity": 0 if shaded else 0.12},
            "line": {"color": LINE, "strokeWidth": 1.75},
        },
        "encoding": {"x": _MONTH, "y": {**_Y, "field": "shown"}},
    }
    return {"layer": [line, dots]}


def _interval(*, joined: bool) -> dict[str, Any]:
    mark = (
        {"type": "area", "color": LINE, "opacity": 0.16}
        if joined
        else {"type": "rule", "aria": False, "color": LINE, "opacity": 0.5}
    )
    return {
        "mark": mark,
        "encoding": {
            "x": _MONTH,
            "y": {**_Y, "field": "low"},
            "y2": {"field": "high"},
        },
    }


def _target(bound: float) -> dict[str, Any]:
    return {
        "mark": {"type": "rule", "aria": False, "color": TARGET, "strokeDash": [3, 3]},
        "encoding": {"y": {**_Y, "datum": bound}},
    }
