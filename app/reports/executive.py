"""The monthly report of the CISO: core metrics, what got worse, what waits, what is incomplete."""

from __future__ import annotations

from typing import Final

import pandas as pd

from app import data
from app.components import specs
from app.components.formatting import count_of, day, with_unit
from app.components.frame import context_in_words
from app.reports.document import (
    NOTHING,
    Block,
    Picture,
    Report,
    Section,
    columns,
    said,
)
from app.reports.parts import (
    cards,
    due,
    facts,
    incomplete,
    listed_table,
    measure,
    on,
    restatements,
    stamp,
)
from app.reports.words import shown
from app.view import ALL, Period, Segment, View

MOST_WORSENED: Final = 8
MOST_LISTED: Final = 8


def executive(generation: data.Generation, period: Period) -> Report:
    """Return the report of a period."""
    view = View(period, Segment())
    return Report(
        title="AI security, executive report",
        about=period.name + (" (partial period)" if period.is_partial else ""),
        facts=facts(generation, context_in_words(data.context(generation, period))),
        sections=(
            Section("Core metrics", (cards(generation, view, data.cards(generation, view)),)),
            _worsened(generation, view),
            _oldest(generation),
            _untested(generation, view),
            _severity_mix(generation, view),
            _capacity(generation),
            _threats(generation),
            _pipeline(generation),
            restatements(generation, pd.Timestamp(period.start), day(period.start)),
            incomplete(generation),
        ),
        stamp=stamp(generation),
    )


def _worsened(generation: data.Generation, view: View) -> Section:
    found = data.worsened(generation, view)
    if not found:
        return Section("What got worse", (said("Nothing that compares with the period before."),))
    rows = [
        (
            shown(item.metric_name),
            "whole program" if item.system_name is None else shown(item.system_name),
            with_unit(item.value, item.unit, item.sample_size),
            with_unit(item.previous_value, item.unit, item.sample_size),
            f"{item.sample_size:,}",
            "too few to tell"
            if item.sample_size < data.FEWEST_TO_JUDGE
            else ("may be chance" if item.may_be_chance else "beyond chance"),
        )
        for item in found
    ]
    table = listed_table(
        "Against the period before; what chance may explain stands last",
        columns("Metric", "Where", "Now", "Before", "n", "Doubt", numbers=("Now", "Before", "n")),
        rows,
        MOST_WORSENED,
    )
    return Section("What got worse", (table,))


def _oldest(generation: data.Generation) -> Section:
    found = data.oldest_findings(generation, Segment())
    title = "Oldest open critical and high findings"
    if not found:
        return Section(title, (said("✓ No critical or high finding is open."),))
    rows = [
        (
            shown(item.title or item.finding_id),
            shown(item.system_name),
            shown(item.owner_team),
            shown(item.current_severity),
            f"{item.days_open:,}",
            "✕ overdue since " + day(item.due_at)
            if item.is_overdue and item.due_at is not None
            else on(item.due_at),
            shown(item.state),
        )
        for item in found
    ]
    table = listed_table(
        "As of the build, oldest first",
        columns(
            *("Finding", "System", "Team", "Severity", "Days open", "Due", "State"),
            numbers=("Days open",),
        ),
        rows,
        MOST_LISTED,
    )
    return Section(title, (table,))


def _untested(generation: data.Generation, view: View) -> Section:
    found = data.untested_launches(generation, view)
    title = "Went live untested"
    if not found:
        return Section(
            title, (said("✓ Every launch of the last 12 months was assessed before it."),)
        )
    rows = [
        (
            shown(f"{item.system_name} {item.system_version or ''}"),
            shown(item.deployment_type).replace("_", " "),
            day(item.deployed_at),
            shown(item.owner_team),
            f"{shown(item.state)}, no report"
            if item.late_report_at is None
            else f"report only on {day(item.late_report_at)}",
            on(item.planned_start_at),
        )
        for item in found
    ]
    table = listed_table(
        "Launches of the 12 months to the end of the period; still untested first",
        columns("System", "Launch", "Live since", "Team", "Test", "Planned"),
        rows,
        MOST_LISTED,
    )
    return Section(title, (table,))


