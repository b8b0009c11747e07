"""Security leadership: where the risk is, where nobody looked, what it takes, what others see."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from app import data
from app.components import panels, url
from app.components.formatting import span, with_unit
from app.components.grid import show_grid
from app.components.page import show_build
from app.components.sheet import Sheet, kept
from app.components.text import plain

TITLE: Final = "Security leadership"
PARTS: Final = {"risk_tier": "Risk tier", "business_unit": "Business unit"}
ENTRIES: Final = 3


def show() -> None:
    """Draw the page."""
    show_build(TITLE, "as of the build; months are calendar months", _show_page)


@kept
def _show_page(sheet: Sheet, generation: data.Generation) -> None:
    risk, alarms = sheet.columns([12, 8])
    with risk, sheet.panel():
        _show_risk(sheet, generation)
    with alarms, sheet.panel():
        _show_alarms(sheet, generation)
        panels.show_threats(sheet, generation)
        _show_incidents(sheet, generation)
    with sheet.container(border=True, gap="xsmall"):
        _show_gaps(sheet, generation)
    capacity, pipeline = sheet.columns(2)
    with capacity, sheet.panel():
        panels.show_capacity(sheet, generation)
    with pipeline, sheet.panel():
        panels.show_pipeline(sheet, generation)
    with sheet.container(border=True, gap="xsmall"):
        _show_benchmarks(sheet, generation)


def _show_risk(sheet: Sheet, generation: data.Generation) -> None:
    sheet.heading("Where the risk is")
    for dimension, label in PARTS.items():
        found = data.table(generation, "risk_by", dimension=dimension)
        if found.empty:
            sheet.muted(
                "No systems and no findings: `program/systems.csv`, `program/findings.csv`."
            )
            return
        show_grid(
            sheet,
            found,
            f"grid-{dimension}",
            alt=f"{label}: systems, failed release gates, open, serious and overdue findings. "
            "Picking one opens its findings.",
            opens=lambda row: url.open_rows("open_findings_of_part", of=str(row["part"])),
            most=290,
            labels={
                "part": label,
                "systems": "Systems",
                "gates_failed": "Gate failed",
                "open_findings": "Open",
                "serious": "Critical, high",
                "overdue": "Overdue",
                "risk_accepted": "Risk accepted",
                "oldest_days": "Oldest, days",
            },
        )
    sheet.muted("Pick a row to open its findings. Systems in production.")


def _show_alarms(sheet: Sheet, generation: data.Generation) -> None:
    found = data.table(generation, "companion_alerts")
    panels.head(sheet, "Companion alarms", "companion_alerts", len(found))
    if found.empty:
        sheet.muted("✓ No metric got better while one that keeps it honest got worse.")
    for _, row in found.head(ENTRIES).iterrows():
        now = with_unit(row["companion_value"], row["companion_unit"])
        before = with_unit(row["companion_previous_value"], row["companion_unit"])
        sheet.note(
            f":red[⚠ **{plain(row['metric_name'])}**]: {plain(row['why'])} "
            f"{plain(str(row['companion_name']).replace('_', ' '))} {now}, was {before}"
        )


def _show_incidents(sheet: Sheet, generation: data.Generation) -> None:
    totals = data.table(generation, "incident_totals")
    incidents = int(totals["incidents"].iloc[0]) if len(totals) else 0
    panels.head(sheet, "Incidents, and what was known", "incidents", incidents)
    if totals.empty:
        sheet.muted("No incident is recorded in `program/incidents.csv`.")
        return
    row = totals.iloc[0]
    words = [
        f"**{row[f'{what}_before']:,.0f}** {word}"
        for what, word in (
            ("tested", "tested for before"),
            ("found", "found before"),
            ("fixed", "once fixed"),
            ("accepted", "accepted as a risk"),
        )
        if not pd.isna(row[f"{what}_before"])
    ]
    sheet.note(f"Of {row['classified_incidents']:,.0f} with a known weakness: {', '.join(words)}")


def _show_gaps(sheet: Sheet, generation: data.Generation) -> None:
    found = data.table(generation, "coverage_gaps")
    panels.head(
        sheet, "Where nobody looked: systems in production, 12 months", "coverage_gaps", len(found)
    )
    if found.empty:
        sheet.muted("No system is in production: `program/systems.csv`.")
        return
    found = found.assign(
        tested=["✓ tested" if flag is True else "✕ not tested" for flag in found["is_tested"]],
        launch=[_launch(row) for _, row in found.iterrows()],
        ways=[
            "not recorded"
            if pd.isna(row["vectors"])
            else f"{row['vectors_tested']:.0f} of {row['vectors']:.0f}"
            for _, row in found.iterrows()
        ],
    )
    show_grid(
        sheet,
        found,
        "grid-gaps",
        alt="Systems in production: tested, techniques untested, ways in tested, last launch. "
        "Picking one opens its techniques.",
        opens=lambda row: url.open_rows("technique_cells", of=str(row["system_id"])),
        most=340,
        labels={
            "tested": "12 months",
            "untested_techniques": "Techniques untested",
            "thin_techniques": "Thin",
            "technique_coverage_rate_value": "Of applicable, tested",
            "ways": "Ways in, tested",
            "automated_scan_frequency_value": "Scans done",
            "launch": "Last launch",
            "last_assessment_at": "Last report",
        },
        order=[
            *("system_name", "risk_tier", "owner_team", "tested", "untested_techniques"),
            *("thin_techniques", "technique_coverage_rate_value", "ways"),
            *("automated_scan_frequency_value", "launch", "last_assessment_at"),
        ],
    )
    sheet.muted("Pick a system to open its techniques, tested and untested.")


def _launch(row: pd.Series[Any]) -> str:
    if pd.isna(row["last_launch_at"]):
        return "none recorded"
    mark = {True: "✓ tested", False: "✕ untested"}.get(row["is_last_launch_tested"], "○ not known")
    return f"{mark}, {row['last_launch_at']:%Y-%m-%d}"


def _show_benchmarks(sheet: Sheet, generation: data.Generation) -> None:
    found = data.table(generation, "benchmarks")
    panels.head(sheet, "Beside public figures", "benchmarks", len(found))
    if found.empty:
        sheet.muted("No figures: `program/benchmarks.csv` adds your own.")
        return
    sheet.muted(
        "**No row says better or worse**: populations, clocks and definitions differ. Read the "
        "caution of a row before its numbers."
    )
    table = found.assign(
        ours=[_own(row) for _, row in found.iterrows()],
        theirs=[with_unit(row["public_value"], row["unit"]) for _, row in found.iterrows()],
        year=[str(year) for year in found["year"]],
    )
    show_grid(
        sheet,
        table,
        "grid-benchmarks",
        alt="Public figures beside ours, each with its source, year, population and caution.",
        most=340,
        labels={
            "ours": "Ours",
            "theirs": "Public",
            "comparability_note": "Counts differently",
            "statistic": "As",
        },
        order=[
            *("metric_name", "segment_value", "ours", "theirs", "statistic", "publisher", "year"),
            *("comparability_note", "population", "caution"),
        ],
    )


def _own(row: pd.Series[Any]) -> str:
    if pd.isna(row["own_value"]):
        return with_unit(None, "")
    size = None if pd.isna(row["own_sample_size"]) else int(row["own_sample_size"])
    text = with_unit(row["own_value"], row["unit"], size)
    if not pd.isna(row["own_interval_low"]) and not pd.isna(row["own_interval_high"]):
        text += f" ({span(row['own_interval_low'], row['own_interval_high'], row['unit'], size)})"
    return text if size is None else f"{text}, n = {size:,}"
