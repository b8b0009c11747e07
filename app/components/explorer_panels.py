"""What the explorer shows of a metric: its trend and limits, its segments, its periods."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from app import data
from app.components import plots, url
from app.components.formatting import count_of, quantity, span, with_unit
from app.components.grid import show_download, show_grid
from app.components.marks import marked
from app.components.sheet import Sheet, remembered
from app.components.text import plain, visible
from app.view import DIMENSIONS, TRAILING_YEAR, View

LIMITS_NEED: Final = 8
LIMITS_SET_BY: Final = 12
"""Periods, as marts.metric_control_limits has it."""

MOST_SIGNALS: Final = 3
MOST_SEGMENTS: Final = 20


@remembered
def definitions(generation: data.Generation) -> dict[str, pd.Series[Any]]:
    """Return the rows of marts.metric_catalog by metric."""
    found = data.table(generation, "definitions")
    return {str(row["metric_id"]): row for _, row in found.iterrows()}


def trend_of(generation: data.Generation, metric_id: str, view: View) -> pd.DataFrame:
    """Return every period of a metric of the length and segment of a view, oldest first."""
    return data.table(
        generation,
        "metric_trend",
        metric=metric_id,
        grain=view.period.grain,
        dimension=view.segment.dimension,
        segment=view.segment.value,
    )


def show_trend(sheet: Sheet, points: pd.DataFrame, metric: pd.Series[Any], view: View) -> None:
    """Show the measured periods as a chart."""
    shown = points.dropna(subset=["value"])
    if shown.empty:
        sheet.muted("No period of this length and segment was measured.")
        return
    unit = str(metric["unit"])
    shown = shown.assign(
        words=[
            with_unit(row["value"], unit, int(row["sample_size"])) for _, row in shown.iterrows()
        ]
    )
    last = shown.tail(12)
    words = "; ".join(f"{row['period_start']:%b %Y} {row['words']}" for _, row in last.iterrows())
    plots.trend(
        sheet,
        shown,
        f"{metric['name']}, the last periods: {words}",
        title="%" if unit == "percent" else unit.replace("_", " "),
        selected=view.period.start.isoformat(),
        joined=not metric["is_like_for_like"],
    )
    sheet.muted(
        "Shaded: 95 % interval. Dashed: target. Dotted: control limits. Hollow: partial period. "
        "Large: the period picked. Triangle: remark."
        + (
            " Dots are not joined: periods compare only where both measured alike."
            if metric["is_like_for_like"]
            else ""
        )
    )


def show_limits(sheet: Sheet, points: pd.DataFrame, metric: pd.Series[Any], view: View) -> None:
    """Show the control limits, and the periods that left them."""
    limited = points.dropna(subset=["limit_low"])
    if limited.empty:
        sheet.muted(_why_no_limits(metric, view))
        return
    unit = str(metric["unit"])
    signals = limited[limited["signal"] != "within limits"]
    first = limited.iloc[0]
    sheet.note(
        f"**Control limits** {span(first['limit_low'], first['limit_high'], unit)} around "
        f"{with_unit(first['centre'], unit)}, set by the first "
        f"{min(len(limited), LIMITS_SET_BY)} of {count_of(len(limited), 'complete period')}: "
        + (
            f":orange[◆ {count_of(len(signals), 'period')} outside or eight in a row]"
            if len(signals)
            else "✓ nothing beyond natural variation"
        )
    )
    for _, row in signals.tail(MOST_SIGNALS).iterrows():
        sheet.muted(
            f"◆ from {row['period_start']:%d %b %Y}: {plain(row['signal'])}, "
            f"{with_unit(row['value'], unit, int(row['sample_size']))}"
        )


def _why_no_limits(metric: pd.Series[Any], view: View) -> str:
    if metric["is_like_for_like"]:
        return "No control limits: periods compare only where both measured alike."
    if view.period.grain == TRAILING_YEAR:
        return "No control limits: twelve months share eleven with the twelve before."
    return f"No control limits: fewer than {LIMITS_NEED} complete periods were measured."


def show_segments(
    sheet: Sheet,
    generation: data.Generation,
    metric: pd.Series[Any],
    dimension: str,
    view: View,
) -> None:
    """Show the segments of a dimension as a chart and as a table that opens their rows."""
    found = data.table(
        generation,
        "metric_segments",
        metric=metric["metric_id"],
        grain=view.period.grain,
        start=view.period.start,
        dimension=dimension,
    )
    measured = found.dropna(subset=["value"])
    if measured.empty:
        sheet.muted("Nothing to count in any segment of this dimension in this period.")
        return
    unit = str(metric["unit"])
    drawn = measured.head(MOST_SEGMENTS)
    low = drawn["interval_low"].fillna(drawn["value"])
    high = drawn["interval_high"].fillna(drawn["value"])
    shown = pd.DataFrame(
        {
            "name": [visible(str(name)) for name in drawn["segment_name"]],
            "value": drawn["value"].to_list(),
            "low": low.to_list(),
            "high": high.to_list(),
            "words": [_segment_words(row, unit) for _, row in drawn.iterrows()],
        }
    )
    words = "; ".join(f"{row['name']} {row['words']}" for _, row in shown.iterrows())
    plots.intervals(
        sheet,
        shown,
        f"{metric['name']} by {DIMENSIONS[dimension].lower()}: {words}",
        title="%" if unit == "percent" else unit.replace("_", " "),
        names=shown["name"].to_list(),
    )
    table = measured.assign(
        metric_id=metric["metric_id"],
        segment_dimension=dimension,
        status=[marked(status) for status in measured["target_status"]],
        shown=[
            with_unit(row["value"], unit, int(row["sample_size"])) for _, row in measured.iterrows()
        ],
        before=[
            ""
            if pd.isna(row["previous_value"])
            else with_unit(row["previous_value"], unit, int(row["sample_size"]))
            for _, row in measured.iterrows()
        ],
    )
    show_grid(
        sheet,
        table,
        f"grid-segments-{dimension}",
        alt="Segments with value, n, interval and status. Picking one opens its rows.",
        opens=lambda row: url.open_segment_rows(
            str(metric["metric_id"]), dimension, str(row["segment_value"])
        ),
        most=300,
        labels={
            "segment_name": DIMENSIONS[dimension],
            "status": "Target",
            "shown": "Value",
            "before": "Before",
        },
        order=[
            *("segment_name", "shown", "sample_size", "interval_low", "interval_high"),
            *("status", "before"),
        ],
    )
    sheet.muted("Pick a row to open what it counts.")
    show_download(sheet, measured, f"{metric['metric_id']}-by-{dimension}")


def _segment_words(row: pd.Series[Any], unit: str) -> str:
    size = int(row["sample_size"])
    interval = ""
    if not pd.isna(row["interval_low"]):
        interval = f" ({span(row['interval_low'], row['interval_high'], unit, size)})"
    return f"{with_unit(row['value'], unit, size)}{interval}, n = {size:,}"


def show_periods(sheet: Sheet, points: pd.DataFrame, metric: pd.Series[Any], view: View) -> None:
    """Show every period as a table that opens its rows."""
    sheet.heading("Every period, and the rows behind it")
    if points.empty:
        sheet.muted("Nothing was measured in this segment.")
        return
    unit = str(metric["unit"])
    latest_first = points.iloc[::-1].reset_index(drop=True)
    table = latest_first.assign(
        metric_id=metric["metric_id"],
        status=[marked(status) for status in latest_first["target_status"]],
        partial=[
            "◐ partial" if is_partial else "" for is_partial in latest_first["is_partial_period"]
        ],
        shown=[
            with_unit(
                None if pd.isna(row["value"]) else row["value"], unit, int(row["sample_size"])
            )
            for _, row in latest_first.iterrows()
        ],
        sums=[
            quantity(None if pd.isna(row["numerator"]) else row["numerator"])
            + (f" / {quantity(row['denominator'])}" if not pd.isna(row["denominator"]) else "")
            for _, row in latest_first.iterrows()
        ],
    )
    show_grid(
        sheet,
        table,
        f"grid-periods-{view.period.grain}",
        alt="Periods with value, n, interval and status. Picking one opens its rows.",
        opens=lambda row: url.open_period_rows(
            str(metric["metric_id"]), row["period_start"].date().isoformat()
        ),
        labels={
            "period_start": "From",
            "shown": "Value",
            "status": "Target",
            "sums": "Counted",
            "partial": "Complete?",
        },
        order=[
            *("period_start", "shown", "sums", "sample_size", "interval_low", "interval_high"),
            *("status", "partial"),
        ],
    )
    sheet.muted("Pick a period to open the rows behind its number.")
    show_download(sheet, latest_first, f"{metric['metric_id']}-{view.period.grain}")
