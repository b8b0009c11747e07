"""The quarterly report of the board: five numbers, this year against the last, evidence."""

from __future__ import annotations

from typing import Any

import pandas as pd

from app import data
from app.components.formatting import count_of, day
from app.components.frame import context_in_words
from app.components.marks import marked
from app.components.posture import FRAMEWORKS, POSTURE, VERDICTS, side_in_words
from app.reports.document import Block, Report, Section, columns, said
from app.reports.parts import cards, counted, facts, incomplete, listed_table, restatements, stamp
from app.reports.words import shown
from app.view import Period, Segment, View


def board(generation: data.Generation, period: Period) -> Report:
    """Return the report of a period, a quarter unless asked otherwise."""
    view = View(period, Segment())
    found = data.cards(generation, view, POSTURE)
    return Report(
        title="AI security, report to the board and audit committee",
        about=period.name + (" (partial period)" if period.is_partial else ""),
        facts=facts(generation, context_in_words(data.context(generation, period))),
        sections=(
            Section("Posture in five numbers", (cards(generation, view, found),)),
            _year(generation),
            _compliance(generation),
            restatements(generation, pd.Timestamp(period.start), day(period.start)),
            incomplete(generation),
        ),
        stamp=stamp(generation),
    )


def _year(generation: data.Generation) -> Section:
    found = data.table(generation, "year_over_year")
    title = "This year against the last"
    measured = found.dropna(subset=["value"])
    if measured.empty:
        return Section(title, (said("Not measured."),))
    start, end = measured["period_start"].iloc[0], measured["period_end"].iloc[0]
    rows = [
        (
            shown(row["metric_name"]),
            VERDICTS.get(row["verdict"], f"· {shown(row['verdict'])}"),
            side_in_words(row, ""),
            side_in_words(row, "previous_"),
            marked(row["target_status"]),
        )
        for _, row in measured.iterrows()
    ]
    blocks: list[Block] = [
        listed_table(
            f"Twelve months from {day(start)} up to {day(end)}, and the twelve before. Better or "
            "worse only beyond chance, with ten things on each side",
            columns("Metric", "Change", "This year", "Year before", "Target"),
            rows,
            None,
        )
    ]
    absent = found[found["value"].isna()]
    if len(absent):
        names = ", ".join(shown(name) for name in absent["metric_name"])
        blocks.append(said(f"{count_of(len(absent), 'metric')} not measured: {names}.", muted=True))
    return Section(title, tuple(blocks))


def _compliance(generation: data.Generation) -> Section:
    found = data.table(generation, "frameworks")
    title = "Controls with evidence"
    if found.empty:
        return Section(title, (said("Not measured: nobody keeps program/control_evidence.csv."),))
    kinds = {
        "✓ Met": "met",
        "◐ Partly": "partially_met",
        "✕ Not met": "not_met",
        "◇ Stale": "stale",
        "○ Not assessed": "not_assessed",
        "Controls": "controls",
    }
    rows = [_framework(row, kinds) for _, row in found.iterrows()]
    table = listed_table(
        "Not assessed is no failure, and no pass. Stale evidence, older than twelve months, "
        "counts for nothing",
        columns("Framework", *kinds, numbers=tuple(kinds)),
        rows,
        None,
    )
    return Section(title, (table,))


def _framework(row: pd.Series[Any], kinds: dict[str, str]) -> tuple[str, ...]:
    key = str(row["framework"])
    name = FRAMEWORKS.get(key, shown(key))
    if isinstance(row["edition"], str):
        name += f" ({shown(row['edition'])})"
    return (name, *(counted(row[kind]) for kind in kinds.values()))
