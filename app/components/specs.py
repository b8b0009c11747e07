"""Charts with axes: one look, words for who cannot see them, never colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from app.components.pictures import Chart

# Mid tones that stand on a light and on a dark ground alike.
LINE: Final = "#4a86bd"
TARGET: Final = "#8a97a5"

HEIGHT: Final = 220
TALL: Final = 330
SEVERITIES: Final = ("critical", "high", "medium", "low", "unknown")
# Mid tones as well; marks differ in more than colour.
SEVERITY_COLORS: Final = ("#b5483f", "#d08a3e", "#4a86bd", "#8a97a5", "#b9a7c9")
DASHES: Final = ([1, 0], [6, 2], [3, 2], [1, 2], [8, 3, 2, 3])
UTC: Final = {"type": "utc"}
"""Days are days wherever the reader sits."""

_MONTHS: Final = {
    "field": "month",
    "type": "ordinal",
    "title": None,
    "sort": None,
    "axis": {"labelAngle": 0, "labelOverlap": True},
}


def severity_mix(frame: pd.DataFrame, alt: str, height: int = TALL) -> Chart:
    """Return findings by month: period_start, severity, severity_order, findings, share.

    Severities are stacked from the worst up, so that the order alone tells them apart.
    """
    shown = frame.assign(
        month=pd.to_datetime(frame["period_start"]).dt.strftime("%b %y"),
        percent=[_percent(share) for share in frame["share"]],
    )
    present = [name for name in SEVERITIES if (frame["severity"] == name).any()]
    return chart_of(
        shown,
        {
            "mark": {"type": "bar", "width": {"band": 0.72}},
            "encoding": {
                "x": _MONTHS,
                "y": {"field": "findings", "type": "quantitative", "title": "Findings"},
                "color": _severity_colors(present),
                "order": {"field": "severity_order"},
                "tooltip": [
                    {"field": "month", "title": "Month"},
                    {"field": "severity", "title": "Severity at report"},
                    {"field": "findings", "title": "Findings"},
                    {"field": "percent", "title": "Of the month"},
                ],
            },
        },
        alt,
        height=height,
    )


def survival(frame: pd.DataFrame, longest: int, alt: str) -> Chart:
    """Return Kaplan-Meier curves: severity, day, survival, sla_days, still_open_at_sla, at_risk.

    A diamond marks what is still open when the time allowed is over.
    """
    present = [name for name in SEVERITIES if (frame["severity"] == name).any()]
    days = {
        "field": "day",
        "type": "quantitative",
        "title": "Days since the report",
        "scale": {"domain": [0, longest], "nice": False},
    }
    percent = {
        "field": "survival",
        "type": "quantitative",
        "title": "Not yet fixed, %",
        "scale": {"domain": [0, 100]},
    }
    tooltip = [
        {"field": "severity", "title": "Severity"},
        {"field": "day", "title": "Days"},
        {"field": "survival", "title": "Not yet fixed, %", "format": ".0f"},
        {"field": "at_risk", "title": "Findings watched"},
    ]
    return chart_of(
        frame,
        {
            "layer": [
                {
                    "mark": {"type": "line", "interpolate": "step-after", "clip": True},
                    "encoding": {
                        "x": days,
                        "y": percent,
                        "color": _severity_colors(present),
                        "strokeDash": {
                            "field": "severity",
                            "scale": {
                                "domain": present,
                                "range": [DASHES[SEVERITIES.index(name)] for name in present],
                            },
                            "legend": None,
                        },
                        "tooltip": tooltip,
                    },
                },
                {
                    "transform": [{"filter": "datum.day == 0 && datum.still_open_at_sla != null"}],
                    "mark": {"type": "point", "shape": "diamond", "filled": True, "size": 90},
                    "encoding": {
                        "x": {**days, "field": "sla_days"},
                        "y": {**percent, "field": "still_open_at_sla"},
                        "color": _severity_colors(present),
                        "opacity": {"value": 1},
                        "tooltip": [
                            {"field": "severity", "title": "Severity"},
                            {"field": "sla_days", "title": "Days allowed"},
                            {
                                "field": "still_open_at_sla",
                                "title": "Not fixed by then, %",
                                "format": ".0f",
                            },
                        ],
                    },
                },
            ]
        },
        alt,
    )


def intervals(
    frame: pd.DataFrame,
    alt: str,
    *,
    title: str,
    names: Sequence[str],
    mark: str | None = None,
    zero: bool = False,
) -> Chart:
    """Return one line per row: a dot with its interval. Columns name, value, low, high, words.

    ``mark`` names a column with a limit of each row, drawn as a tick; ``zero`` draws no change.
    """
    y = {
        "field": "name",
        "type": "nominal",
        "sort": list(names),
        "title": None,
        "axis": {"labelLimit": 260, "ticks": False, "domain": False, "labelOverlap": False},
    }
    x = {"type": "quantitative", "title": title, "axis": {"grid": True}}
    tooltip = [{"field": "name", "title": "What"}, {"field": "words", "title": "Value"}]
    layers: list[dict[str, Any]] = [
        {
            "mark": {
                "type": "rule",
                "aria": False,
                "color": LINE,
                "opacity": 0.55,
                "strokeWidth": 3,
            },
            "encoding": {
                "y": y,
                "x": {**x, "field": "low"},
                "x2": {"field": "high"},
                "tooltip": tooltip,
            },
        },
        {
            "mark": {"type": "point", "filled": True, "size": 60, "color": LINE, "opacity": 1},
            "encoding": {"y": y, "x": {**x, "field": "value"}, "tooltip": tooltip},
        },
    ]
    if mark is not None:
        layers.append(
            {
                "mark": {"type": "tick", "color": TARGET, "thickness": 2, "size": 16},
                "encoding": {"y": y, "x": {**x, "field": mark}, "tooltip": tooltip},
            }
        )
    if zero:
        rule = {"type": "rule", "aria": False, "color": TARGET, "strokeDash": [3, 3]}
        layers.insert(0, {"mark": rule, "encoding": {"x": {**x, "datum": 0}}})
    return chart_of(frame, {"layer": layers}, alt, height=26 * len(names) + 60)


def capacity(frame: pd.DataFrame, alt: str) -> Chart:
    """Return hours by month: period_start, hours_worked, capacity_hours as a tick above the bar."""
    months = frame.sort_values("period_start")
    shown = months.assign(month=pd.to_datetime(months["period_start"]).dt.strftime("%b %y"))
    y = {"type": "quantitative", "title": "Hours"}
    tooltip = [
        {"field": "month", "title": "Month"},
        {"field": "hours_worked", "title": "Worked", "format": ",.0f"},
        {"field": "capacity_hours", "title": "Capacity", "format": ",.0f"},
        {"field": "utilisation", "title": "Used, %", "format": ".0f"},
    ]
    return chart_of(
        shown,
        {
            "layer": [
                {
                    "mark": {"type": "bar", "color": LINE, "width": {"band": 0.6}},
                    "encoding": {
                        "x": _MONTHS,
                        "y": {**y, "field": "hours_worked"},
                        "opacity": {
                            "condition": {"test": "datum.is_partial_period", "value": 0.45},
                            "value": 1,
                        },
                        "tooltip": tooltip,
                    },
                },
                {
                    "mark": {"type": "tick", "color": TARGET, "thickness": 2},
                    "encoding": {
                        "x": _MONTHS,
                        "y": {**y, "field": "capacity_hours"},
                        "tooltip": tooltip,
                    },
                },
            ]
        },
        alt,
    )


def _severity_colors(present: Sequence[str]) -> dict[str, Any]:
    return {
        "field": "severity",
        "type": "nominal",
        "title": None,
        "scale": {
            "domain": list(present),
            "range": [SEVERITY_COLORS[SEVERITIES.index(name)] for name in present],
        },
        "legend": {"orient": "top", "offset": 4},
    }


def _percent(share: object) -> str:
    return f"{share:.0f} %" if isinstance(share, float) and share == share else "–"  # noqa: RUF001


def chart_of(frame: pd.DataFrame, spec: dict[str, Any], alt: str, height: int = HEIGHT) -> Chart:
    """Return a chart with the height and the margins that all have."""
    return Chart(
        frame,
        {
            "height": height,
            "padding": {"left": 2, "right": 8, "top": 4, "bottom": 4},
            "view": {"stroke": None},
            **spec,
        },
        alt,
    )
