"""AI product teams: one scorecard per system of a team, and what each system still needs."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from app import data
from app.components import scorecard, url
from app.components.formatting import count_of
from app.components.page import show_build
from app.components.pickers import pick
from app.components.text import visible
from app.components.typography import muted

TITLE: Final = "AI product teams"
ALL_SYSTEMS: Final = ""
MOST_SYSTEMS: Final = 4
"""More scorecards than these are not read; a picker narrows them to one."""


def show() -> None:
    """Draw the page."""
    show_build(TITLE, "the systems of one team, as they stand", _show_page)


def _show_page(generation: data.Generation) -> None:
    teams = data.table(generation, "teams_with_systems")
    if teams.empty:
        st.info("No system is known. `program/systems.csv` names systems and the team of each.")
        return
    with st.container(horizontal=True, width="content", gap="xsmall"):
        team = pick(
            url.TEAM,
            "Team",
            teams["owner_team"].to_list(),
            visible,
            width=260,
            resets=(url.SYSTEM,),
        )
        found = data.table(generation, "scorecards", team=team)
        system = _pick_system(found)
    shown = found if system is None else found[found["system_id"] == system]
    for _, row in shown.head(MOST_SYSTEMS).iterrows():
        scorecard.show(generation, row)
    hidden = len(shown) - MOST_SYSTEMS
    if hidden > 0:
        muted(f"{count_of(hidden, 'more system')} of this team: pick one above.")


def _pick_system(found: pd.DataFrame) -> str | None:
    if len(found) < 2:
        return None
    names = dict(zip(found["system_id"], found["system_name"], strict=True))
    picked = pick(
        url.SYSTEM,
        "System",
        [ALL_SYSTEMS, *names],
        lambda key: visible(names[key]) if key else "All its systems",
        width=260,
    )
    return picked or None
