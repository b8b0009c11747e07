"""The report of one team: each of its systems, what is open and what the version still needs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from aism.errors import UsageError
from app import data
from app.components import specs
from app.components.formatting import NOT_MEASURED, count_of, day, listed, with_unit
from app.components.marks import marked
from app.components.scorecard import still_needed
from app.components.scorecard_panels import summary
from app.reports.document import (
    NOTHING,
    Block,
    Paragraph,
    Picture,
    Report,
    Section,
    Table,
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
    stamp,
)
from app.reports.words import shown, spoken

MOST_TECHNIQUES = 12
MOST_REPORTS = 3
Row = Any


def team(generation: data.Generation, name: str | None) -> Report:
    """Return the report of a team, from its own file where it has one.

    Only what the report says of the build itself comes from the whole generation.

    Raises:
        UsageError: no system belongs to this team; the message names the teams.
    """
    teams = data.table(generation, "teams_with_systems")["owner_team"].to_list()
    if not teams:
        raise UsageError("No team owns a system: program/systems.csv names systems and teams.")
    if name is None or name not in teams:
        asked = "Which team?" if name is None else f"No system belongs to team {shown(name)!r}."
        raise UsageError(f"{asked} --team takes one of {listed(sorted(map(shown, teams)))}.")
    part = data.part_of(generation, name)
    found = data.table(part, "scorecards", team=name)
    sections = [_overview(found)]
    for _, row in found.iterrows():
        sections += _system(part, row)
    return Report(
        title=f"AI security of team {shown(name)}",
        about=f"{count_of(len(found), 'system')} as of the build",
        facts=facts(generation),
        sections=tuple(sections),
        stamp=stamp(generation),
    )


def _overview(found: pd.DataFrame) -> Section:
    rows = [
        (
            shown(row["system_name"]),
            shown(row["risk_tier"]),
            marked(row["gate_verdict"]) if isinstance(row["gate_verdict"], str) else NOT_MEASURED,
            counted(row["open_findings"]),
            counted(row["open_overdue"]),
            _coverage(row, "technique_coverage_rate"),
            _coverage(row, "input_vector_coverage_rate"),
            _launch(row),
        )
        for _, row in found.iterrows()
    ]
    names = ("Techniques", "Ways in")
    table = listed_table(
        "Coverage of the twelve months up to the latest complete month; the rest as of the build",
        columns(
            *("System", "Risk", "Gate", "Open findings", "Overdue", *names, "Last launch"),
            numbers=("Open findings", "Overdue"),
        ),
        rows,
        None,
    )
    return Section("Systems at a glance", (table,))


def _coverage(row: Row, metric_id: str) -> str:
    value, whole = row[f"{metric_id}_value"], row[f"{metric_id}_denominator"]
    if pd.isna(value) or pd.isna(whole):
        return NOT_MEASURED
    tested = row[f"{metric_id}_numerator"]
    return f"{measure(value, 'percent')}, {tested:,.0f} of {whole:,.0f}"


def _launch(row: Row) -> str:
    if pd.isna(row["last_launch_at"]):
        return NOTHING
    tested = row["is_last_launch_tested"]
    if pd.isna(tested):
        return f"{day(row['last_launch_at'])}, {NOT_MEASURED}"
    return f"{day(row['last_launch_at'])}, " + ("✓ tested" if tested else "✕ untested")


def _system(generation: data.Generation, row: Row) -> list[Section]:
    name = shown(row["system_name"])
    return [
        Section(f"{name}: release gate", tuple(_gate(row)), is_half=True),
        Section(f"{name}: latest assessments", tuple(_reports(generation, row)), is_half=True),
        Section(f"{name}: open findings and what to do", (_findings(generation, row),)),
        Section(f"{name}: attack success by technique", tuple(_techniques(generation, row))),
    ]


def _gate(row: Row) -> list[Block]:
    verdict = row["gate_verdict"]
    if not isinstance(verdict, str):
        return [said("○ No version is known: program/deployments.csv names versions.")]
    guard = row["gate_configuration"]
    version = f"version {shown(row['gate_version'])}"
    if isinstance(guard, str) and guard != "none":
        version += f" with {shown(guard)}"
    blocks: list[Block] = [said(f"{marked(verdict)}: {version}, {shown(row['gate_reason'])}.")]
    if pd.isna(row["gate_upper_bound"]) or pd.isna(row["gate_successes"]):
        blocks.append(said(f"Attack success {NOT_MEASURED}."))
    else:
        judged = int(row["gate_successes"] + row["gate_resisted"])
        blocks.append(
            said(
                f"{row['gate_successes']:,.0f} of {count_of(judged, 'judged attempt')} got "
                f"through, {measure(row['gate_attack_success_rate'], 'percent', judged)}; bounds "
                f"{between(row['gate_lower_bound'], row['gate_upper_bound'], 'percent')} on "
                f"{count_of(int(row['gate_prompts']), 'independent prompt')}; limit "
                f"{measure(row['gate_limit'], 'percent')}."
            )
        )
    blocks.append(Paragraph(spoken(f"**What is still needed**: {still_needed(row)}.")))
    if isinstance(row["gate_caution"], str):
        blocks.append(
            Paragraph(spoken(":orange[△ Caution]: ") + said(shown(row["gate_caution"])).line)
        )
    return blocks


def _reports(generation: data.Generation, row: Row) -> list[Block]:
    found = data.table(generation, "assessment_summaries", of=row["system_id"])
    if found.empty:
        return [said("No report was delivered: assessments come from program/assessments.csv.")]
    blocks: list[Block] = []
    for _, report in found.head(MOST_REPORTS).iterrows():
        depth = shown(report["assessment_tier"]).replace("_", " ")
        lead = f"{shown(report['assessment_id'])}, {depth}, {day(report['report_delivered_at'])}: "
        blocks.append(Paragraph(said(lead).line + spoken(summary(report))))
    return blocks


def _findings(generation: data.Generation, row: Row) -> Block:
    if pd.isna(row["open_findings"]):
        return said("○ Not recorded: program/findings.csv and program/finding_events.csv.")
    found = data.table(generation, "findings_with_guidance", of=row["system_id"])
    if found.empty:
        return said("✓ Nothing is open.")
    rows = [
        (
            finding_name(item),
            shown(item["current_severity"]),
            shown(item["state"]),
            due(item),
            f"{item['days_open']:,.0f}",
            guidance(item),
        )
        for _, item in found.iterrows()
    ]
    return listed_table(
        "Worst first",
        columns(
            *("Finding", "Severity", "State", "Due", "Days open", "What to do"),
            numbers=("Days open",),
        ),
        rows,
        None,
    )


def _techniques(generation: data.Generation, row: Row) -> list[Block]:
    found = data.table(generation, "system_techniques", system=row["system_id"])
    if found.empty:
        return [said("Not measured: no attempt with a technique was judged in 12 months.")]
    drawn = found.head(MOST_TECHNIQUES)
    names = [
        shown(f"{cell['technique_id'].removeprefix('AML.')} {_short(cell['technique_name'])}")
        for _, cell in drawn.iterrows()
    ]
    rate, low, high = (
        drawn[key] for key in ("attack_success_rate", "interval_low", "interval_high")
    )
    bars = pd.DataFrame(
        {
            "name": names,
            "value": rate.to_list(),
            "low": low.fillna(rate).to_list(),
            "high": high.fillna(rate).to_list(),
            "words": "",
        }
    )
    words = "; ".join(
        f"{name} {with_unit(value, 'percent')}" for name, value in zip(names, rate, strict=True)
    )
    chart = specs.intervals(
        bars, f"Attack success by technique: {words}", title="Attack success, %", names=names
    )
    return [Picture(chart), _rates(found)]


def _short(name: object) -> str:
    return str(name).rsplit(": ", 1)[-1][:30] if isinstance(name, str) else ""


def _rates(found: pd.DataFrame) -> Table:
    rows = [
        (
            shown(cell["technique_id"]),
            shown(cell["technique_name"]) if isinstance(cell["technique_name"], str) else NOTHING,
            measure(cell["attack_success_rate"], "percent", cell["prompts"]),
            between(cell["interval_low"], cell["interval_high"], "percent", cell["prompts"]),
            counted(cell["prompts"]),
            counted(cell["attempts"]),
        )
        for _, cell in found.iterrows()
    ]
    return listed_table(
        "Twelve months to the build, all versions; repeats of a prompt taken as alike; n counts "
        "prompts",
        columns(
            *("Technique", "Name", "Success", "95 % interval", "n", "Attempts"),
            numbers=("Success", "95 % interval", "n", "Attempts"),
        ),
        rows,
        None,
    )
