"""Data trust: what was delivered, what was held back and why, what changed after publication."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pandas as pd
import streamlit as st

from app import data
from app.components import url
from app.components.formatting import count_of, day
from app.components.grid import show_grid
from app.components.page import show_build
from app.components.sheet import Box, Sheet, kept
from app.components.text import plain

TITLE: Final = "Data trust"
ENTRIES: Final = 3
MOST_SOURCES: Final = 430
SHORT_HASH: Final = 12
ODD_TIMES: Final = ("rows_after_as_of", "rows_before_history")
"""Columns of the sources that say nothing where they are zero throughout."""


WARNINGS: Final = {
    "completeness": "◧ cut short",
    "freshness": "▲ late",
    "row_count": "▲ size jumped",
    "quarantined_share": "◧ much held back",
    "columns": "▲ columns changed",
    "values": "△ new values",
}
"""Warned checks in words and shape."""

CHECKS: Final = {
    "completeness": "Read to its end",
    "freshness": "New enough",
    "row_count": "As large as the one before",
    "quarantined_share": "Little held back",
    "columns": "Columns as before",
    "values": "Values as before",
}

CAUSES: Final = {
    "late data": "entries that came late",
    "state change": "the state of a record changed",
    "definition": "the metric is defined otherwise",
    "targets": "the target moved",
}


def show() -> None:
    """Draw the page."""
    show_build(TITLE, "what came, what was held back, what changed since", _show_page)


@kept
def _show_page(sheet: Sheet, generation: data.Generation) -> None:
    if generation.team is not None:
        sheet.put(
            st.info,
            "Files, rows held back and checks of deliveries are about all teams, so they are not "
            "in the file of one. Ask whoever runs this app.",
        )
        with sheet.container(border=True, gap="xsmall"):
            _show_sources(sheet, generation)
        return
    totals = data.table(generation, "trust_totals").iloc[0]
    _show_totals(sheet, totals)
    sources, held_back = sheet.columns([13, 7])
    with sources, sheet.panel():
        _show_sources(sheet, generation)
    with held_back, sheet.panel():
        _show_held_back(sheet, generation)
        _show_checks(sheet, generation)
    lines, others = sheet.columns([13, 7])
    with lines, sheet.panel():
        _show_lines_to_add(sheet, generation)
    with others, sheet.panel():
        _show_tests(sheet, generation)
        _show_restatements(sheet, generation)
        _show_exclusions(sheet, generation, totals)


def _show_totals(sheet: Sheet, totals: pd.Series[Any]) -> None:
    files, rows, held, checks, build = sheet.columns([1, 1.2, 1, 1, 1.5])
    with _tile(sheet, files, "Files read to their end"):
        _figure(sheet, f"{totals.complete_files:,} of {totals.files:,}")
        cut = int(totals.files - totals.complete_files)
        sheet.note(
            f":orange[◧ {cut:,} cut short]: counted as far as they go"
            if cut
            else ":green[✓ all complete]"
        )
        _opener(sheet, "Open the files", "source_files", int(totals.files))
    with _tile(sheet, rows, "Rows that count"):
        _figure(sheet, f"{totals.rows_loaded:,}")
        sheet.note(
            f"{totals.rows_read:,} read: {totals.rows_loaded:,} loaded, "
            f"{totals.rows_superseded:,} superseded, {totals.rows_quarantined:,} held back"
        )
        wrong = int(totals.files_that_do_not_add_up)
        sheet.note(
            f":red[✕ **{count_of(wrong, 'file does', 'files do')} not add up**]"
            if wrong
            else ":green[✓ adds up in every file]"
        )
    with _tile(sheet, held, "Rows held back"):
        _figure(sheet, f"{totals.rows_quarantined:,}")
        sheet.note("in quarantine, each with its reason" if totals.rows_quarantined else "none")
        _opener(sheet, "Open the rows", "quarantined_rows", int(totals.rows_quarantined))
    with _tile(sheet, checks, "Delivery checks that warn"):
        _figure(sheet, f"{totals.checks_warned:,} of {totals.checks:,}")
        sheet.note("a warning blocks nothing" if totals.checks_warned else ":green[✓ all passed]")
        _opener(sheet, "Open the warnings", "delivery_checks", int(totals.checks_warned))
    with _tile(sheet, build, "This build"):
        _figure(sheet, f"Generation {totals.generation:,}")
        sheet.note(
            f"as of {day(totals.as_of)}, published {totals.published_at:%Y-%m-%d %H:%M} UTC, "
            f"started {totals.built_at:%H:%M}"
        )
        sheet.muted(
            f"project {plain(totals.project_version)}, commit "
            f"{plain(_short(totals.git_commit))}, dbt {plain(totals.dbt_version)}, DuckDB "
            f"{plain(totals.engine_version)}, landing {plain(_short(totals.landing_sha256))}"
        )


@contextmanager
def _tile(sheet: Sheet, column: Box, title: str) -> Iterator[None]:
    with column, sheet.container(border=True, height="stretch", gap="xxsmall"):
        sheet.muted(title)
        yield


def _figure(sheet: Sheet, title: str) -> None:
    sheet.heading(title, 4)


def _short(text: object) -> str:
    if not isinstance(text, str):
        return "unknown"
    name, _, rest = text.partition("-")
    return name[:SHORT_HASH] + (f"-{rest}" if rest else "")


def _opener(sheet: Sheet, label: str, rows: str, count: int, of: str | None = None) -> None:
    if count:
        sheet.button(label, f"open-{rows}-{of}", url.open_rows, rows, of=of)


def _show_sources(sheet: Sheet, generation: data.Generation) -> None:
    sheet.heading("Sources")
    found = data.table(generation, "sources")
    if found.empty:
        sheet.muted(
            "Nothing was delivered. Put exports into the landing folder, `program/systems.csv` "
            "first, and run `aism build`."
        )
        return
    found.insert(1, "standing", [_standing(row) for _, row in found.iterrows()])
    odd = [column for column in ODD_TIMES if found[column].any()]
    show_grid(
        sheet,
        found,
        "grid-sources",
        alt="Sources: how they stand, newest entry, age, rows, rows held back. Picking one opens "
        "its files.",
        opens=lambda row: url.open_rows("source_files", of=str(row["source"])),
        most=MOST_SOURCES,
        labels={"standing": "Stands", "newest_row_at": "Newest"},
        order=[
            *("source", "standing", "newest_row_at", "days_since_newest_row"),
            *("expected_freshness", "rows_loaded", "rows_quarantined", "incomplete_files", *odd),
        ],
    )
    sheet.muted(
        "Pick a row to open its files. Age: days from the newest entry to the as-of date; "
        "a file that only lists names has none."
    )


def _standing(row: pd.Series[Any]) -> str:
    if pd.isna(row["files"]):
        return "○ never delivered"
    warned = row["warned_checks"]
    if not isinstance(warned, str):
        return "✓ in order"
    return ", ".join(WARNINGS.get(name, f"▲ {name}") for name in warned.split(","))


def _show_held_back(sheet: Sheet, generation: data.Generation) -> None:
    sheet.heading("Held back, and why")
    found = data.table(generation, "quarantine_reasons")
    if found.empty:
        sheet.muted("✓ Nothing is held back: every row read counts or was superseded.")
        return
    found["reason_in_words"] = found["reason"].str.replace("_", " ")
    show_grid(
        sheet,
        found,
        "grid-reasons",
        alt="Reasons for which rows are held back, by source. Picking one opens its rows.",
        opens=lambda row: url.open_rows("quarantined_rows", of=str(row["reason"])),
        most=190,
        labels={"reason_in_words": "Reason"},
        order=["reason_in_words", "source", "rows_quarantined"],
    )


def _show_checks(sheet: Sheet, generation: data.Generation) -> None:
    sheet.heading("Checks of deliveries")
    found = data.table(generation, "checks")
    if found.empty:
        sheet.muted("Not judged yet: `aism build` or `aism check` does.")
        return
    found["in_words"] = [CHECKS.get(name, name) for name in found["check_name"]]
    show_grid(
        sheet,
        found,
        "grid-checks",
        alt="Checks: how many deliveries warned, passed, or were not judged. Picking one opens it.",
        opens=lambda row: url.open_rows("delivery_checks", of=str(row["check_name"])),
        most=240,
        labels={"in_words": "Expected", "not_applicable": "Not judged"},
        order=["in_words", "warned", "passed", "not_applicable"],
    )


def _show_tests(sheet: Sheet, generation: data.Generation) -> None:
    sheet.heading("Tests by quality dimension")
    found = data.table(generation, "tests_by_dimension")
    if not found["tests"].any():
        sheet.muted(
            "Not recorded: `aism build` tests what it builds and keeps how each test ended."
        )
        return
    show_grid(
        sheet,
        found[["dimension", "tests", "passed", "warned"]],
        "grid-tests",
        alt="Tests of this build by quality dimension: how many, passed, warned. Picking one opens "
        "its tests.",
        opens=lambda row: url.open_rows("test_results", of=str(row["dimension"])),
        most=230,
        labels={"dimension": "Dimension", "tests": "Tests", "passed": "Passed", "warned": "Warned"},
    )
    fresh = found[found["dimension"] == "timeliness"].iloc[0]
    sheet.muted(
        "A build with a failed test is not published. Timeliness is checked of each source: "
        f"{fresh['delivery_checks'] - fresh['delivery_checks_warned']:,.0f} of "
        f"{fresh['delivery_checks']:,.0f} are new enough."
    )


def _show_restatements(sheet: Sheet, generation: data.Generation) -> None:
    found = data.table(generation, "restatement_causes")
    sheet.heading("Published numbers that changed")
    if found.empty:
        sheet.muted(
            "✓ Nothing changed. A number of a complete period that changes after it was published "
            "would be listed here with both values and the cause."
        )
        return
    for _, row in found.iterrows():
        cause = str(row["cause"])
        sheet.note(
            f"**{count_of(int(row['restated_values']), 'number')}** of "
            f"{count_of(int(row['metrics']), 'metric')}: {plain(CAUSES.get(cause, cause))}, "
            f"last on {day(row['changed_at'])}"
        )
        _opener(sheet, "Open them", "restatements", 1, cause)


def _show_lines_to_add(sheet: Sheet, generation: data.Generation) -> None:
    sheet.heading("Lines that would count more")
    gaps = data.table(generation, "inventory_gaps")
    values = data.table(generation, "unmapped_values")
    lost = data.table(generation, "lost_remarks")
    for _, row in lost.head(ENTRIES).iterrows():
        sheet.note(
            f"No metric is called {plain(row['metric_id'])}: no card shows the remark "
            f"{plain(row['annotation_id'])} of `program/annotations.csv`."
        )
    if gaps.empty and values.empty and lost.empty:
        sheet.muted("✓ Every target has a system, every value a policy.")
        return
    for _, row in gaps.head(ENTRIES).iterrows():
        sheet.note(
            f"{plain(str(row['gap']).capitalize())}: {plain(row['entity_id'])}. Add to "
            f"{plain(row['register'])}:"
        )
        sheet.put(st.code, row["line_to_add"], language=None, wrap_lines=True)
    _opener(sheet, f"Open the {count_of(len(gaps), 'gap')}", "inventory_gaps", len(gaps))
    for _, row in values.head(ENTRIES - len(gaps.head(ENTRIES - 1))).iterrows():
        sheet.note(
            f"{plain(row['source'])} {plain(row['field'])} {plain(row['value'])}, "
            f"{count_of(int(row['occurrences']), 'attempt')}. Add to {plain(row['policy'])}:"
        )
        sheet.put(st.code, row["line_to_add"], language=None, wrap_lines=True)
    _opener(
        sheet, f"Open the {count_of(len(values), 'unmapped value')}", "unmapped_values", len(values)
    )


def _show_exclusions(sheet: Sheet, generation: data.Generation, totals: pd.Series[Any]) -> None:
    sheet.heading("Left out on purpose")
    found = data.table(generation, "exclusions")
    if found.empty:
        sheet.muted("No record is held out of the metrics.")
    for _, row in found.iterrows():
        reason = str(row["exclusion_reason"]).replace("_", " ")
        sheet.note(
            f"**{count_of(int(row['findings']), 'record')}** of {plain(row['source'])}: "
            f"{plain(reason)}, {day(row['first_reported_at'])} to {day(row['last_reported_at'])}"
        )
    sheet.heading("Counted as the tools counted")
    if not totals.tool_figures:
        sheet.muted("No scanner recorded a figure of its own to hold ours against.")
        return
    sheet.note(
        f"**{totals.tool_figures_reproduced:,} of {totals.tool_figures:,}** figures that scanners "
        "recorded come out the same from the rows that landed; the others say why not."
    )
    _opener(sheet, "Open the figures", "tool_figures", int(totals.tool_figures))
