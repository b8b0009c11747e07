"""What the attack success page lists: rates, changes, retests, guardrails, techniques."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from app import data
from app.components import plots, url
from app.components.attack_runs import POINTS, is_guarded
from app.components.formatting import NOT_MEASURED, count_of, day, listed, span, with_unit
from app.components.grid import show_grid
from app.components.marks import mark_column, marked
from app.components.sheet import Sheet
from app.components.text import plain, visible
from app.components.typography import grey, small

ENTRIES: Final = 6
OF_SYSTEM: Final = ("system_id", "system_name", "risk_tier")
"""What every technique of a system has in common."""


def _heading(sheet: Sheet, title: str, rows: str, label: str, system: str | None) -> None:
    with sheet.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        sheet.heading(title, width="content")
        sheet.button(label, f"open-{rows}", url.open_rows, rows, of=system)


def show_rates(sheet: Sheet, generation: data.Generation, system: str | None) -> None:
    """Show the rate of each system or version with its bounds."""
    title = "Latest version of each system" if system is None else "By version"
    _heading(
        sheet, f"Attacks that get through: {title.lower()}", "attack_runs", "Open the runs", system
    )
    found = data.table(generation, "attacked_versions", system=system)
    measured = found.dropna(subset=["attack_success_rate"])
    shown = measured[["system_id", "system_version", "configuration"]].assign(
        name=[_version(row, system) for _, row in measured.iterrows()],
        value=measured["attack_success_rate"],
        low=measured["lower_bound"],
        high=measured["upper_bound"],
        limit=measured["attack_success_limit"],
        words=[_rate(row) for _, row in measured.iterrows()],
    )
    words = "; ".join(f"{row['name']} {row['words']}" for _, row in shown.iterrows())
    plots.intervals(
        sheet,
        shown,
        f"Attack success rates with exact bounds: {words}",
        title="Attack success, %",
        names=shown["name"].to_list(),
        mark="limit",
    )
    sheet.muted(
        "Line: from the lower to the upper bound, each exact at 95 %, on independent prompts. "
        "Grey tick: the limit of the release gate for the tier."
    )


def _version(row: pd.Series[Any], system: str | None) -> str:
    words = [] if system is not None else [str(row["system_name"])]
    words.append(str(row["system_version"]))
    if is_guarded(row["configuration"]):
        words.append(f"+ {row['configuration']}")
    return visible(" ".join(words))


def _rate(row: pd.Series[Any]) -> str:
    prompts = int(row["prompts"])
    bounds = span(row["lower_bound"], row["upper_bound"], "percent", prompts)
    return (
        f"{with_unit(row['attack_success_rate'], 'percent', prompts)} ({bounds}), "
        f"{count_of(prompts, 'prompt')}, {count_of(int(row['attempts']), 'attempt')}, "
        f"gate {marked(row['verdict'])}"
    )


def show_changes(sheet: Sheet, generation: data.Generation, system: str | None) -> None:
    """Show the changes that chance does not explain."""
    found = data.table(generation, "attack_changes", of=system)
    _heading(sheet, "Changes that chance does not explain", "attack_changes", "Open all", system)
    if found.empty:
        sheet.muted("None between runs that were measured alike.")
    for _, row in found.head(ENTRIES).iterrows():
        color = "red" if row["verdict"] == "worse" else "green"
        versions = f"{row['baseline_version']} → {row['system_version']}"
        delta = span(row["interval_low"], row["interval_high"], "points")
        sheet.lines(
            small(
                f":{color}[{marked(row['verdict'])}] **{row['delta']:+.0f}** ({delta}) · "
                f"{plain(row['attack'])}"
            ),
            grey(
                f"{plain(row['system_name'])} {plain(versions)} · q {row['q_value']:.2g} · "
                f"n = {row['baseline_prompts']:,.0f} and {row['prompts']:,.0f} prompts · "
                f"{day(row['started_at'])}"
            ),
        )
    sheet.muted(
        f"In {POINTS} with the 95 % interval; false alarms held at 10 % (Benjamini-Hochberg)."
    )


def show_retests(sheet: Sheet, generation: data.Generation, system: str | None) -> None:
    """Show what claimed fixes still need."""
    _heading(sheet, "Retests still needed", "retests", "Open the plan", system)
    states = data.table(generation, "retest_states", system=system)
    if states.empty:
        sheet.muted(
            "No claimed fix of a finding that names its attack (`attack` in "
            "`program/findings.csv`)."
        )
        return
    for _, row in states.iterrows():
        more = row["missing_prompts"]
        words = (
            f", {count_of(int(more), 'more clean prompt')} to prove all"
            if not pd.isna(more) and more
            else ""
        )
        sheet.note(
            f"**{marked(row['state'])}**: "
            f"{count_of(int(row['findings']), 'claimed fix', 'claimed fixes')}{words}"
        )
    failed = data.table(generation, "retests", of=system)
    for _, row in failed[failed["state"] != "proven"].head(3).iterrows():
        missing = row["missing_prompts"]
        need = (
            "broke through again"
            if pd.isna(missing)
            else f"{row['clean_prompts']:,.0f} of {row['needed_prompts']:,.0f} clean prompts"
        )
        sheet.lines(
            small(plain(row["title"] if isinstance(row["title"], str) else row["finding_id"])),
            grey(
                f"{marked(row['state'])}: {need} · {plain(row['severity'])} · "
                f"{plain(row['system_name'])} · {plain(row['attack'])} · "
                f"claimed {day(row['claimed_at'])}"
            ),
        )


def show_mitigations(sheet: Sheet, generation: data.Generation, system: str | None) -> None:
    """Show what guardrails bought, and what they cost."""
    sheet.heading("What guardrails buy, and cost")
    found = data.table(generation, "mitigations", system=system)
    if found.empty:
        sheet.muted(
            "Not measured: no version was attacked alike with and without a guardrail "
            "(`configuration` in `attempts/attempts.csv`)."
        )
    for _, row in found.iterrows():
        bought = "no interval"
        if not pd.isna(row["interval_low"]):
            bought = (
                f"{row['delta']:+.0f} ({span(row['interval_low'], row['interval_high'], 'points')})"
            )
        cost = "benign requests: " + NOT_MEASURED
        if not pd.isna(row["over_refusal_delta"]):
            cost = (
                f"{row['over_refusal_delta']:+.0f} points "
                f"({span(row['over_refusal_low'], row['over_refusal_high'], 'points')}) "
                f"of benign requests refused, n = {row['controls']:,.0f}, {plain(row['cost'])}"
            )
        same = "" if row["is_same_version"] else " · another version: that may be the cause"
        sheet.lines(
            small(
                f"**{marked(row['verdict'])}** {bought} · {plain(row['system_name'])} "
                f"{plain(row['system_version'])}, {plain(row['configuration'])} against "
                f"{plain(row['baseline_configuration'])}"
            ),
            grey(cost + same),
        )


def show_coverage(sheet: Sheet, generation: data.Generation, system: str | None) -> None:
    """Show which techniques were tried on which system."""
    with sheet.container(border=True, gap="xsmall"):
        cells = data.table(generation, "technique_cells", of=system)
        if cells.empty:
            sheet.heading("Techniques")
            sheet.muted(
                "Not measured: neither attempts nor `program/assessment_techniques.csv` say what "
                "was tried."
            )
            return
        _heading(
            sheet, "Techniques by system, 12 months", "technique_cells", "Open the table", system
        )
        counts = cells["state"].value_counts()
        words = [
            f"{marked(state)} {counts.get(state, 0):,}"
            for state in ("tested", "thin", "untested", "not_applicable")
        ]
        sheet.note(" · ".join(words))
        if system is not None:
            shown = mark_column(cells.dropna(axis="columns", how="all"), "state")
            show_grid(
                sheet,
                shown,
                "grid-techniques",
                alt="Techniques of the system: state, evidence, attempts, attack success.",
                most=520,
                order=[str(column) for column in shown if column not in OF_SYSTEM],
            )
            return
        plots.technique_map(sheet, cells, f"ATLAS techniques by system: {listed(words)}")
        sheet.muted(
            "● tested: five independent prompts judged, or an assessment says so; its shade is the "
            "attack success rate. ◐ thin: fewer prompts. ○ untested. – not applicable, with a "  # noqa: RUF001
            "reason."
        )
