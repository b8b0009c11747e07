"""Sentences of the pages without their markup: one wording for the page and the report."""

from __future__ import annotations

import re
from typing import Final

from app.components.text import visible
from app.reports.document import Line, Run

_JOINT: Final = "\u200b"
"""What `plain` puts between parts of a shortcut; of the text itself it leaves none."""

_TOKEN: Final = re.compile(
    r"\\(?P<literal>[!-/:-@\[-`{-~])"
    r"|:(?P<color>red|green|orange|gray|primary|small|orange-badge)\["
    r"|(?P<end>\])|(?P<strong>\*\*)|(?P<code>`)"
)
_COLORS: Final = frozenset({"red", "green", "orange", "gray"})


def spoken(markdown: str) -> Line:
    """Return the runs of a sentence that a page would hand to Streamlit as markdown.

    Reads what the pages write themselves: escapes, colours, strong and code. Everything else is
    text and stays it.
    """
    runs: list[Run] = []
    colors: list[str] = []
    is_strong = False
    start = 0

    def say(text: str) -> None:
        text = text.replace(_JOINT, "")
        color = next((name for name in reversed(colors) if name in _COLORS), "")
        if not text:
            return
        if runs and (runs[-1].color, runs[-1].is_strong) == (color, is_strong):
            text = runs.pop().text + text
        runs.append(Run(text, color, is_strong))

    for token in _TOKEN.finditer(markdown):
        say(markdown[start : token.start()])
        start = token.end()
        if token["literal"]:
            say(token["literal"])
        elif token["color"]:
            colors.append(token["color"])
        elif token["end"]:
            if colors:
                colors.pop()
            else:
                say("]")
        elif token["strong"]:
            is_strong = not is_strong
    say(markdown[start:])
    return tuple(runs)


def shown(text: object) -> str:
    """Return text from outside on one line, with what cannot be seen spelled out."""
    return " ".join(visible(str(text)).split())
