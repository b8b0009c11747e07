"""Charts of periods one after the other: a metric, or an attack, against its limits."""

from __future__ import annotations

from typing import Any

import pandas as pd

from app.components.overlays import control_layers, remark_marks, target_layers
from app.components.pictures import Chart
from app.components.specs import LINE, SEVERITY_COLORS, TARGET, UTC, chart_of
from app.components.text import visible


def drift(frame: pd.DataFrame, alt: str) -> Chart:
    """Return weeks of marts.attack_success_drift: the rate, its centre and limits, signals as ◆."""
    x = {"field": "week_start", "type": "temporal", "title": None, "scale": UTC}
    y = {"type": "quantitative", "title": "Attack success, %", "scale": {"zero": True}}
    tooltip = [
        {"field": "week_start", "type": "temporal", "title": "Week of", "format": "%d %b %Y"},
        {"field": "attack_success_rate", "title": "Success, %", "format": ".1f"},
        {"field": "prompts", "title": "Prompts"},
        {"field": "signal", "title": "Against the limits"},
    ]
    is_signal = "datum.signal != 'within limits' && datum.signal != 'no limits yet'"
    return chart_of(
        frame,
        {
            "layer": [
                {
                    "mark": {"type": "area", "color": TARGET, "opacity": 0.18},
                    "encoding": {
                        "x": x,
                        "y": {**y, "field": "limit_low"},
                        "y2": {"field": "limit_high"},
                    },
                },
                {
                    "mark": {"type": "line", "color": TARGET, "strokeDash": [3, 3]},
                    "encoding": {"x": x, "y": {**y, "field": "centre"}},
                },
                {
                    "mark": {"type": "line", "color": LINE, "strokeWidth": 1.75},
                    "encoding": {"x": x, "y": {**y, "field": "attack_success_rate"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "opacity": 1},
                    "encoding": {
                        "x": x,
                        "y": {**y, "field": "attack_success_rate"},
                        "shape": {
                            "condition": {"test": is_signal, "value": "diamond"},
                            "value": "circle",
                        },
                        "size": {"condition": {"test": is_signal, "value": 110}, "value": 24},
                        "color": {
                            "condition": {"test": is_signal, "value": SEVERITY_COLORS[1]},
                            "value": LINE,
                        },
                        "tooltip": tooltip,
                    },
                },
            ]
        },
        alt,
    )


def trend(frame: pd.DataFrame, alt: str, *, title: str, selected: str, joined: bool) -> Chart:
    """Return measured periods: period_start, value, interval, targets, is_partial_period, words.

    A triangle on top marks the periods that people remarked on (column remarks), dotted lines are
    control limits (limit_low, limit_high, signal); where the frame has these columns.
    """
    x = {"field": "period_start", "type": "temporal", "title": None, "scale": UTC}
    y = {"type": "quantitative", "title": title, "scale": {"zero": True}}
    tooltip = [
        {"field": "period_start", "type": "temporal", "title": "From", "format": "%d %b %Y"},
        {"field": "words", "title": "Value"},
        {"field": "sample_size", "title": "n"},
    ]
    layers: list[dict[str, Any]] = []
    if frame["interval_low"].notna().any():
        mark = (
            {"type": "area", "color": LINE, "opacity": 0.16}
            if joined
            else {"type": "rule", "aria": False, "color": LINE, "opacity": 0.5}
        )
        encoding = {"x": x, "y": {**y, "field": "interval_low"}, "y2": {"field": "interval_high"}}
        layers.append({"mark": mark, "encoding": encoding})
    layers += target_layers(frame, x, y, TARGET)
    layers += control_layers(frame, x, y, TARGET)
    if joined:
        mark = {"type": "line", "color": LINE, "strokeWidth": 1.75}
        layers.append({"mark": mark, "encoding": {"x": x, "y": {**y, "field": "value"}}})
    shown = frame.assign(
        selected=[f"{start:%Y-%m-%d}" == selected for start in frame["period_start"]],
        remarks=[
            visible(text) if isinstance(text, str) else ""
            for text in frame.get("remarks", pd.Series("", index=frame.index))
        ],
    )
    layers.append(
        {
            "mark": {"type": "point", "filled": True, "opacity": 1},
            "encoding": {
                "x": x,
                "y": {**y, "field": "value"},
                "size": {"condition": {"test": "datum.selected", "value": 120}, "value": 26},
                "fill": {
                    "condition": {"test": "datum.is_partial_period", "value": "transparent"},
                    "value": LINE,
                },
                "stroke": {"value": LINE},
                "tooltip": tooltip,
            },
        }
    )
    if shown["remarks"].any():
        layers.append(remark_marks(x, "datum.remarks != ''", "remarks", y=5))
    return chart_of(shown, {"layer": layers}, alt)
