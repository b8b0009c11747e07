"""Attack success: how often attacks get through, what changed it, where nobody looked."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app import data
from app.components import attack_panels, attack_runs, url
from app.components.page import show_build
from app.components.pickers import pick
from app.components.sheet import Sheet, kept, remembered
from app.components.text import visible
from app.components.typography import muted

TITLE: Final = "Attack success"
ALL_SYSTEMS: Final = ""


def show() -> None:
    """Draw the page."""
    show_build(TITLE, "the latest that was measured, whatever the month", _show_page)


def _show_page(generation: data.Generation) -> None:
    names = _attacked(generation)
    if not names:
        st.info(
            "Not measured: no attempt on a known system has landed. Attack success is fed by "
            f"{attack_runs.FILES}; `program/system_aliases.csv` says which system a target is."
        )
        _show_coverage(generation, None)
        return
    picked = pick(
        url.SYSTEM,
        "System",
        [ALL_SYSTEMS, *names],
        lambda system_id: visible(names[system_id]) if system_id else "All systems",
        width=300,
    )
    system = picked or None
    _show_latest(generation, system)
    with st.container(border=True, gap="xsmall"):
        _show_comparison(generation, system)
    drift, retests = st.columns(2, gap="small")
    with drift.container(border=True, height="stretch", gap="xsmall"):
        _show_drift(generation, system)
    with retests.container(border=True, height="stretch", gap="xsmall"):
        _show_fixes(generation, system)
    _show_coverage(generation, system)


@remembered
def _attacked(generation: data.Generation) -> dict[str, str]:
    """Return the names of the systems that were attacked."""
    found = data.table(generation, "attacked_systems")
    return dict(zip(found["system_id"], found["system_name"], strict=True))


@kept
def _show_latest(sheet: Sheet, generation: data.Generation, system: str | None) -> None:
    rates, moved = sheet.columns([11, 9])
    with rates, sheet.panel():
        attack_panels.show_rates(sheet, generation, system)
    with moved, sheet.panel():
        attack_panels.show_changes(sheet, generation, system)


def _show_comparison(generation: data.Generation, system: str | None) -> None:
    st.markdown("##### Two comparable runs", anchors=False)
    names = attack_runs.pairs(generation, system)
    if not names:
        muted(attack_runs.NO_PAIRS)
        return
    picked = pick(url.RUN, "Runs", list(names), lambda pair: names[pair], width=760)
    attack_runs.show_comparison(generation, picked)


def _show_drift(generation: data.Generation, system: str | None) -> None:
    st.markdown("##### Drift, week by week", anchors=False)
    names = attack_runs.series(generation, system)
    if not names:
        muted(attack_runs.NO_SERIES)
        return
    picked = pick(url.SERIES, "Series", list(names), lambda key: names[key], width="stretch")
    attack_runs.show_drift(generation, picked)


@kept
def _show_fixes(sheet: Sheet, generation: data.Generation, system: str | None) -> None:
    attack_panels.show_retests(sheet, generation, system)
    attack_panels.show_mitigations(sheet, generation, system)


@kept
def _show_coverage(sheet: Sheet, generation: data.Generation, system: str | None) -> None:
    attack_panels.show_coverage(sheet, generation, system)
