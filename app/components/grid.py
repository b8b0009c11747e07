"""Tables: one look, labels and formats by column, a row opens what is behind it, safe download."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from app.components.labels import COUNTS, DAYS, LABELS, PERCENT, POINTS, WHOLE_PERCENT, WIDE
from app.components.sheet import Sheet, arrow_of
from app.components.text import csv_file

MOST_HEIGHT: Final = 430
ROW: Final = 30
HEAD: Final = 40

OnOpen = Callable[["pd.Series[Any]"], None]


def height_of(rows: int, most: int = MOST_HEIGHT) -> int:
    """Return the pixels that a table of so many rows takes, at most ``most``."""
    return min(most, HEAD + ROW * rows)


def show_grid(
    sheet: Sheet,
    frame: pd.DataFrame,
    key: str,
    *,
    alt: str,
    opens: OnOpen | None = None,
    most: int = MOST_HEIGHT,
    labels: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
) -> None:
    """Put a table on a sheet; picking a row calls ``opens`` with it.

    Text stays text in its cells.
    """
    sheet.put(
        st.dataframe,
        arrow_of(frame),
        key=key,
        hide_index=True,
        height=height_of(len(frame), most),
        row_height=ROW,
        column_order=order,
        placeholder="–",  # noqa: RUF001
        column_config={
            str(column): column_format(str(column), (labels or {}).get(str(column)))
            for column in frame.columns
        },
        on_select="ignore" if opens is None else lambda: _open(frame, key, opens),
        selection_mode="single-row",
        alt=alt,
    )


def show_download(sheet: Sheet, frame: pd.DataFrame, name: str) -> None:
    """Put the button that hands out the rows shown."""
    sheet.put(
        st.download_button,
        "CSV",
        csv_file(frame),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        help="The same rows for a spreadsheet; text that looks like a formula gets a leading '.",
        key=f"csv-{name}",
    )


def column_format(column: str, label: str | None = None) -> Any:
    """Return how a column is shown, by what its name says it holds."""
    label = label or LABELS.get(column, column.replace("_", " ").capitalize())
    if column == "entity_id":
        return st.column_config.TextColumn(label, width=110)
    if column in ("observed_on", "period_start", "week_start") or column.endswith("_on"):
        return st.column_config.DateColumn(label, format="YYYY-MM-DD")
    if column.endswith("_at"):
        return st.column_config.DatetimeColumn(label, format="YYYY-MM-DD")
    if column in PERCENT:
        return st.column_config.NumberColumn(label, format="%.1f %%")
    if column in WHOLE_PERCENT:
        return st.column_config.NumberColumn(label, format="%.0f %%")
    if column in POINTS:
        return st.column_config.NumberColumn(label, format="%+.1f")
    if column == "q_value":
        return st.column_config.NumberColumn(label, format="%.3f")
    if column in DAYS:
        return st.column_config.NumberColumn(label, format="%.1f")
    if column in WIDE:
        return st.column_config.TextColumn(label, width="large")
    if column in COUNTS:
        return st.column_config.NumberColumn(label, format="localized")
    return st.column_config.Column(label)


def _open(frame: pd.DataFrame, key: str, opens: OnOpen) -> None:
    selected: Sequence[int] = st.session_state[key].selection.rows
    if selected:
        opens(frame.iloc[selected[0]])
