"""Board: posture in five numbers, this year against the last, evidence, what was restated."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app import data
from app.components import panels, url
from app.components.formatting import count_of, day
from app.components.grid import show_grid
from app.components.marks import marked
from app.components.metric_card import show_card
from app.components.page import show_view
from app.components.posture import FRAMEWORKS, POSTURE, VERDICTS, side_in_words
from app.components.sheet import Sheet, kept
from app.components.text import plain
from app.view import QUARTER, View

TITLE: Final = "Board and audit committee"


def show() -> None:
    """Draw the page; quarters, unless the link asks for another length."""
    if url.GRAIN not in st.query_params:
        st.query_params[url.GRAIN] = QUARTER
    show_view(TITLE, _show_page)


@kept
def _show_page(sheet: Sheet, generation: data.Generation, view: View) -> None:
    columns = sheet.columns(len(POSTURE))
    for column, card in zip(columns, data.cards(generation, view, POSTURE), strict=False):
        with column:
            show_card(sheet, generation, card, view)
    with sheet.panel():
        _show_year(sheet, generation)
    compliance, restated = sheet.columns(2)
    with compliance, sheet.panel():
        _show_compliance(sheet, generation)
    with restated, sheet.panel():
        _show_restatements(sheet, generation)


def _show_year(sheet: Sheet, generation: data.Generation) -> None:
    found = data.table(generation, "year_over_year")
    panels.head(sheet, "This year against the last", "year_over_year", len(found))
    measured = found.dropna(subset=["value"])
    if measured.empty:
        sheet.muted("Not measured: `program/systems.csv` and `program/findings.csv` come first.")
        return
    start, end = measured["period_start"].iloc[0], measured["period_end"].iloc[0]
    table = measured.assign(
        now=[side_in_words(row, "") for _, row in measured.iterrows()],
        before=[side_in_words(row, "previous_") for _, row in measured.iterrows()],
        moved=[VERDICTS.get(verdict, f"· {verdict}") for verdict in measured["verdict"]],
        target=[marked(status) for status in measured["target_status"]],
    )
    show_grid(
        sheet,
        table,
        "grid-year",
        alt="Every metric over twelve months beside the twelve before, with a verdict.",
        opens=lambda row: url.open_year_rows(
            str(row["metric_id"]), row["period_start"].date().isoformat()
        ),
        labels={"now": "This year", "before": "Year before", "moved": "Change", "target": "Target"},
        order=["metric_name", "moved", "now", "before", "target"],
    )
    sheet.muted(
        f"Twelve months from {day(start)} up to {day(end)}, and the twelve before. Better or worse "
        "only beyond chance, with ten things on each side. Pick a row for the rows of its year."
    )


def _show_compliance(sheet: Sheet, generation: data.Generation) -> None:
    found = data.table(generation, "frameworks")
    sheet.heading("Controls with evidence")
    if found.empty:
        sheet.muted("Not measured: nobody keeps `program/control_evidence.csv`.")
        return
    show_grid(
        sheet,
        found.assign(name=[FRAMEWORKS.get(key, key) for key in found["framework"]]),
        "grid-frameworks",
        alt="Frameworks: controls met, partially met, not met, stale, not assessed. Picking one "
        "opens its controls.",
        opens=lambda row: url.open_rows("controls", of=str(row["framework"])),
        labels={
            "name": "Framework",
            "met": "✓ Met",
            "partially_met": "◐ Partly",
            "not_met": "✕ Not",
            "stale": "◇ Stale",
            "not_assessed": "○ Not assessed",
            "controls": "Of",
        },
        order=[
            *("name", "controls", "met", "partially_met", "not_met", "not_assessed", "stale"),
        ],
    )
    sheet.muted("Not assessed is no failure, and no pass. Pick a framework to open its controls.")


def _show_restatements(sheet: Sheet, generation: data.Generation) -> None:
    found = data.table(generation, "restatements")
    panels.head(sheet, "Restated since they were published", "restatements", len(found))
    if found.empty:
        sheet.muted("✓ No published number of a complete period has changed.")
        return
    causes = data.table(generation, "restatement_causes")
    for _, row in causes.iterrows():
        sheet.note(
            f"**{count_of(int(row['restated_values']), 'number')}** of "
            f"{count_of(int(row['metrics']), 'metric')}: {plain(row['cause'])}, last on "
            f"{day(row['changed_at'])}"
        )
