"""The rows behind a number, in place of the page, with their sums and a download."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from app import data
from app.components import card_words, url
from app.components.formatting import count_of, quantity
from app.components.grid import show_download, show_grid
from app.components.labels import LABELS, UNDECIDED
from app.components.listings import LISTINGS
from app.components.sheet import Sheet
from app.components.text import plain
from app.components.typography import link, muted
from app.view import View

OLDEST_FINDINGS: Final = "oldest_findings"
UNTESTED_LAUNCHES: Final = "untested_launches"
WORSENED: Final = "worsened"
LISTS: Final = {OLDEST_FINDINGS, UNTESTED_LAUNCHES, WORSENED}
"""Rows that depend on the period and segment of the page."""


def asked_rows(generation: data.Generation) -> str | None:
    """Return which rows the URL asks for, if there are such."""
    asked = st.query_params.get(url.ROWS)
    if asked is None:
        return None
    known = {metric.metric_id for metric in data.metrics(generation)}
    return asked if asked in known | LISTS | LISTINGS.keys() else None


def show_asked(generation: data.Generation, page_title: str) -> bool:
    """Draw the list that the URL asks for, on a page without a period; False where it asks none."""
    rows = st.query_params.get(url.ROWS)
    if rows not in LISTINGS:
        return False
    show_listing(generation, rows, page_title)
    return True


def show_listing(generation: data.Generation, rows: str, page_title: str) -> None:
    """Draw a list, narrowed to what the URL says."""
    _show_way_back(page_title)
    listing, of = LISTINGS[rows], st.query_params.get(url.OF)
    title = listing.title if of is None else f"{listing.title}: {plain(of)}"
    st.subheader(title, anchor=False)
    muted(listing.note)
    _show_table(rows, data.table(generation, rows, of=of), listing.empty)


def _show_way_back(page_title: str) -> None:
    st.button(link(f"← {page_title}"), key="close_rows", type="tertiary", on_click=url.close_rows)


def show_rows(generation: data.Generation, rows: str, view: View, page_title: str) -> None:
    """Draw the rows that the URL asks for."""
    if rows in LISTINGS:
        show_listing(generation, rows, page_title)
        return
    _show_way_back(page_title)
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
    card = next(iter(data.cards(generation, view, (metric_id,))), None)
    if card is not None and card.value is not None:
        st.markdown(
            f"**{card_words.headline(card)}** · {card_words.basis(card)} · "
            f"{card_words.status(card, view)}"
        )
    behind = data.rows_behind(generation, metric_id, view)
    _show_table(metric_id, behind)
    totals = data.row_totals(generation, metric_id, view)
    if totals.rows > len(behind):
        muted(f"The latest {len(behind):,} of {totals.rows:,} rows; the sums are of all.")
    muted(
        f"{count_of(totals.rows, 'row')} · sum of numerators {quantity(totals.numerator)} · "
        f"sum of denominators {quantity(totals.denominator)} · n = {totals.sample_size:,}"
        + (f" · {totals.undecided:,} undecided" if totals.undecided else "")
    )


def _show_table(
    name: str,
    frame: pd.DataFrame,
    empty: str = "No rows: nothing of this kind in the period and segment.",
) -> None:
    shown = frame.dropna(axis="columns", how="all")
    if UNDECIDED in shown and not shown[UNDECIDED].any():
        shown = shown.drop(columns=UNDECIDED)
    if shown.empty:
        st.info(empty)
        return
    key = shown.columns[0]
    is_key = bool(shown[key].is_unique)
    if is_key:
        _show_entity(shown, key)
    table = Sheet()
    show_grid(
        table,
        shown,
        f"table-{name}",
        alt="The rows behind the number; the CSV file holds the same.",
        opens=(lambda row: url.name_entity(str(row[key]))) if is_key else None,
    )
    table.muted(count_of(len(shown), "row"))
    show_download(table, shown, name)
    table.draw()


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


def _cell_text(cell: object) -> str:
    if isinstance(cell, pd.Timestamp):
        return f"{cell:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return quantity(cell) if isinstance(cell, float) else str(cell)


def _frame(records: Sequence[Any], kind: type[Any]) -> pd.DataFrame:
    columns = [field.name for field in dataclasses.fields(kind)]
    return pd.DataFrame([dataclasses.astuple(record) for record in records], columns=columns)
