"""AI product teams: one scorecard per system of a team, and what each system still needs."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app import data
from app.components import scorecard, url
from app.components.formatting import count_of
from app.components.page import show_build
from app.components.pickers import pick
from app.components.sheet import Sheet, kept, remembered
from app.components.text import visible

TITLE: Final = "AI product teams"
ALL_SYSTEMS: Final = ""
MOST_SYSTEMS: Final = 4
"""More scorecards than these are not read; a picker narrows them to one."""


def show() -> None:
    """Draw the page."""
    show_build(TITLE, "the systems of one team, as they stand", _show_page)


def _show_page(generation: data.Generation) -> None:
    teams = _teams(generation)
    if not teams:
        st.info("No system is known. `program/systems.csv` names systems and the team of each.")
        return
    with st.container(horizontal=True, width="content", gap="xsmall"):
        team = pick(url.TEAM, "Team", teams, visible, width=260, resets=(url.SYSTEM,))
        names = _systems(generation, team)
        system = ALL_SYSTEMS
        if len(names) > 1:
            system = pick(
                url.SYSTEM,
                "System",
                [ALL_SYSTEMS, *names],
                lambda key: visible(names[key]) if key else "All its systems",
                width=260,
            )
    _show_scorecards(generation, team, system)


@remembered
def _teams(generation: data.Generation) -> list[str]:
    return list(data.table(generation, "teams_with_systems")["owner_team"])


@remembered
def _systems(generation: data.Generation, team: str) -> dict[str, str]:
    """Return the systems of a team by name."""
    found = data.table(generation, "scorecards", team=team)
    return dict(zip(found["system_id"], found["system_name"], strict=True))


@kept
def _show_scorecards(sheet: Sheet, generation: data.Generation, team: str, system: str) -> None:
    found = data.table(generation, "scorecards", team=team)
    shown = found if system == ALL_SYSTEMS else found[found["system_id"] == system]
    for _, row in shown.head(MOST_SYSTEMS).iterrows():
        scorecard.show(sheet, generation, row)
    hidden = len(shown) - MOST_SYSTEMS
    if hidden > 0:
        sheet.muted(f"{count_of(hidden, 'more system')} of this team: pick one above.")
