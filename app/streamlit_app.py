"""Entry of the app: page settings and navigation. `aism app` starts it."""

from __future__ import annotations

import logging

import duckdb
import streamlit as st

from aism.errors import UsageError
from app.app_pages import overview

_log = logging.getLogger(__name__)


def main() -> None:
    st.set_page_config(page_title="AI Security Metrics", layout="wide")
    page = st.navigation(
        [st.Page(overview.show, title="Executive overview", url_path="overview", default=True)],
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
