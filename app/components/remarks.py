"""What people remarked on a number, in their words beside it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import data
from app.components.formatting import count_of, day
from app.components.text import plain
from app.components.typography import muted, note


def show_remarks(remarks: Sequence[data.Remark], most: int) -> None:
    """Write remarks: the words, and who wrote them about when; the count of those left out."""
    for remark in remarks[:most]:
        with st.container(gap=None):
            note(f"✎ {plain(remark.text)}")
            muted(source(remark))
    if len(remarks) > most:
        muted(f"{count_of(len(remarks) - most, 'earlier remark')} in the metric explorer")


def source(remark: data.Remark) -> str:
    """Return who wrote a remark, and what it is about."""
    who = "no author" if remark.author is None else plain(remark.author)
    return f"{who}, on what begins {day(remark.period_start)}"
