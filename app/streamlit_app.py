"""Entry of the app: sign-in, page settings and navigation. `aism app` starts it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module

import duckdb
import streamlit as st

from aism.errors import UsageError
from aism.roles import pages_of
from app import identity
from app.access import Access, Refusal
from app.gate import show_gate, show_other_page, show_person
from app.navigation import PAGES

_log = logging.getLogger(__name__)


def _shows(module: str) -> Callable[[], None]:
    """Return what draws a page; its module is only read once somebody opens it."""

    def show() -> None:
        import_module(f"app.app_pages.{module}").show()

    return show


def _gate_pages(state: Refusal | str) -> list[st.Page]:
    """Return one page at every address, so that a link to any of them leads to the gate."""
    return [
        st.Page(lambda: show_gate(state), title=title, url_path=address, default=number == 0)
        for number, (_, title, address) in enumerate(PAGES)
    ]


def _pages(access: Access | None) -> list[st.Page]:
    """Return the pages of a role, where it starts first, and the others without a place."""
    known = {module: (title, address) for module, title, address in PAGES}
    modules = list(known) if access is None else [m for m in pages_of(access.role) if m in known]
    pages = [
        st.Page(_shows(m), title=known[m][0], url_path=known[m][1], default=m == modules[0])
        for m in modules
    ]
    others = [
        st.Page(show_other_page, title=title, url_path=address, visibility="hidden")
        for module, (title, address) in known.items()
        if module not in modules
    ]
    return pages + others


def main() -> None:
    st.set_page_config(page_title="AI Security Metrics", layout="wide")
    try:
        state = identity.current()
        if state is None or isinstance(state, Access):
            st.navigation(_pages(state), position="top").run()
        else:
            st.navigation(_gate_pages(state), position="hidden").run()
    except (duckdb.Error, OSError, UsageError):
        # The reader gets a way out, the operator's log the cause.
        _log.exception("The published generation could not be read")
        st.error(
            "The published numbers cannot be read. Run `aism build` to publish them anew; "
            "the cause is in the log of this app."
        )
        return
    if isinstance(state, Access):
        show_person(state)


main()
