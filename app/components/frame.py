"""What every page has around it: title, pickers, which numbers these are."""

from __future__ import annotations

import streamlit as st

from aism.settings import Settings
from app import data, identity
from app.components import pickers, url
from app.components.formatting import SPACE, count_of, day
from app.components.sheet import remembered
from app.components.text import plain
from app.components.typography import muted, note, small
from app.view import View


def show_header(generation: data.Generation | None, title: str) -> View | None:
    """Draw the head of a page and return the view, None when there is nothing to show."""
    if generation is None:
        st.title(title, anchor=False)
        _say_what_to_run()
        return None
    head = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    view = url.read_view(generation)
    with head.container(width="stretch", gap=None):
        st.title(title, anchor=False)
        words = [_provenance(generation)]
        if view is not None and (of_what := _context(generation, view)):
            words.insert(0, of_what)
        st.markdown("  \n".join(small(line) for line in words))
    if view is None:
        st.info(
            "Nothing has been measured yet: the published generation holds no observations. Put "
            "exports into the landing folder (start with `program/systems.csv`, "
            "`program/assessments.csv` and `program/findings.csv`) and run `aism build`."
        )
        return None
    with head:
        pickers.show_pickers(generation, view)
    return view


def show_head(generation: data.Generation | None, title: str, sentence: str = "") -> bool:
    """Draw the head of a page about the whole build; False when nothing was published."""
    with st.container(gap=None):
        st.title(title, anchor=False)
        if generation is not None:
            note(_provenance(generation) + (f" · {sentence}" if sentence else ""))
            return True
    _say_what_to_run()
    return False


def _say_what_to_run() -> None:
    st.info(
        "Nothing has been published yet. Run `aism build` in the project's folder, then reload "
        "this page."
    )


@remembered
def _context(generation: data.Generation, view: View) -> str:
    words = context_in_words(data.context(generation, view.period))
    return words if view.segment.is_all or not words else f"Whole program: {words}"


def context_in_words(context: data.Context | None) -> str:
    """Return what the numbers are of; a register that nobody keeps is left out."""
    if context is None:
        return ""
    counts = [
        (context.systems_in_production, "system in production", "systems in production"),
        (context.assessments_delivered, "assessment delivered", "assessments delivered"),
        (context.findings_reported, "finding", "findings"),
        (context.attempts, "attempt", "attempts"),
    ]
    words = [count_of(count, *names) for count, *names in counts if count is not None]
    if context.fte_testers is not None:
        testers = f"{context.fte_testers:,.1f}".removesuffix(".0")
        words.append(f"{testers}{SPACE}{'tester' if testers == '1' else 'testers'}")
    return ", ".join(words)


def show_footer(generation: data.Generation) -> None:
    """Draw the foot of a page."""
    muted(
        _published(generation)
        + (
            "Demo mode: no sign-in is configured, so this app is served to this machine only "
            "(127.0.0.1)."
            if identity.is_demo()
            else ""
        )
    )


@remembered
def _published(generation: data.Generation) -> str:
    build = data.build(generation)
    return (
        f"Generation{SPACE}{build.generation}, published "
        f"{build.published_at:%Y-%m-%d %H:%M} UTC{_of_what(generation, build)}. "
    )


def _of_what(generation: data.Generation, build: data.Build) -> str:
    """Return what the numbers were made of; a team's file does not know."""
    if generation.team is not None:
        return f", the part about the systems of {plain(generation.team)}"
    return (
        f" from {count_of(build.files, 'file')}; "
        f"{count_of(build.rows_quarantined, 'row')} held back in quarantine"
    )


def _provenance(generation: data.Generation) -> str:
    words = [_as_of(generation)]
    if Settings.from_environment().is_sample:
        words.insert(0, ":orange-badge[Sample data (synthetic)]")
    if identity.is_demo():
        words.append("demo mode, no sign-in")
    return " · ".join(words)


@remembered
def _as_of(generation: data.Generation) -> str:
    build = data.build(generation)
    words = f"As of {day(build.as_of)}" + (", set by the data" if build.data_carries_as_of else "")
    if build.rows_quarantined:
        words += f" · {count_of(build.rows_quarantined, 'row')} held back"
    return words
