"""Panels that more than one page shows: what emerges, what the team can do, what waits."""

from __future__ import annotations

from typing import Final

import pandas as pd

from app import data
from app.components import plots, url
from app.components.formatting import count_of, day, with_unit
from app.components.pickers import segment_name
from app.components.sheet import Sheet
from app.components.text import plain
from app.components.typography import grey, small
from app.view import Segment, View

ENTRIES: Final = 3
REQUESTS: Final = 6
MIX_DIMENSIONS: Final = ("owner_team", "business_unit", "risk_tier", "system")
"""What marts.severity_distribution is broken down by."""


def head(sheet: Sheet, title: str, rows: str, count: int, empty: str = "Nothing") -> None:
    """Write a heading and the way to all of what it lists."""
    with sheet.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        sheet.heading(title, width="content")
        sheet.button(
            f"Open all {count:,}" if count else empty,
            f"open-{rows}",
            url.open_rows,
            rows,
            disabled=not count,
        )


def show_severity_mix(sheet: Sheet, generation: data.Generation, view: View, height: int) -> None:
    """Draw twelve months of findings by severity; in words where the segment cannot narrow it."""
    segment = view.segment if view.segment.dimension in MIX_DIMENSIONS else Segment()
    found = data.table(
        generation,
        "severity_mix",
        dimension=segment.dimension,
        segment=segment.value,
        end=view.period.end,
    )
    if segment != view.segment:
        sheet.muted("Whole program: not broken down by what is picked above.")
    elif not segment.is_all:
        names = data.system_names(generation)
        sheet.muted(plain(segment_name(segment.dimension, segment.value, names)))
    if not found["findings"].any():
        sheet.muted(
            "No findings in these months. They come from `program/findings.csv` and "
            "`program/finding_events.csv`."
        )
        return
    totals = found.groupby("severity", sort=False)["findings"].sum()
    words = ", ".join(f"{severity} {count:,}" for severity, count in totals.items() if count)
    plots.severity_mix(sheet, found, f"Findings of 12 months by severity: {words}", height)


def show_threats(sheet: Sheet, generation: data.Generation) -> None:
    """Draw the classes and techniques that are new or rising."""
    found = data.table(generation, "emerging_threats")
    head(sheet, "New or rising in 90 days", "emerging_threats", len(found))
    emerging = found[found["verdict"].isin(["new", "rising"])]
    if emerging.empty:
        sheet.muted(
            "✓ No class and no technique is new, or rises more than chance explains."
            if len(found)
            else "Nothing seen in 180 days: `program/findings.csv`, `program/incidents.csv`."
        )
    for _, row in emerging.head(ENTRIES).iterrows():
        counts = [
            f"{count_of(int(row[kind]), kind[:-1])}, {row[f'{kind}_before']:.0f} before"
            for kind in ("findings", "incidents")
            if not pd.isna(row[kind])
        ]
        sheet.lines(
            small(f"▲ **{plain(row['verdict'])}**: {plain(row['threat_id'])}"),
            grey(" · ".join(counts) + f" · {plain(row['system_names'] or 'no system')}"),
        )


def show_capacity(sheet: Sheet, generation: data.Generation) -> None:
    """Draw the hours worked against the capacity, month by month."""
    sheet.heading("Hours worked against capacity")
    found = data.table(generation, "resources")
    if found.empty:
        sheet.muted("Not measured: `program/team_capacity.csv` and `program/effort.csv` fill it.")
        return
    plots.capacity(
        sheet, found, "Hours worked and capacity by month; the latest month in the words below"
    )
    complete = found[~found["is_partial_period"]]
    for _, row in complete.head(1).iterrows():
        worked = [f"**{row['period_start']:%B %Y}**"]
        if not pd.isna(row["utilisation"]):
            worked.append(
                f"{with_unit(row['utilisation'], 'percent')} used "
                f"({row['hours_worked']:,.0f} of {row['capacity_hours']:,.0f} hours)"
            )
        if not pd.isna(row["backlog"]):
            worked.append(f"{count_of(int(row['backlog']), 'request')} waiting at its end")
        sheet.note(" · ".join(worked))


def show_pipeline(sheet: Sheet, generation: data.Generation) -> None:
    """Draw the assessments that were asked for and not delivered."""
    found = data.table(generation, "pipeline")
    head(sheet, "Assessments asked for", "pipeline", len(found))
    if found.empty:
        sheet.muted("Nothing waits. Requests come from `program/assessments.csv`.")
    for _, row in found.head(REQUESTS).iterrows():
        due = "no target" if pd.isna(row["due_at"]) else f"due {day(row['due_at'])}"
        late = ":red[✕ overdue] · " if row["is_overdue"] else ""
        sheet.lines(
            small(f"**{plain(row['system_name'])}** · {plain(row['state'])}"),
            grey(
                f"{late}{plain(str(row['assessment_tier']).replace('_', ' '))} · "
                f"{plain(row['owner_team'])} · asked {day(row['requested_at'])} · {due}"
            ),
        )
