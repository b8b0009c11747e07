"""The map of techniques by system: a shape for every state, shade for the attack success rate."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final

import pandas as pd

from app.components.formatting import NOT_MEASURED, span, with_unit
from app.components.marks import marked
from app.components.pictures import Chart
from app.components.specs import LINE, TARGET
from app.components.text import visible

ROW: Final = 19
HEAD: Final = 150
NAME: Final = 46
SYMBOLS: Final = {"tested": "●", "thin": "◐", "untested": "○", "not_applicable": "–"}  # noqa: RUF001
WORST: Final = "#b5483f"


def technique_chart(cells: pd.DataFrame, alt: str) -> Chart:
    """Return marts.technique_coverage_matrix as a grid of cells with their facts as tooltips."""
    # A matrix has hundreds of cells: as records they cost a tenth of what rows of pandas do.
    records = cells.to_dict(orient="records")
    shown = pd.DataFrame(
        {
            "technique_id": cells["technique_id"],
            "system_id": cells["system_id"],
            "technique": [_technique(cell) for cell in records],
            "system": [visible(name) for name in cells["system_name"]],
            "State": [marked(state) for state in cells["state"]],
            "symbol": [SYMBOLS.get(state, "?") for state in cells["state"]],
            "rate": cells["attack_success_rate"].to_list(),
            "Success": [_rate(cell) for cell in records],
            "Attempts": cells["attempts"].to_list(),
        }
    )
    x = {
        "field": "system",
        "type": "nominal",
        "title": None,
        "axis": {
            "orient": "top",
            "labelAngle": -55,
            "labelLimit": 130,
            "ticks": False,
            "labelOverlap": False,
        },
    }
    y = {
        "field": "technique",
        "type": "nominal",
        "title": None,
        "sort": list(dict.fromkeys(shown["technique"])),
        "axis": {"labelLimit": 300, "ticks": False, "labelOverlap": False},
    }
    tooltip = [{"field": name} for name in ("technique", "system", "State", "Success", "Attempts")]
    techniques = shown["technique"].nunique()
    return Chart(
        shown,
        {
            "padding": {"left": 2, "right": 60, "top": 4, "bottom": 4},
            "height": HEAD + ROW * techniques,
            "view": {"stroke": None},
            "layer": [
                {
                    "transform": [{"filter": "datum.rate == null && datum.symbol != '–'"}],  # noqa: RUF001
                    "mark": {"type": "rect", "cornerRadius": 2, "color": TARGET},
                    "encoding": {
                        "x": x,
                        "y": y,
                        "fillOpacity": {
                            "condition": {"test": "datum.symbol == '●'", "value": 0.35},
                            "value": 0.08,
                        },
                        "tooltip": tooltip,
                    },
                },
                {
                    "transform": [{"filter": "datum.rate != null"}],
                    "mark": {"type": "rect", "cornerRadius": 2},
                    "encoding": {
                        "x": x,
                        "y": y,
                        "color": {
                            "field": "rate",
                            "type": "quantitative",
                            "scale": {"domain": [0, 50], "range": [LINE, WORST], "clamp": True},
                            "title": "Attack success, %",
                            "legend": {"orient": "bottom", "gradientLength": 160},
                        },
                        "fillOpacity": {
                            "condition": {"test": "datum.symbol == '●'", "value": 0.6},
                            "value": 0.3,
                        },
                        "tooltip": tooltip,
                    },
                },
                {
                    "mark": {"type": "text", "fontSize": 11},
                    "encoding": {
                        "x": x,
                        "y": y,
                        "text": {"field": "symbol"},
                        "color": {"value": "#8a97a5"},
                        "tooltip": tooltip,
                    },
                },
            ],
        },
        alt,
    )


def _technique(row: Mapping[Hashable, Any]) -> str:
    name = row["technique_name"] if isinstance(row["technique_name"], str) else ""
    short = name if len(name) <= NAME else name[: NAME - 1] + "…"
    return visible(f"{row['technique_id'].removeprefix('AML.')} {short}")


def _rate(row: Mapping[Hashable, Any]) -> str:
    if pd.isna(row["attack_success_rate"]):
        return NOT_MEASURED
    prompts = int(row["prompts"])
    interval = ""
    if not pd.isna(row["interval_low"]):
        interval = f" ({span(row['interval_low'], row['interval_high'], 'percent', prompts)})"
    return f"{with_unit(row['attack_success_rate'], 'percent', prompts)}{interval}, n = {prompts:,}"
