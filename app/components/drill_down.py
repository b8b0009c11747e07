"""The rows behind a number, in place of the page, with their sums and a download."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from app import data
from app.components import metric_card, url
from app.components.formatting import count_of, quantity
from app.components.text import csv_file, plain
from app.components.typography import link, muted
from app.view import View

OLDEST_FINDINGS: Final = "oldest_findings"
UNTESTED_LAUNCHES: Final = "untested_launches"
WORSENED: Final = "worsened"
LISTS: Final = {OLDEST_FINDINGS, UNTESTED_LAUNCHES, WORSENED}
"""Rows of the page's lists; any other rows are those of a metric."""

UNDECIDED: Final = "is_immature"

LABELS: Final = {
    "metric_id": "Id",
    "metric_name": "Metric",
    "unit": "Unit",
    "system_id": "System id",
    "previous_value": "Before",
    "value": "Now",
    "may_be_chance": "May be chance",
    "entity_id": "Id",
    "entity_type": "Kind",
    "finding_id": "Id",
    "deployment_id": "Id",
    "title": "Title",
    "system_name": "System",
    "system_version": "Version",
    "deployment_type": "Launch",
    "owner_team": "Team",
    "observed_on": "Counts on",
    "severity": "Severity",
    "technique_id": "Technique",
    "reported_at": "Reported",
    "verdict": "Verdict",
    "due_at": "Due",
    "is_overdue": "Overdue",
    "is_risk_accepted": "Risk accepted",
    "confirmed_fix_at": "Fix confirmed",
    "deployed_at": "Live since",
    "first_report_at": "First report",
    "last_report_at": "Last report",
    "run_id": "Run",
    "prompt_id": "Prompt",
    "undetermined": "Undetermined",
    "errors": "Errors",
    "days_open": "Days open",
    "numerator": "Numerator",
    "denominator": "Denominator",
    "sample_size": "n",
    UNDECIDED: "Undecided",
}
TABLE_HEIGHT: Final = 430


def asked_rows(generation: data.Generation) -> str | None:
    """Return which rows the URL asks for, if there are such."""
    asked = st.query_params.get(url.ROWS)
    known = {metric.metric_id for metric in data.metrics(generation)}
    return asked if asked in known | LISTS else None


def show_rows(generation: data.Generation, rows: str, view: View, page_title: str) -> None:
    """Draw the rows that the URL asks for."""
    st.button(link(f"← {page_title}"), key="close_rows", type="tertiary", on_click=url.close_rows)
    if rows == OLDEST_FINDINGS:
        st.subheader("Open critical and high findings, oldest first", anchor=False)
        muted("As of the build, whatever the period. Open: no confirmed fix, no dismissal.")
        _show_table(rows, _frame(data.oldest_findings(generation, view.segment), data.OldFinding))
    elif rows == UNTESTED_LAUNCHES:
        st.subheader("Went live without a delivered assessment", anchor=False)
        muted("New systems and major updates, 12 months to the end of the period.")
        launches = data.untested_launches(generation, view)
        _show_table(rows, _frame(launches, data.UntestedLaunch))
    elif rows == WORSENED:
        st.subheader("What got worse against the period before", anchor=False)
        muted("May be chance: the value before or now lies inside the 95 % interval of the other.")
        _show_table(rows, _frame(data.worsened(generation, view), data.Worsened))
    else:
        _show_metric_rows(generation, rows, view)


def _show_metric_rows(generation: data.Generation, metric_id: str, view: View) -> None:
    metric = next(m for m in data.metrics(generation) if m.metric_id == metric_id)
    st.subheader(plain(metric.name), anchor=False)
    muted(f"Formula: {plain(metric.formula)}. {plain(metric.considerations)}")
    card = next((c for c in data.cards(generation, view) if c.metric == metric), None)
    if card is not None and card.value is not None:
        st.markdown(
            f"**{metric_card.headline(card)}** · {metric_card.basis(card)} · "
            f"{metric_card.status(card, view)}"
        )
    _show_table(metric_id, data.rows_behind(generation, metric_id, view))
    totals = data.row_totals(generation, metric_id, view)
    muted(
        f"{count_of(totals.rows, 'row')} · sum of numerators {quantity(totals.numerator)} · "
        f"sum of denominators {quantity(totals.denominator)} · n = {totals.sample_size:,}"
        + (f" · {totals.undecided:,} undecided" if totals.undecided else "")
    )


def _show_table(name: str, frame: pd.DataFrame) -> None:
    shown = frame.dropna(axis="columns", how="all")
    if UNDECIDED in shown and not shown[UNDECIDED].any():
        shown = shown.drop(columns=UNDECIDED)
    if shown.empty:
        st.info("No rows: nothing of this kind in the period and segment.")
        return
    key = shown.columns[0]
    _show_entity(shown, key)
    table = f"table-{name}"
    st.dataframe(
        shown,
        key=table,
        hide_index=True,
        height=min(TABLE_HEIGHT, 40 + 30 * len(shown)),
        row_height=30,
        placeholder="–",  # noqa: RUF001
        column_config={column: _column(column) for column in shown.columns},
        on_select=lambda: _select_entity(table, shown, key),
        selection_mode="single-row",
        alt="The rows behind the number; the CSV file holds the same.",
    )
    st.download_button(
        "CSV",
        csv_file(shown),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        help="The same rows for a spreadsheet; text that looks like a formula gets a leading '.",
    )


def _show_entity(shown: pd.DataFrame, key: str) -> None:
    """Draw the one row that the URL names, field by field."""
    entity = st.query_params.get(url.ENTITY)
    if entity is None:
        return
    found = shown[shown[key] == entity]
    if found.empty:
        st.info("The row that this link names is not among these.")
        return
    record: Mapping[Any, Any] = found.iloc[0].dropna().to_dict()
    with st.container(border=True, key="entity"), st.container(horizontal=True, gap="medium"):
        for column, cell in record.items():
            with st.container(width="content", gap=None):
                muted(LABELS.get(str(column), str(column)))
                st.text(_cell_text(cell))


def _select_entity(table: str, shown: pd.DataFrame, key: str) -> None:
    selected: Sequence[int] = st.session_state[table].selection.rows
    if selected:
        st.query_params[url.ENTITY] = str(shown.iloc[selected[0]][key])
    else:
        st.query_params.pop(url.ENTITY, None)


def _cell_text(cell: object) -> str:
    if isinstance(cell, pd.Timestamp):
        return f"{cell:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return quantity(cell) if isinstance(cell, float) else str(cell)


def _column(column: str) -> Any:
    label = LABELS.get(column, column)
    if column == "entity_id":
        return st.column_config.TextColumn(label, width=110)
    if column == "observed_on":
        return st.column_config.DateColumn(label, format="YYYY-MM-DD")
    if column.endswith("_at"):
        return st.column_config.DatetimeColumn(label, format="YYYY-MM-DD")
    if column == "title":
        return st.column_config.TextColumn(label, width="large")
    return st.column_config.Column(label)


def _frame(records: Sequence[Any], kind: type[Any]) -> pd.DataFrame:
    columns = [field.name for field in dataclasses.fields(kind)]
    return pd.DataFrame([dataclasses.astuple(record) for record in records], columns=columns)
