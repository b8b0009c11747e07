"""Small print. Not st.caption: it fades colours until a status can hardly be read."""

from __future__ import annotations

import streamlit as st


def small(markdown: str) -> str:
    """Return a small line in full contrast."""
    return f":small[{markdown}]"


def grey(markdown: str) -> str:
    """Return a small grey line."""
    return f":small[:gray[{markdown}]]"


def note(markdown: str) -> None:
    """Write a small line in full contrast."""
    st.markdown(small(markdown))


def muted(markdown: str) -> None:
    """Write a small grey line."""
    st.markdown(grey(markdown))


def link(markdown: str) -> str:
    """Return the label of a button that reads as a link."""
    return f":primary[{markdown}]"
