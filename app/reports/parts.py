"""What several reports hold: cards, the stamp, and what is not complete."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from aism.settings import Settings
from app import data
from app.components.card_words import (
    INCOMPLETE,
    alarm_in_words,
    basis,
    change_in_words,
    companions_in_words,
    headline,
    notes_in_words,
    status,
    trend_in_words,
    why_not_measured,
)
from app.components.charts import sparkline_of
from app.components.formatting import NOT_MEASURED, count_of, day, span, with_unit
from app.components.remarks import source
from app.components.text import plain
from app.reports.document import (
    NOTHING,
    Block,
    Cards,
    Line,
    MetricCard,
    Section,
    Table,
    columns,
    line,
    said,
)
from app.reports.words import shown, spoken
from app.view import View

MOST_ROWS: Final = 10
Row = Any


def cards(generation: data.Generation, view: View, found: Iterable[data.Card]) -> Cards:
    """Return metrics as cards, worded as on the pages."""
    return Cards(tuple(_card(generation, card, view) for card in found))


def _card(generation: data.Generation, card: data.Card, view: View) -> MetricCard:
    value = card.value
    notes = [alarm_in_words(alarm, view) for alarm in card.alarms]
    if card.is_incomplete:
        notes.append(INCOMPLETE)
    if value is None or value.value is None:
        change, color = None, ""
        notes.insert(0, why_not_measured(card, view))
        standing = status(card, view) if value is None else ":gray[○ Not measured]"
    else:
        change, shade, _ = change_in_words(card, value, view)
        color = {"green": "green", "red": "red"}.get(shade, "gray")
        trend = trend_in_words(card, view)
        notes = [
            *([trend] if trend else []),
            *notes_in_words(generation, card, value, view),
            *notes,
        ]
        standing = status(card, view)
    notes += [f"✎ {plain(remark.text)} ({source(remark)})" for remark in card.remarks]
    return MetricCard(
        metric_id=card.metric.metric_id,
        name=shown(card.metric.name),
        question=shown(card.metric.question),
        headline=headline(card) if change is not None else NOT_MEASURED,
        change=() if change is None else line(change, color),
        basis="" if change is None else basis(card),
        status=spoken(standing),
        notes=tuple(spoken(note) for note in notes),
        companions=spoken(companions_in_words(card)),
        chart=None if change is None else sparkline_of(card),
        values=tuple(point.value for point in card.trend) if change is not None else (),
    )


def guidance(item: Row) -> str:
    """Return what policy and ATLAS say to do about a finding."""
    words = []
    if isinstance(item["guidance"], str):
        words.append(shown(item["guidance"]))
    if isinstance(item["mitigation_names"], str):
        words.append(f"ATLAS: {shown(item['mitigation_names'])}.")
    return " ".join(words) or "no guidance for its weakness or technique"


def facts(generation: data.Generation, *more: str) -> tuple[Line, ...]:
    """Return which numbers these are, for the head of a report."""
    build = data.build(generation)
    lines = []
    if Settings.from_environment().is_sample:
        lines.append(line("Sample data (synthetic)", "orange", strong=True))
    lines.append(
        line(
            f"As of {day(build.as_of)}" + (", set by the data" if build.data_carries_as_of else "")
        )
    )
    return (*lines, *(line(words) for words in more if words))


def stamp(generation: data.Generation) -> tuple[str, ...]:
    """Return what tells this report from any other; of the moment it was made it says nothing."""
    totals = data.table(generation, "trust_totals").iloc[0]
    return (
        f"Generation {totals['generation']:,} as of {totals['as_of']:%Y-%m-%d}, from "
        f"{count_of(int(totals['files']), 'file')} "
        f"(fingerprint {str(totals['landing_sha256'])[:12]}); "
        f"{_incomplete_in_words(totals)}.",
        "Not measured is never 0. Intervals are 95 %; attack rates take repeats of a prompt as "
        "alike. Every number opens into its rows in the app (aism app).",
    )


def _incomplete_in_words(totals: Row) -> str:
    cut = int(totals["files"] - totals["complete_files"])
    return (
        f"{count_of(cut, 'file is', 'files are')} cut short, "
        f"{count_of(int(totals['rows_quarantined']), 'row is', 'rows are')} held back, "
        f"{count_of(int(totals['checks_warned']), 'check of deliveries', 'checks of deliveries')} "
        "warned"
    )


def incomplete(generation: data.Generation) -> Section:
    """Return what is missing from the numbers: files cut short, rows held back."""
    totals = data.table(generation, "trust_totals").iloc[0]
    files = data.table(generation, "source_files", of=None)
    cut = files[~files["is_complete"].astype(bool)].sort_values("file_name")
    reasons = data.table(generation, "quarantine_reasons")
    blocks: list[Block] = [said(f"{_incomplete_in_words(totals)}.")]
    if len(cut):
        rows = [
            (shown(row["file_name"]), shown(row["source"]), f"{row['rows_loaded']:,}")
            for _, row in cut.iterrows()
        ]
        blocks.append(
            listed_table(
                "Files cut short or unreadable: what came of them counts",
                columns("File", "Source", "Rows", numbers=("Rows",)),
                rows,
            )
        )
    if len(reasons):
        rows = [
            (
                shown(row["reason"]).replace("_", " "),
                shown(row["source"]),
                f"{row['rows_quarantined']:,}",
            )
            for _, row in reasons.iterrows()
        ]
        blocks.append(
            listed_table(
                "Rows held back, by reason",
                columns("Reason", "Source", "Rows", numbers=("Rows",)),
                rows,
            )
        )
    return Section("What is incomplete", tuple(blocks), is_half=True)


def restatements(generation: data.Generation, since: pd.Timestamp, when: str) -> Section:
    """Return the published numbers of complete periods that changed since a day."""
    found = data.table(generation, "restatements", of=None)
    recent = found[pd.to_datetime(found["changed_at"]) >= since]
    title = "Restated since the last report"
    if recent.empty:
        return Section(
            title,
            (said(f"✓ No published number of a complete period has changed since {when}."),),
            is_half=True,
        )
    shown_rows = [
        (
            f"{shown(row['metric_name'])}, {row['period_start']:%Y-%m-%d} "
            f"({shown(row['period_grain']).replace('_', ' ')})"
            + (
                ""
                if row["segment_dimension"] == "all"
                else f", {shown(row['segment_dimension'])} {shown(row['segment_value'])}"
            ),
            measure(row["published_value"], row["unit"]),
            measure(row["new_value"], row["unit"]),
            shown(row["cause"]),
        )
        for _, row in recent.iterrows()
    ]
    return Section(
        title,
        (
            said(f"{count_of(len(recent), 'number')} changed since {when}."),
            listed_table(
                "Numbers of complete periods as published, and as they stand now",
                columns("Metric", "As published", "Now", "Cause", numbers=("As published", "Now")),
                shown_rows,
            ),
        ),
    )


def listed_table(
    caption: str,
    heads: tuple[Any, ...],
    rows: Iterable[tuple[str, ...]],
    most: int | None = MOST_ROWS,
) -> Table:
    """Return a table of at most ``most`` rows that says how many it leaves out."""
    rows = tuple(rows)
    kept = rows if most is None else rows[:most]
    if len(kept) < len(rows):
        caption += f" (the first {len(kept):,} of {len(rows):,})"
    return Table(caption, heads, kept)


def measure(value: Any, unit: Any, size: Any = None) -> str:
    """Return a value of a table with its unit, or that it is not measured."""
    if pd.isna(value):
        return NOT_MEASURED
    return with_unit(
        float(value),
        unit if isinstance(unit, str) else "",
        None if size is None or pd.isna(size) else int(size),
    )


def between(low: Any, high: Any, unit: str, size: Any = None) -> str:
    """Return an interval, a dash where there is none."""
    if pd.isna(low) or pd.isna(high):
        return NOTHING
    return span(float(low), float(high), unit, None if size is None or pd.isna(size) else int(size))


def on(moment: Any) -> str:
    """Return a day, a dash where there is none."""
    return NOTHING if pd.isna(moment) else day(moment)


def due(row: Row) -> str:
    """Return when something is due, and first that it is overdue."""
    return ("✕ overdue, " if row["is_overdue"] else "") + on(row["due_at"])


def finding_name(row: Row) -> str:
    """Return a finding's title, its id where it has none."""
    return shown(row["title"] if isinstance(row["title"], str) else row["finding_id"])


def counted(value: Any) -> str:
    """Return a count, or that it is not measured."""
    return NOT_MEASURED if pd.isna(value) else f"{int(value):,}"
