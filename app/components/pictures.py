"""Charts as values: what is drawn on a page is what leaves as a picture, from one specification."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final

import pandas as pd

from aism.errors import UsageError

EXTRA: Final = "report"
"""The extra of the project that brings the renderer."""

WIDTH: Final = 640
SCALE: Final = 2.0
"""Pixels of a picture for one of the page: sharp in a slide."""

_FONT: Final = "Arial, Helvetica, sans-serif"
_INK: Final = "#566370"
_GRID: Final = "#dbe1e8"
LIGHT: Final[dict[str, Any]] = {
    "font": _FONT,
    "aria": False,  # its words tell local times; who places the picture gives it the words of alt
    "background": "#ffffff",
    "view": {"stroke": None},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "gridColor": _GRID,
        "domainColor": _GRID,
        "tickColor": _GRID,
        "labelFontSize": 12,
        "labelSeparation": 8,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "legend": {"labelColor": _INK, "titleColor": _INK, "labelFontSize": 12, "titleFontSize": 12},
}
"""How a picture looks without a page's theme around it."""

_NAME_ENDS: Final = re.compile(r"[^a-z0-9]+")
_MOST_OF_A_NAME: Final = 48


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A Vega-Lite specification without its data, the data, and what it shows in words."""

    frame: pd.DataFrame
    spec: dict[str, Any]
    alt: str

    @property
    def key(self) -> str:
        """A name that two charts share only if they show the same."""
        # Asked on every rerun of a page: the frame is written out by pandas, not value by value.
        words = json.dumps([self.spec, self.alt], sort_keys=True)
        text = words + self.frame.to_json(orient="split", date_format="iso")
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def file_name(self) -> str:
        """The alternative text up to its first colon as the name of a file without an ending."""
        name = _NAME_ENDS.sub("-", self.alt.partition(":")[0].lower()).strip("-")
        return name[:_MOST_OF_A_NAME].strip("-") or "chart"


def can_render() -> bool:
    """Whether charts can leave as pictures here."""
    return find_spec("vl_convert") is not None


def png_of(chart: Chart, width: int = WIDTH) -> bytes:
    """Return a chart as PNG, ``width`` page pixels wide, on a white ground.

    Raises:
        UsageError: the renderer is not installed.
    """
    png: bytes = _renderer().vegalite_to_png(
        whole_spec(chart, width), scale=SCALE, config=LIGHT, allowed_base_urls=[]
    )
    return png


def svg_of(chart: Chart, width: int = WIDTH) -> str:
    """Return a chart as SVG without a ground of its own.

    Raises:
        UsageError: the renderer is not installed.
    """
    svg: str = _renderer().vegalite_to_svg(
        whole_spec(chart, width), config=LIGHT | {"background": None}, allowed_base_urls=[]
    )
    return svg


def whole_spec(chart: Chart, width: int) -> dict[str, Any]:
    """Return the specification with its data inside; it names no address."""
    return {
        **chart.spec,
        "width": width,
        "autosize": {"type": "fit", "contains": "padding"},
        "data": {"values": values_of(chart.frame)},
    }


def values_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON knows them: no numpy types, null for what is missing, moments in UTC."""
    return [
        {str(name): _value(cell) for name, cell in row.items()}
        for row in frame.to_dict(orient="records")
    ]


def _value(cell: Any) -> Any:
    if pd.isna(cell):
        return None
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(cell, dt.date):
        return f"{cell:%Y-%m-%dT00:00:00Z}"
    return cell.item() if hasattr(cell, "item") else cell


def _renderer() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise UsageError(
            f"Charts need vl-convert-python: pip install 'ai-security-metrics[{EXTRA}]'."
        ) from None
    return vl_convert
