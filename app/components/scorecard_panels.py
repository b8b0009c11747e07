"""What a scorecard lists: findings and guidance, assessments, techniques, residual risk."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from app import data
from app.components import plots, url
from app.components.formatting import count_of, day, listed, span, with_unit
from app.components.sheet import Sheet
from app.components.text import plain, visible
from app.components.typography import grey, small

FINDINGS: Final = 4
ASSESSMENTS: Final = 3
RISKS: Final = 3
TECHNIQUES: Final = 12
SEVERITIES: Final = ("critical", "high", "medium", "low")

Row = Any
"""A row of marts.system_scorecards with the counts of its gate."""


def opener(sheet: Sheet, label: str, rows: str, row: Row) -> None:
    """Draw the way to the rows of a system behind a number."""
    system = str(row["system_id"])
    sheet.button(label, f"open-{rows}-{system}", url.open_rows, rows, of=system)


def _heading(sheet: Sheet, title: str, label: str, rows: str, row: Row) -> None:
    with sheet.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        sheet.heading(title, width="content")
        opener(sheet, label, rows, row)


def show_findings(sheet: Sheet, generation: data.Generation, row: Row) -> None:
    """Draw what is open, worst first, with what to do about it."""
    found = data.table(generation, "findings_with_guidance", of=row["system_id"])
    sheet.heading("What to fix first, and how")
    if found.empty:
        sheet.muted("✓ Nothing is open." if not pd.isna(row["open_findings"]) else "Not recorded.")
    for _, finding in found.head(FINDINGS).iterrows():
        title = finding["title"] if isinstance(finding["title"], str) else finding["finding_id"]
        late = ":red[✕ overdue] · " if finding["is_overdue"] else ""
        due = "" if pd.isna(finding["due_at"]) else f" · due {day(finding['due_at'])}"
        with sheet.container(gap=None):
            sheet.button(
                f"**{plain(finding['current_severity'])}** · {plain(title)}",
                f"finding-{finding['finding_id']}",
                url.open_rows,
                "findings_with_guidance",
                str(finding["finding_id"]),
                of=str(row["system_id"]),
                wrap=False,
            )
            sheet.lines(grey(f"{late}{plain(finding['state'])}{due}"), small(_guidance(finding)))


def _guidance(finding: pd.Series[Any]) -> str:
    words = []
    if isinstance(finding["guidance"], str):
        words.append(plain(finding["guidance"]))
    if isinstance(finding["mitigation_names"], str):
        words.append(f"ATLAS: {plain(finding['mitigation_names'])}.")
    return " ".join(words) or (
        "No guidance: neither its weakness nor its technique is recorded, or policy has none."
    )


def show_assessments(sheet: Sheet, generation: data.Generation, row: Row) -> None:
    """Draw the latest reports, each with its own summary."""
    found = data.table(generation, "assessment_summaries", of=row["system_id"])
    if found.empty:
        sheet.heading("Latest assessments")
        sheet.muted("No report was delivered. Assessments come from `program/assessments.csv`.")
        return
    _heading(sheet, "Latest assessments", f"Open all {len(found):,}", "assessment_summaries", row)
    for _, report in found.head(ASSESSMENTS).iterrows():
        with sheet.container(gap=None):
            sheet.button(
                f"**{plain(str(report['assessment_tier']).replace('_', ' '))}** · "
                f"{day(report['report_delivered_at'])} · {plain(report['assessment_id'])}",
                f"report-{report['assessment_id']}",
                url.open_rows,
                "assessment_summaries",
                str(report["assessment_id"]),
                of=str(row["system_id"]),
            )
            sheet.note(summary(report))


def summary(report: pd.Series[Any]) -> str:
    """Return what an assessment tried and found, in a sentence or two."""
    tried = []
    if not pd.isna(report["techniques_applicable"]):
        tried.append(
            f"{report['techniques_tested']:,.0f} of {report['techniques_applicable']:,.0f} "
            "techniques tried"
        )
    if not pd.isna(report["input_vectors_tested"]):
        tried.append(count_of(int(report["input_vectors_tested"]), "way in", "ways in"))
    if pd.isna(report["findings"]):
        found = "findings are not recorded"
    elif not report["findings"]:
        found = "nothing found"
    else:
        mix = [
            f"{report[f'{severity}_findings']:,.0f} {severity}"
            for severity in SEVERITIES
            if report[f"{severity}_findings"]
        ]
        found = (
            f"**{count_of(int(report['findings']), 'finding')}** ({', '.join(mix)}), "
            f"{report['open_findings']:,.0f} open, {report['fixed_findings']:,.0f} fixed"
        )
    about = ""
    if isinstance(report["system_version"], str):
        about = f"Version {plain(report['system_version'])}. "
    words = f"{listed(tried)}; {found}" if tried else found
    return f"{about}{words[0].upper()}{words[1:]}."


def show_techniques(sheet: Sheet, generation: data.Generation, row: Row) -> None:
    """Draw the attack success rate of each technique with its interval and n."""
    _heading(sheet, "Attack success by technique", "Open the techniques", "technique_cells", row)
    found = data.table(generation, "system_techniques", system=row["system_id"])
    if found.empty:
        sheet.muted(
            "Not measured: no attempt with a technique was judged in 12 months. "
            "`attempts/attempts.csv` or scanner reports, and `program/system_aliases.csv`, fill it."
        )
        return
    drawn = found.head(TECHNIQUES)
    shown = drawn[["technique_id"]].assign(
        system_id=row["system_id"],
        name=[_technique(cell) for _, cell in drawn.iterrows()],
        value=drawn["attack_success_rate"],
        low=drawn["interval_low"].fillna(drawn["attack_success_rate"]),
        high=drawn["interval_high"].fillna(drawn["attack_success_rate"]),
        words=[_technique_rate(cell) for _, cell in drawn.iterrows()],
    )
    words = "; ".join(f"{bar['name']}: {bar['words']}" for _, bar in shown.iterrows())
    plots.intervals(
        sheet,
        shown,
        f"Attack success by technique, 12 months: {words}",
        title="Attack success, %",
        names=shown["name"].to_list(),
    )
    sheet.muted(
        "12 months to the build, all versions. Line: 95 % interval, repeats of a prompt taken as "
        "alike; n counts prompts."
        + (f" The {TECHNIQUES} worst of {len(found)}." if len(found) > TECHNIQUES else "")
    )


def _technique(cell: pd.Series[Any]) -> str:
    name = str(cell["technique_name"]).rsplit(": ", 1)[-1]
    identity = str(cell["technique_id"]).removeprefix("AML.")
    return visible(f"{identity} {name[:30]}, n = {cell['prompts']:,}")


def _technique_rate(cell: pd.Series[Any]) -> str:
    prompts = int(cell["prompts"])
    rate = with_unit(cell["attack_success_rate"], "percent", prompts)
    if pd.isna(cell["interval_low"]):
        return f"{rate}, no interval, n = {prompts:,}"
    return (
        f"{rate} ({span(cell['interval_low'], cell['interval_high'], 'percent', prompts)}), "
        f"n = {prompts:,}"
    )


def show_residual_risk(sheet: Sheet, generation: data.Generation, row: Row) -> None:
    """Draw how often the attacks of open findings still work at worst."""
    totals = data.table(generation, "residual_risk_totals", system=row["system_id"]).iloc[0]
    if not totals["findings"]:
        sheet.heading("Residual risk")
        sheet.muted("✓ No open finding." if not pd.isna(row["open_findings"]) else "Not recorded.")
        return
    _heading(sheet, "Residual risk", "Open the risks", "residual_risks", row)
    whole = count_of(int(totals["findings"]), "open finding")
    sheet.note(f"**{totals['measured']:,} of {whole}** with a measured bound")
    for _, risk in (
        data.table(generation, "residual_risk_worst", system=row["system_id"])
        .head(RISKS)
        .iterrows()
    ):
        prompts = int(risk["prompts"])
        within = with_unit(risk["success_within_tries_high"], "percent", prompts)
        title = risk["title"] if isinstance(risk["title"], str) else risk["finding_id"]
        sheet.lines(
            small(
                f"At most **{with_unit(risk['upper_bound'], 'percent', prompts)}** a try, "
                f"{within} within {totals['tries']:,}: {plain(title)}"
            ),
            grey(
                f"{plain(risk['state'])} · {plain(risk['attack'])} on version "
                f"{plain(risk['system_version'])} · seen "
                f"{with_unit(risk['attack_success_rate'], 'percent', prompts)}, n = {prompts:,}"
            ),
        )
    if totals["measured"] < totals["findings"]:
        sheet.muted(
            "A finding has no bound until its attack (`attack` in `program/findings.csv`) is "
            "tried on a known version. Not measured is not safe."
        )
