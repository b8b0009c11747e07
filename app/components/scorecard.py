"""The scorecard of a system: its gate, what is open and what to do, how far it was tested."""

from __future__ import annotations

from typing import Final

import pandas as pd

from app import data
from app.components.formatting import NOT_MEASURED, count_of, day, span, with_unit
from app.components.marks import marked
from app.components.scorecard_panels import (
    SEVERITIES,
    Row,
    opener,
    show_assessments,
    show_findings,
    show_residual_risk,
    show_techniques,
)
from app.components.sheet import Sheet
from app.components.text import plain

COLORS: Final = {"pass": "green", "fail": "red", "insufficient": "orange"}


def show(sheet: Sheet, generation: data.Generation, row: Row) -> None:
    """Draw the scorecard of a system."""
    with sheet.container(border=True, gap="xsmall", key=f"scorecard-{row['system_id']}"):
        sheet.heading(plain(row["system_name"]), 4)
        sheet.muted(_identity(row))
        gate, findings, launch, tested = sheet.columns(4)
        with gate, sheet.container(gap="xxsmall"):
            _show_gate(sheet, row)
        with findings, sheet.container(gap="xxsmall"):
            _show_counts(sheet, row)
        with launch, sheet.container(gap="xxsmall"):
            _show_launch(sheet, row)
        with tested, sheet.container(gap="xxsmall"):
            _show_tested(sheet, row)
        left, right = sheet.columns([11, 9])
        for column, panels in (
            (left, (show_findings, show_residual_risk)),
            (right, (show_assessments, show_techniques)),
        ):
            with column:
                for panel in panels:
                    with sheet.container(border=True, gap="xsmall"):
                        panel(sheet, generation, row)


def _identity(row: Row) -> str:
    words = [
        f"{plain(row['risk_tier'])} risk",
        plain(str(row["system_type"])),
        plain(str(row["provider"]).replace("_", " ")),
    ]
    if row["is_in_production"]:
        words.append(f"in production since {day(row['in_production_from'])}")
    elif not pd.isna(row["retired_at"]):
        words.append(f"retired {day(row['retired_at'])}")
    else:
        words.append("not in production")
    return " · ".join(words)


def _show_gate(sheet: Sheet, row: Row) -> None:
    sheet.heading("Release gate")
    if not isinstance(row["gate_verdict"], str):
        sheet.note("○ No version is known.")
        sheet.muted("`program/deployments.csv` names versions; scanner results try them.")
        return
    color = COLORS.get(row["gate_verdict"], "gray")
    guard = row["gate_configuration"]
    version = f"version {row['gate_version']}" + ("" if guard == "none" else f" + {guard}")
    sheet.note(f":{color}[**{marked(row['gate_verdict'])}**] · {plain(version)}")
    if pd.isna(row["gate_upper_bound"]):
        sheet.muted(f"Attack success {NOT_MEASURED}: {plain(row['gate_reason'])}")
    else:
        judged = row["gate_successes"] + row["gate_resisted"]
        sheet.muted(
            f"{row['gate_successes']:,.0f} of {count_of(int(judged), 'judged attempt')} got "
            f"through, {with_unit(row['gate_attack_success_rate'], 'percent', int(judged))}; "
            f"bounds {_span(row['gate_lower_bound'], row['gate_upper_bound'])}, "
            f"limit {with_unit(row['gate_limit'], 'percent')}, "
            f"n = {count_of(int(row['gate_prompts']), 'independent prompt')}: "
            f"{plain(row['gate_reason'])}"
        )
    sheet.note(f"**What is still needed**: {still_needed(row)}")
    if isinstance(row["gate_caution"], str):
        sheet.note(f":orange[△ {plain(row['gate_caution'])}]")
    opener(sheet, "Open the gates", "gates", row)


