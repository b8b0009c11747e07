"""Entry of the app: page settings and navigation. `aism app` starts it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module

import duckdb
import streamlit as st

from aism.errors import UsageError
from app.navigation import PAGES

_log = logging.getLogger(__name__)


def _shows(module: str) -> Callable[[], None]:
    """Return what draws a page; its module is only read once somebody opens it."""

    def show() -> None:
        import_module(f"app.app_pages.{module}").show()

    return show


def main() -> None:
    st.set_page_config(page_title="AI Security Metrics", layout="wide")
    page = st.navigation(
        [
            st.Page(_shows(module), title=title, url_path=address, default=module == PAGES[0][0])
            for module, title, address in PAGES
        ],
        position="top",
    )
    try:
        page.run()
    except (duckdb.Error, OSError, UsageError):
        # The reader gets a way out, the operator's log the cause.
        _log.exception("The published generation could not be read")
        st.error(
            "The published numbers cannot be read. Run `aism build` to publish them anew; "
            "the cause is in the log of this app."
        )


main()
