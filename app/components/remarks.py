"""What people remarked on a number, in their words beside it."""

from __future__ import annotations

from collections.abc import Sequence

from app import data
from app.components.formatting import count_of, day
from app.components.text import plain
from app.components.typography import grey, small


def remarks_in_words(remarks: Sequence[data.Remark], most: int) -> list[str]:
    """Return lines: the words, who wrote them about when, and the count of those left out."""
    lines = []
    for remark in remarks[:most]:
        lines += [small(f"✎ {plain(remark.text)}"), grey(source(remark))]
    if len(remarks) > most:
        left_out = count_of(len(remarks) - most, "earlier remark")
        lines.append(grey(f"{left_out} in the metric explorer"))
    return lines


def source(remark: data.Remark) -> str:
    """Return who wrote a remark, and what it is about."""
    who = "no author" if remark.author is None else plain(remark.author)
    return f"{who}, on what begins {day(remark.period_start)}"
