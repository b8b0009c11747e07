"""A page from head to foot: what was asked for in the link, else the page itself."""

from __future__ import annotations

from collections.abc import Callable

from app import data
from app.components import drill_down
from app.components.frame import show_footer, show_head, show_header
from app.view import View


def show_view(title: str, draw: Callable[[data.Generation, View], None]) -> None:
    """Draw a page about a period and a segment, or the rows that its link asks for."""
    generation = data.published()
    view = show_header(generation, title)
    if generation is None:
        return
    if view is not None:
        rows = drill_down.asked_rows(generation)
        if rows is None:
            draw(generation, view)
        else:
            drill_down.show_rows(generation, rows, view, title)
    show_footer(generation)


def show_build(title: str, sentence: str, draw: Callable[[data.Generation], None]) -> None:
    """Draw a page about the whole build, or the rows that its link asks for."""
    generation = data.published()
    if not show_head(generation, title, sentence):
        return
    assert generation is not None  # show_head says so
    if not drill_down.show_asked(generation, title):
        draw(generation)
    show_footer(generation)