def _severity_mix(generation: data.Generation, view: View) -> Section:
    found = data.table(generation, "severity_mix", dimension=ALL, segment=ALL, end=view.period.end)
    title = "Findings by severity, 12 months"
    if found.empty or not found["findings"].any():
        return Section(title, (said("No findings: program/findings.csv fills it."),), is_half=True)
    words = "; ".join(
        f"{severity} {int(count):,}"
        for severity, count in found.groupby("severity", sort=False)["findings"].sum().items()
    )
    chart = specs.severity_mix(found, f"Findings of 12 months by severity: {words}", specs.HEIGHT)
    return Section(title, (Picture(chart), said(words + ".", muted=True)), is_half=True)


def _capacity(generation: data.Generation) -> Section:
    found = data.table(generation, "resources")
    title = "Capacity and backlog"
    if found.empty:
        return Section(
            title,
            (said("Not measured: program/team_capacity.csv and program/effort.csv fill it."),),
            is_half=True,
        )
    complete = found[~found["is_partial_period"].astype(bool)]
    blocks: list[Block] = []
    words = "Hours worked and capacity by month"
    for _, row in complete.head(1).iterrows():
        used = measure(row["utilisation"], "percent")
        backlog = (
            "backlog not measured"
            if pd.isna(row["backlog"])
            else f"{count_of(int(row['backlog']), 'request')} waiting at its end"
        )
        overdue = (
            ""
            if pd.isna(row["overdue_requests"])
            else f", {int(row['overdue_requests']):,} overdue"
        )
        sentence = f"{row['period_start']:%B %Y}: utilisation {used}; {backlog}{overdue}."
        blocks.append(said(sentence, muted=True))
        words += f": {sentence}"
    return Section(title, (Picture(specs.capacity(found, words)), *blocks), is_half=True)


def _threats(generation: data.Generation) -> Section:
    found = data.table(generation, "emerging_threats")
    title = "New or rising in 90 days"
    emerging = found[found["verdict"].isin(["new", "rising"])]
    if emerging.empty:
        return Section(
            title,
            (
                said(
                    "✓ No class and no technique is new, or rises more than chance explains."
                    if len(found)
                    else "Nothing seen in 180 days: program/findings.csv, program/incidents.csv."
                ),
            ),
            is_half=True,
        )
    rows = [
        (
            shown(row["threat_id"]),
            f"▲ {shown(row['verdict'])}",
            _moved(row, "findings"),
            _moved(row, "incidents"),
        )
        for _, row in emerging.iterrows()
    ]
    table = listed_table(
        "Weaknesses and techniques, 90 days against the 90 before",
        columns("What", "Verdict", "Findings", "Incidents"),
        rows,
        MOST_LISTED,
    )
    return Section(title, (table,), is_half=True)


def _moved(row: pd.Series[float], kind: str) -> str:
    if pd.isna(row[kind]):
        return NOTHING
    before = row[f"{kind}_before"]
    return f"{row[kind]:,.0f}, before " + (NOTHING if pd.isna(before) else f"{before:,.0f}")


def _pipeline(generation: data.Generation) -> Section:
    found = data.table(generation, "pipeline")
    title = "Assessments asked for"
    if found.empty:
        return Section(title, (said("Nothing waits."),), is_half=True)
    rows = [
        (
            shown(row["system_name"]),
            shown(row["assessment_tier"]).replace("_", " "),
            shown(row["state"]),
            on(row["requested_at"]),
            due(row),
        )
        for _, row in found.iterrows()
    ]
    table = listed_table(
        "Neither delivered nor called off as of the build",
        columns("System", "Depth", "State", "Asked", "Due"),
        rows,
        MOST_LISTED,
    )
    return Section(title, (table,), is_half=True)
