"""Layers that lie over a trend: the same on cards and on charts with axes."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

REMARK: Final = "#b08238"
SIGNAL: Final = "#d08a3e"


def remark_marks(x: dict[str, Any], test: str, field: str, y: int) -> dict[str, Any]:
    """Return the layer that marks periods with a remark, at the top, its words as a tooltip."""
    return {
        "transform": [{"filter": test}],
        "mark": {
            **{"type": "point", "shape": "triangle-down", "filled": True, "opacity": 1},
            **{"size": 55, "color": REMARK},
        },
        "encoding": {"x": x, "y": {"value": y}, "tooltip": [{"field": field, "title": "Remark"}]},
    }


def target_layers(
    frame: pd.DataFrame, x: dict[str, Any], y: dict[str, Any], color: str
) -> list[dict[str, Any]]:
    """Return a dashed line for each end of the target, and a band where there are two."""
    layers: list[dict[str, Any]] = []
    bounds = [bound for bound in ("target_low", "target_high") if frame[bound].notna().any()]
    if len(bounds) == 2:
        mark: dict[str, Any] = {"type": "area", "color": color, "opacity": 0.14}
        encoding = {"x": x, "y": {**y, "field": bounds[0]}, "y2": {"field": bounds[1]}}
        layers.append({"mark": mark, "encoding": encoding})
    for bound in bounds:
        mark = {"type": "line", "color": color, "strokeDash": [5, 3]}
        layers.append({"mark": mark, "encoding": {"x": x, "y": {**y, "field": bound}}})
    return layers


def control_layers(
    frame: pd.DataFrame, x: dict[str, Any], y: dict[str, Any], color: str
) -> list[dict[str, Any]]:
    """Return the control limits as dotted lines and a ring around each signal.

    Nothing where the frame has no column limit_low, or no value in it.
    """
    if "limit_low" not in frame or not frame["limit_low"].notna().any():
        return []
    line = {"type": "line", "color": color, "strokeDash": [1, 3], "strokeWidth": 1.5}
    layers: list[dict[str, Any]] = [
        {"mark": line, "encoding": {"x": x, "y": {**y, "field": bound}}}
        for bound in ("limit_low", "limit_high")
    ]
    layers.append(
        {
            "transform": [{"filter": "datum.signal != null && datum.signal != 'within limits'"}],
            "mark": {
                **{"type": "point", "shape": "diamond", "filled": False, "opacity": 1},
                **{"size": 190, "strokeWidth": 2, "color": SIGNAL},
            },
            "encoding": {
                "x": x,
                "y": {**y, "field": "value"},
                "tooltip": [{"field": "signal", "title": "Signal"}],
            },
        }
    )
    return layers
