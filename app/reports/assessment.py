"""The report of one assessment: when, what was tried, what was found and what became of it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from aism.errors import UsageError
from app import data
from app.components.formatting import NOT_MEASURED, count_of, listed
from app.components.scorecard_panels import SEVERITIES, summary
from app.reports.document import (
    NOTHING,
    Block,
    Paragraph,
    Report,
    Section,
    columns,
    said,
)
from app.reports.parts import (
    between,
    counted,
    due,
    facts,
    finding_name,
    guidance,
    listed_table,
    measure,
    on,
    stamp,
)
from app.reports.words import shown, spoken

MOST_NAMED = 5
Row = Any


def assessment(generation: data.Generation, name: str | None) -> Report:
    """Return the report of an assessment that was delivered, or asked for and not called off.

    Raises:
        UsageError: no assessment has this id; the message names the latest ones.
    """
    delivered = data.table(generation, "assessment_summaries", of=None)
    waiting = data.table(generation, "pipeline")
    for known, build in ((delivered, _delivered), (waiting, _waiting)):
        row = known[known["assessment_id"] == name]
        if len(row):
            return build(generation, row.iloc[0])
    ids = [*delivered["assessment_id"], *waiting["assessment_id"]]
    if not ids:
        raise UsageError("No assessment is known: they come from program/assessments.csv.")
    asked = (
        "Which assessment?"
        if name is None
        else f"No assessment {shown(name)!r} was delivered or waits."
    )
    latest = listed([shown(known) for known in ids[:MOST_NAMED]])
    raise UsageError(f"{asked} --assessment takes one of {len(ids):,}, such as {latest}.")


def _delivered(generation: data.Generation, row: Row) -> Report:
    return Report(
        title=f"Assessment {shown(row['assessment_id'])} of {shown(row['system_name'])}",
        about=f"{_depth(row)} assessment, report of {on(row['report_delivered_at'])}",
        facts=facts(generation),
        sections=(
            Section("Summary", (Paragraph(spoken(summary(row))), _dates(row)), is_half=True),
            Section("Findings by severity", tuple(_severities(row)), is_half=True),
            Section("Findings that are open", (_findings(generation, row),)),
            Section("Techniques", tuple(_techniques(generation, row))),
            Section("Attack runs while it lasted", (_runs(generation, row),)),
        ),
        stamp=stamp(generation),
    )


def _waiting(generation: data.Generation, row: Row) -> Report:
    blocks: list[Block] = [
        said(
            f"{shown(row['state']).capitalize()}. No report was delivered: nothing is counted yet."
        ),
        _table(
            "When",
            [
                ("Asked for", on(row["requested_at"])),
                ("Planned to start", on(row["planned_start_at"])),
                ("Started", on(row["started_at"])),
                ("Due", due(row)),
            ],
        ),
    ]
    return Report(
        title=f"Assessment {shown(row['assessment_id'])} of {shown(row['system_name'])}",
        about=f"{_depth(row)} assessment, not delivered",
        facts=facts(generation),
        sections=(Section("Where it stands", tuple(blocks)),),
        stamp=stamp(generation),
    )


def _depth(row: Row) -> str:
    return shown(row["assessment_tier"]).replace("_", " ").capitalize()


def _dates(row: Row) -> Block:
    version = row["system_version"]
    launch = shown(version) if isinstance(version, str) else NOTHING
    return _table(
        "What and when",
        [
            ("System", shown(row["system_name"])),
            ("Team", shown(row["owner_team"])),
            ("Version", launch),
            ("Version live since", on(row["deployed_at"])),
            ("Asked for", on(row["requested_at"])),
            ("Started", on(row["started_at"])),
            ("Report delivered", on(row["report_delivered_at"])),
        ],
    )


def _table(caption: str, rows: list[tuple[str, ...]]) -> Block:
    return listed_table(caption, columns("What", ""), rows, None)


def _severities(row: Row) -> list[Block]:
    if pd.isna(row["findings"]):
        return [
            said(f"Findings: {NOT_MEASURED}. program/findings.csv names the assessment of each.")
        ]
    rows: list[tuple[str, ...]] = [
        (severity.capitalize(), counted(row[f"{severity}_findings"])) for severity in SEVERITIES
    ]
    rows += [
        ("All", counted(row["findings"])),
        ("Of these open", counted(row["open_findings"])),
        ("Of these with a confirmed fix", counted(row["fixed_findings"])),
        ("Of these false positives", counted(row["false_positives"])),
    ]
    return [
        listed_table(
            "Findings that name this assessment, duplicates left out; severity at report",
            columns("Severity or state", "Findings", numbers=("Findings",)),
            rows,
            None,
        )
    ]


def _findings(generation: data.Generation, row: Row) -> Block:
    if pd.isna(row["findings"]):
        return said("Not recorded.")
    found = data.table(generation, "open_findings_of_assessment", of=row["assessment_id"])
    if found.empty:
        return said("✓ None of its findings is open.")
    rows = [
        (
            finding_name(item),
            shown(item["finding_id"]),
            shown(item["severity"]),
            shown(item["current_severity"]),
            shown(item["state"]),
            on(item["reported_at"]),
            due(item),
            f"{item['days_open']:,.0f}",
            guidance(item),
        )
        for _, item in found.iterrows()
    ]
    return listed_table(
        "As of the build, worst first",
        columns(
            *("Finding", "Id", "At report", "Now", "State", "Reported", "Due", "Days open"),
            "What to do",
            numbers=("Days open",),
        ),
        rows,
        None,
    )


def _techniques(generation: data.Generation, row: Row) -> list[Block]:
    ways = row["input_vectors_tested"]
    vectors = said(
        f"Ways in tried: {NOT_MEASURED}; program/assessment_input_vectors.csv lists them."
        if pd.isna(ways)
        else f"Ways in tried: {count_of(int(ways), 'way')}."
    )
    found = data.table(generation, "assessment_techniques", of=row["assessment_id"])
    if found.empty:
        return [
            said(f"Techniques: {NOT_MEASURED}; program/assessment_techniques.csv lists them."),
            vectors,
        ]
    tested = found["is_tested"].astype(bool)
    rows = [
        (
            shown(item["technique_id"]),
            shown(item["technique_name"]) if isinstance(item["technique_name"], str) else NOTHING,
            "● tested" if item["is_tested"] else "○ not tested",
        )
        for _, item in found.iterrows()
    ]
    return [
        said(
            f"{int(tested.sum()):,} of {count_of(len(found), 'applicable technique')} tested, "
            f"{measure(100 * tested.mean(), 'percent')}."
        ),
        vectors,
        listed_table("Techniques that apply", columns("Technique", "Name", "State"), rows, None),
    ]


def _runs(generation: data.Generation, row: Row) -> Block:
    if pd.isna(row["started_at"]):
        return said("When it began is not recorded, so no run can be told to be its own.")
    found = data.table(generation, "assessment_runs", of=row["assessment_id"])
    if found.empty:
        return said("No scanner run on the system between its start and its report has landed.")
    rows = [
        (
            f"{shown(item['attack'])}, {shown(item['strategy'])}",
            f"{shown(item['tool'])} {shown(item['run_id'])}",
            measure(item["attack_success_rate"], "percent", item["prompts"]),
            between(item["interval_low"], item["interval_high"], "percent", item["prompts"]),
            counted(item["prompts"]),
            counted(item["attempts"]),
            counted(item["unscored"]),
        )
        for _, item in found.iterrows()
    ]
    return listed_table(
        "Runs on the system from its start to its report, primary judges; n counts prompts",
        columns(
            *("Attack", "Run", "Success", "95 % interval", "n", "Attempts", "Not judged"),
            numbers=("Success", "95 % interval", "n", "Attempts", "Not judged"),
        ),
        rows,
        30,
    )
