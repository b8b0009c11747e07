"""Layers that lie over a trend: the same on cards and on charts with axes."""

from __future__ import annotations

from typing import Any, Final

REMARK: Final = "#b08238"


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
