"""Small print. Not st.caption: it fades colours until a status can hardly be read."""

from __future__ import annotations

import streamlit as st


def note(markdown: str) -> None:
    """Write a small line in full contrast."""
    st.markdown(f":small[{markdown}]")


def muted(markdown: str) -> None:
    """Write a small grey line."""
    st.markdown(f":small[:gray[{markdown}]]")


def link(markdown: str) -> str:
    """Return the label of a button that reads as a link."""
    return f":primary[{markdown}]"