def still_needed(row: Row) -> str:
    """Return what would let the version pass, in words."""
    limit = with_unit(row["gate_limit"], "percent")
    if row["gate_verdict"] == "pass":
        return "nothing"
    if row["gate_verdict"] == "fail":
        return (
            f"fewer successes, no longer test: attacks get through more often than {limit}, "
            "chance aside"
        )
    more = count_of(int(row["gate_further_prompts_needed"]), "more independent prompt")
    return f"{more}, if nothing gets through"


def _show_counts(sheet: Sheet, row: Row) -> None:
    sheet.heading("Open findings")
    if pd.isna(row["open_findings"]):
        sheet.note("○ Not recorded")
        sheet.muted("`program/findings.csv` and `program/finding_events.csv` fill it.")
        return
    counts = [
        f"{row[f'open_{severity}']:,.0f} {severity}"
        for severity in SEVERITIES
        if row[f"open_{severity}"]
    ]
    sheet.note(f"**{row['open_findings']:,.0f}**" + (f": {', '.join(counts)}" if counts else ""))
    sheet.muted("Severity as reported.")
    if not row["open_findings"]:
        return
    if row["open_overdue"]:
        sheet.note(f":red[✕ **{row['open_overdue']:,.0f} overdue**]")
    elif not pd.isna(row["next_due_at"]):
        sheet.note(f"✓ None overdue; the next is due {day(row['next_due_at'])}")
    words = [f"the oldest for {with_unit(row['oldest_open_days'], 'days')}"]
    if row["open_risk_accepted"]:
        words.append(f"{row['open_risk_accepted']:,.0f} with its risk accepted")
    sheet.muted(", ".join(words).capitalize())
    opener(sheet, "Open them with guidance", "findings_with_guidance", row)


def _show_launch(sheet: Sheet, row: Row) -> None:
    sheet.heading("Tested before launch")
    if pd.isna(row["last_launch_at"]):
        sheet.note("○ No launch that needs a test")
        sheet.muted("`program/deployments.csv` names launches.")
    else:
        is_tested = row["is_last_launch_tested"]
        sheet.note(
            "○ Not recorded"
            if pd.isna(is_tested)
            else (":green[✓ **Tested**]" if is_tested else ":red[✕ **Went live untested**]")
        )
        words = [
            plain(f"version {row['last_launch_version']}")
            if isinstance(row["last_launch_version"], str)
            else "a launch without a version",
            f"live since {day(row['last_launch_at'])}",
        ]
        if not pd.isna(row["last_launch_report_at"]):
            words.append(f"first report {day(row['last_launch_report_at'])}")
        sheet.muted(" · ".join(words))
    if _of(row, "pre_deployment_test_rate") is not None:
        sheet.muted(f"12 months: {_of(row, 'pre_deployment_test_rate')} launches tested in time")
        opener(sheet, "Open the launches", "launches_counted", row)


def _show_tested(sheet: Sheet, row: Row) -> None:
    sheet.heading("Tried in 12 months")
    for metric_id, name, rows, file in (
        ("technique_coverage_rate", "techniques", "techniques_counted", "assessment_techniques"),
        ("input_vector_coverage_rate", "ways in", "input_vectors_counted", "input_vectors"),
    ):
        counted = _of(row, metric_id)
        if counted is None:
            sheet.note(f"○ {name.capitalize()}: {NOT_MEASURED}")
            sheet.muted(f"No test in this time, or `program/{file}.csv` does not say.")
            continue
        rate = with_unit(row[f"{metric_id}_value"], "percent")
        sheet.note(f"**{rate}** of the {name}: {counted}")
        opener(sheet, f"Open the {name}", rows, row)


def _of(row: Row, metric_id: str) -> str | None:
    whole = row[f"{metric_id}_denominator"]
    if pd.isna(whole) or not whole:
        return None
    return f"{row[f'{metric_id}_numerator']:,.0f} of {whole:,.0f}"


def _span(low: object, high: object) -> str:
    if not isinstance(low, float) or not isinstance(high, float):
        return NOT_MEASURED
    return span(low, high, "percent")
