"""Data trust: what was delivered, what was held back and why, what changed after publication."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import data
from app.components import url
from app.components.formatting import count_of, day
from app.components.grid import show_grid
from app.components.page import show_build
from app.components.text import plain
from app.components.typography import link, muted, note

TITLE: Final = "Data trust"
ENTRIES: Final = 3
MOST_SOURCES: Final = 430
SHORT_HASH: Final = 12

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


def _show_page(generation: data.Generation) -> None:
    if generation.team is not None:
        st.info(
            "Files, rows held back and checks of deliveries are about all teams, so they are not "
            "in the file of one. Ask whoever runs this app."
        )
        with st.container(border=True, gap="xsmall"):
            _show_sources(generation)
        return
    totals = data.table(generation, "trust_totals").iloc[0]
    _show_totals(totals)
    sources, held_back = st.columns([13, 7], gap="small")
    with sources.container(border=True, height="stretch", gap="xsmall"):
        _show_sources(generation)
    with held_back.container(border=True, height="stretch", gap="xsmall"):
        _show_held_back(generation)
        _show_checks(generation)
    lines, others = st.columns([13, 7], gap="small")
    with lines.container(border=True, height="stretch", gap="xsmall"):
        _show_lines_to_add(generation)
    with others.container(border=True, height="stretch", gap="xsmall"):
        _show_tests(generation)
        _show_restatements(generation)
        _show_exclusions(generation, totals)


def _show_totals(totals: pd.Series[Any]) -> None:
    files, rows, held, checks, build = st.columns([1, 1.2, 1, 1, 1.5], gap="small")
    with _tile(files, "Files read to their end"):
        _figure(f"{totals.complete_files:,} of {totals.files:,}")
        cut = int(totals.files - totals.complete_files)
        note(
            f":orange[◧ {cut:,} cut short]: counted as far as they go"
            if cut
            else ":green[✓ all complete]"
        )
        _opener("Open the files", "source_files", int(totals.files))
    with _tile(rows, "Rows that count"):
        _figure(f"{totals.rows_loaded:,}")
        note(
            f"{totals.rows_read:,} read: {totals.rows_loaded:,} loaded, "
            f"{totals.rows_superseded:,} superseded, {totals.rows_quarantined:,} held back"
        )
        wrong = int(totals.files_that_do_not_add_up)
        note(
            f":red[✕ **{count_of(wrong, 'file does', 'files do')} not add up**]"
            if wrong
            else ":green[✓ adds up in every file]"
        )
    with _tile(held, "Rows held back"):
        _figure(f"{totals.rows_quarantined:,}")
        note("in quarantine, each with its reason" if totals.rows_quarantined else "none")
        _opener("Open the rows", "quarantined_rows", int(totals.rows_quarantined))
    with _tile(checks, "Delivery checks that warn"):
        _figure(f"{totals.checks_warned:,} of {totals.checks:,}")
        note("a warning blocks nothing" if totals.checks_warned else ":green[✓ all passed]")
        _opener("Open the warnings", "delivery_checks", int(totals.checks_warned))
    with _tile(build, "This build"):
        _figure(f"Generation {totals.generation:,}")
        note(
            f"as of {day(totals.as_of)}, published {totals.published_at:%Y-%m-%d %H:%M} UTC, "
            f"started {totals.built_at:%H:%M}"
        )
        muted(
            f"project {plain(totals.project_version)}, commit "
            f"{plain(_short(totals.git_commit))}, dbt {plain(totals.dbt_version)}, DuckDB "
            f"{plain(totals.engine_version)}, landing {plain(_short(totals.landing_sha256))}"
        )


def _tile(column: Any, title: str) -> Any:
    tile = column.container(border=True, height="stretch", gap="xxsmall")
    with tile:
        muted(title)
    return tile


def _figure(text: str) -> None:
    st.markdown(f"#### {text}", anchors=False)


def _short(text: object) -> str:
    if not isinstance(text, str):
        return "unknown"
    name, _, rest = text.partition("-")
    return name[:SHORT_HASH] + (f"-{rest}" if rest else "")


def _opener(label: str, rows: str, count: int, of: str | None = None) -> None:
    if count:
        st.button(
            link(label),
            key=f"open-{rows}-{of}",
            type="tertiary",
            on_click=url.open_rows,
            args=(rows,),
            kwargs={"of": of},
        )


def _show_sources(generation: data.Generation) -> None:
    st.markdown("##### Sources", anchors=False)
    found = data.table(generation, "sources")
    if found.empty:
        muted(
            "Nothing was delivered. Put exports into the landing folder, `program/systems.csv` "
            "first, and run `aism build`."
        )
        return
    found.insert(1, "standing", [_standing(row) for _, row in found.iterrows()])
    show_grid(
        found.drop(columns="warned_checks").dropna(axis="columns", how="all"),
        "grid-sources",
        alt="Sources: how they stand, newest entry, age, rows, rows held back. Picking one opens "
        "its files.",
        opens=lambda row: url.open_rows("source_files", of=str(row["source"])),
        most=MOST_SOURCES,
        labels={"standing": "Stands"},
    )
    muted(
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


def _show_held_back(generation: data.Generation) -> None:
    st.markdown("##### Held back, and why", anchors=False)
    found = data.table(generation, "quarantine_reasons")
    if found.empty:
        muted("✓ Nothing is held back: every row read counts or was superseded.")
        return
    found["reason_in_words"] = found["reason"].str.replace("_", " ")
    show_grid(
        found,
        "grid-reasons",
        alt="Reasons for which rows are held back, by source. Picking one opens its rows.",
        opens=lambda row: url.open_rows("quarantined_rows", of=str(row["reason"])),
        most=190,
        labels={"reason_in_words": "Reason"},
        order=["reason_in_words", "source", "rows_quarantined"],
    )


def _show_checks(generation: data.Generation) -> None:
    st.markdown("##### Checks of deliveries", anchors=False)
    found = data.table(generation, "checks")
    if found.empty:
        muted("Not judged yet: `aism build` or `aism check` does.")
        return
    found["in_words"] = [CHECKS.get(name, name) for name in found["check_name"]]
    show_grid(
        found,
        "grid-checks",
        alt="Checks: how many deliveries warned, passed, or were not judged. Picking one opens it.",
        opens=lambda row: url.open_rows("delivery_checks", of=str(row["check_name"])),
        most=240,
        labels={"in_words": "Expected", "not_applicable": "Not judged"},
        order=["in_words", "warned", "passed", "not_applicable"],
    )


def _show_tests(generation: data.Generation) -> None:
    st.markdown("##### Tests by quality dimension", anchors=False)
    found = data.table(generation, "tests_by_dimension")
    if not found["tests"].any():
        muted("Not recorded: `aism build` tests what it builds and keeps how each test ended.")
        return
    show_grid(
        found[["dimension", "tests", "passed", "warned"]],
        "grid-tests",
        alt="Tests of this build by quality dimension: how many, passed, warned. Picking one opens "
        "its tests.",
        opens=lambda row: url.open_rows("test_results", of=str(row["dimension"])),
        most=230,
        labels={"dimension": "Dimension", "tests": "Tests", "passed": "Passed", "warned": "Warned"},
    )
    fresh = found[found["dimension"] == "timeliness"].iloc[0]
    muted(
        "A build with a failed test is not published. Timeliness is checked of each source: "
        f"{fresh['delivery_checks'] - fresh['delivery_checks_warned']:,.0f} of "
        f"{fresh['delivery_checks']:,.0f} are new enough."
    )


def _show_restatements(generation: data.Generation) -> None:
    found = data.table(generation, "restatement_causes")
    st.markdown("##### Published numbers that changed", anchors=False)
    if found.empty:
        muted(
            "✓ Nothing changed. A number of a complete period that changes after it was published "
            "would be listed here with both values and the cause."
        )
        return
    for _, row in found.iterrows():
        cause = str(row["cause"])
        note(
            f"**{count_of(int(row['restated_values']), 'number')}** of "
            f"{count_of(int(row['metrics']), 'metric')}: {plain(CAUSES.get(cause, cause))}, "
            f"last on {day(row['changed_at'])}"
        )
        _opener("Open them", "restatements", 1, cause)


def _show_lines_to_add(generation: data.Generation) -> None:
    st.markdown("##### Lines that would count more", anchors=False)
    gaps = data.table(generation, "inventory_gaps")
    values = data.table(generation, "unmapped_values")
    lost = data.table(generation, "lost_remarks")
    for _, row in lost.head(ENTRIES).iterrows():
        note(
            f"No metric is called {plain(row['metric_id'])}: no card shows the remark "
            f"{plain(row['annotation_id'])} of `program/annotations.csv`."
        )
    if gaps.empty and values.empty and lost.empty:
        muted("✓ Every target has a system, every value a policy.")
        return
    for _, row in gaps.head(ENTRIES).iterrows():
        note(
            f"{plain(str(row['gap']).capitalize())}: {plain(row['entity_id'])}. Add to "
            f"{plain(row['register'])}:"
        )
        st.code(row["line_to_add"], language=None, wrap_lines=True)
    _opener(f"Open the {count_of(len(gaps), 'gap')}", "inventory_gaps", len(gaps))
    for _, row in values.head(ENTRIES - len(gaps.head(ENTRIES - 1))).iterrows():
        note(
            f"{plain(row['source'])} {plain(row['field'])} {plain(row['value'])}, "
            f"{count_of(int(row['occurrences']), 'attempt')}. Add to {plain(row['policy'])}:"
        )
        st.code(row["line_to_add"], language=None, wrap_lines=True)
    _opener(f"Open the {count_of(len(values), 'unmapped value')}", "unmapped_values", len(values))


def _show_exclusions(generation: data.Generation, totals: pd.Series[Any]) -> None:
    st.markdown("##### Left out on purpose", anchors=False)
    found = data.table(generation, "exclusions")
    if found.empty:
        muted("No record is held out of the metrics.")
    for _, row in found.iterrows():
        reason = str(row["exclusion_reason"]).replace("_", " ")
        note(
            f"**{count_of(int(row['findings']), 'record')}** of {plain(row['source'])}: "
            f"{plain(reason)}, {day(row['first_reported_at'])} to {day(row['last_reported_at'])}"
        )
    st.markdown("##### Counted as the tools counted", anchors=False)
    if not totals.tool_figures:
        muted("No scanner recorded a figure of its own to hold ours against.")
        return
    note(
        f"**{totals.tool_figures_reproduced:,} of {totals.tool_figures:,}** figures that scanners "
        "recorded come out the same from the rows that landed; the others say why not."
    )
    _opener("Open the figures", "tool_figures", int(totals.tool_figures))
