"""Engineering leadership: what is open and overdue at which team, and how fast fixes come."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import data
from app.components import panels, plots, url
from app.components.formatting import count_of, day, span, with_unit
from app.components.grid import show_grid
from app.components.metric_card import show_card
from app.components.page import show_view
from app.components.sheet import Sheet, kept
from app.components.text import plain
from app.view import View

TITLE: Final = "Engineering leadership"
CARDS: Final = (
    "remediation_sla_attainment_rate",
    "remediation_completion_rate",
    "mean_time_to_remediate",
    "recurrence_rate",
)
ENTRIES: Final = 7
DISPUTED_BY: Final = {
    "reason": "Reason",
    "owner_team": "Team",
    "vulnerability_class": "Weakness",
    "tool": "Tool",
}
LONGEST_CURVE: Final = 365
FILES: Final = "`program/findings.csv` and `program/finding_events.csv`"


def show() -> None:
    """Draw the page."""
    show_view(TITLE, _show_page)


def _show_page(generation: data.Generation, view: View) -> None:
    _show_findings(generation, view)
    _show_disputes(generation)


@kept
def _show_findings(sheet: Sheet, generation: data.Generation, view: View) -> None:
    teams, overdue = sheet.columns([13, 9])
    with teams, sheet.panel():
        _show_teams(sheet, generation, view)
    with overdue, sheet.panel():
        _show_overdue(sheet, generation, view)
    columns = sheet.columns(len(CARDS))
    for column, card in zip(columns, data.cards(generation, view, CARDS), strict=False):
        with column:
            show_card(sheet, generation, card, view)
    mix, curve = sheet.columns(2)
    with mix, sheet.panel():
        _show_mix(sheet, generation, view)
    with curve, sheet.panel():
        _show_survival(sheet, generation)


def _team_of(view: View) -> str | None:
    return view.segment.value if view.segment.dimension == "owner_team" else None


def _show_teams(sheet: Sheet, generation: data.Generation, view: View) -> None:
    sheet.heading("Teams")
    period = view.period
    found = data.table(generation, "teams", grain=period.grain, start=period.start, end=period.end)
    if found.empty:
        sheet.muted(f"No team has findings. They come from {FILES}.")
        return
    found["interval"] = [_interval(row) for _, row in found.iterrows()]
    show_grid(
        sheet,
        found,
        "grid-teams",
        alt="Teams: findings reported, open, serious, overdue, and the share fixed in time. "
        "Picking one opens its open findings.",
        opens=lambda row: url.open_rows("open_findings", of=str(row["owner_team"])),
        most=400,
        labels={
            "reported": "Reported",
            "open_findings": "Open",
            "serious": "Critical, high",
            "overdue": "Overdue",
            "sla_attainment": "Fixed in time",
            "interval": "95 % interval",
        },
        order=[
            *("owner_team", "open_findings", "serious", "overdue", "reported"),
            *("sla_attainment", "sample_size", "interval"),
        ],
    )
    sheet.muted(
        f"Pick a team to open its findings. Open and overdue: as of the build. Reported, and fixed "
        f"in time of those that came due: {period.name}."
    )


def _interval(row: pd.Series[Any]) -> str | None:
    if pd.isna(row["interval_low"]):
        return None
    return span(row["interval_low"], row["interval_high"], "percent", int(row["sample_size"]))


def _show_overdue(sheet: Sheet, generation: data.Generation, view: View) -> None:
    team = _team_of(view)
    found = data.table(generation, "overdue_findings", of=team)
    with sheet.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        title = "Overdue" if team is None else f"Overdue at {plain(team)}"
        sheet.heading(f"{title}, worst first", width="content")
        sheet.button(
            f"Open all {len(found):,}" if len(found) else "None",
            "open-overdue_findings",
            url.open_rows,
            "overdue_findings",
            of=team,
            disabled=found.empty,
        )
    if found.empty:
        sheet.muted("✓ No open finding is past its due date.")
    for _, row in found.head(ENTRIES).iterrows():
        title = plain(row["title"] if isinstance(row["title"], str) else row["finding_id"])
        with sheet.container(gap=None):
            sheet.button(
                f"**{int(row['days_overdue']):,} days over** · {title}",
                f"overdue-{row['finding_id']}",
                url.open_rows,
                "overdue_findings",
                str(row["finding_id"]),
                of=team,
                wrap=False,
            )
            sheet.muted(
                f"{plain(row['current_severity'])} · {plain(row['system_name'])} · "
                f"{plain(row['owner_team'])} · due {day(row['due_at'])} · {plain(row['state'])}"
            )


def _show_mix(sheet: Sheet, generation: data.Generation, view: View) -> None:
    sheet.heading("Findings by severity at report, 12 months")
    panels.show_severity_mix(sheet, generation, view, plots.TALL)


def _show_survival(sheet: Sheet, generation: data.Generation) -> None:
    sheet.heading("How long findings live, open ones counted")
    curves = data.table(generation, "survival")
    if curves.empty:
        sheet.muted(f"Not measured: it needs {FILES}.")
        return
    medians = data.table(generation, "survival_medians")
    lines = [_median(row) for _, row in medians.iterrows()]
    plots.survival(
        sheet,
        curves,
        LONGEST_CURVE,
        "Kaplan-Meier curves of the days to a confirmed fix; in the words below.",
    )
    for line in lines:
        sheet.note(line)
    sheet.muted(
        "◆ what is still open when the time allowed is over. Whole program, all findings ever."
    )


def _median(row: pd.Series[Any]) -> str:
    if pd.isna(row["median_days"]):
        median = f"half are not fixed within {with_unit(row['longest_days'], 'days')}"
    else:
        median = f"half are fixed within {with_unit(row['median_days'], 'days')}"
        if not pd.isna(row["median_days_low"]) and not pd.isna(row["median_days_high"]):
            median += f" ({span(row['median_days_low'], row['median_days_high'], 'days')})"
    words = [f"**{plain(row['severity'])}**: {median}"]
    if not pd.isna(row["fixed_within_sla"]):
        words.append(
            f"{with_unit(row['fixed_within_sla'], 'percent')} within the {row['sla_days']:.0f} "
            "allowed"
        )
    words.append(f"{row['fixed_findings']:,} of {count_of(int(row['findings']), 'finding')} fixed")
    return " · ".join(words)


@st.fragment
def _show_disputes(generation: data.Generation) -> None:
    """Draw disputes by what is picked; picking draws this part of the page alone."""
    with st.container(border=True, gap="xsmall"):
        st.markdown("##### Disputes, and how they ended", anchors=False)
        dimension = st.segmented_control(
            "By",
            list(DISPUTED_BY),
            default="reason",
            required=True,
            format_func=lambda name: DISPUTED_BY[name],
            key="disputes_by",
            label_visibility="collapsed",
        )
        _show_disputes_by(generation, dimension)


@kept
def _show_disputes_by(sheet: Sheet, generation: data.Generation, dimension: str) -> None:
    found = data.table(generation, "disputes", dimension=dimension)
    if found.empty:
        sheet.muted("No finding was disputed. Disputes come from `program/finding_events.csv`.")
        return
    show_grid(
        sheet,
        found.dropna(axis="columns", how="all"),
        f"grid-disputes-{dimension}",
        alt="Disputes: how many, of how many findings, and how they ended.",
        most=260,
        labels={
            "value": "Disputed by" if dimension == "owner_team" else "What",
            "disputed_percent": "Disputed",
            "findings": "Findings",
            "upheld": "Upheld: false positive",
            "rejected": "Rejected: stands",
            "undecided": "Undecided",
            "mean_days_to_decide": "Days to decide",
        },
    )
