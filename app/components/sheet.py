"""What a page shows, prepared once for a published file and a view, and drawn on every rerun.

Streamlit runs a page anew on each click. What the page says depends on the published file and the
view alone, so that words, tables as Arrow and charts as specifications are made once and kept; a
rerun only sends them. What depends on who looks or on the address has to stay outside of a sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from types import TracebackType
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import pandas as pd
import pyarrow as pa
import streamlit as st

from app.components.typography import grey, link, small

MOST_KEPT: Final = 64
"""Sheets of one kind that are kept; the one that was asked for longest ago goes first."""

P = ParamSpec("P")
T = TypeVar("T")

_KEPT: Final[list[Callable[[], None]]] = []


@dataclass(slots=True)
class _Piece:
    """A command of Streamlit with what it takes, and what is drawn in each box that it opens."""

    command: Callable[..., Any]
    args: tuple[Any, ...]
    named: dict[str, Any]
    boxes: list[list[_Piece]] = field(default_factory=list)


class Box:
    """A place on a sheet; `with` puts what follows into it."""

    def __init__(self, sheet: Sheet, pieces: list[_Piece]) -> None:
        self._sheet, self._pieces = sheet, pieces

    def __enter__(self) -> None:
        self._sheet._open.append(self._pieces)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sheet._open.pop()


class Sheet:
    """A list of what to draw. Its methods are called as those of Streamlit and draw nothing yet.

    Everything put on it is handed to Streamlit again and again, by several sessions at a time:
    nobody may change it afterwards.
    """

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []
        self._open: list[list[_Piece]] = [self._pieces]

    def put(self, command: Callable[..., Any], *args: Any, **named: Any) -> None:
        """Have a command of Streamlit drawn here."""
        self._open[-1].append(_Piece(command, args, named))

    def container(self, **layout: Any) -> Box:
        """Open a box."""
        return self._boxes(st.container, (), layout, 1)[0]

    def panel(self) -> Box:
        """Open a box with a border, as high as its neighbours."""
        return self.container(border=True, height="stretch", gap="xsmall")

    def columns(self, widths: int | Sequence[float]) -> list[Box]:
        """Open boxes side by side."""
        count = widths if isinstance(widths, int) else len(widths)
        return self._boxes(st.columns, (widths,), {"gap": "small"}, count)

    def _boxes(
        self, command: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any], count: int
    ) -> list[Box]:
        piece = _Piece(command, args, named, [[] for _ in range(count)])
        self._open[-1].append(piece)
        return [Box(self, pieces) for pieces in piece.boxes]

    def heading(self, title: str, level: int = 5, **layout: Any) -> None:
        """Write a heading that no address leads to."""
        self.put(st.markdown, f"{'#' * level} {title}", anchors=False, **layout)

    def note(self, markdown: str) -> None:
        """Write a small line in full contrast."""
        self.put(st.markdown, small(markdown))

    def muted(self, markdown: str) -> None:
        """Write a small grey line."""
        self.put(st.markdown, grey(markdown))

    def lines(self, *markdown: str) -> None:
        """Write lines one below the other as a single element, each as typography returns it."""
        self.put(st.markdown, "  \n".join(markdown))

    def button(
        self,
        markdown: str,
        key: str,
        opens: Callable[..., None],
        *args: Any,
        of: str | None = None,
        **layout: Any,
    ) -> None:
        """Write a button that reads as a link and calls ``opens``, with ``of`` where it is given.

        ``layout`` is what st.button takes beside that, such as wrap or disabled.
        """
        self.put(
            st.button,
            link(markdown),
            key=key,
            type="tertiary",
            on_click=opens,
            args=args,
            kwargs={} if of is None else {"of": of},
            **layout,
        )

    def draw(self) -> None:
        """Draw all of it where the page stands."""
        _draw(self._pieces)


def _draw(pieces: Sequence[_Piece]) -> None:
    for piece in pieces:
        drawn = piece.command(*piece.args, **piece.named)
        if piece.boxes:
            places = drawn if isinstance(drawn, list) else [drawn]
            for place, inside in zip(places, piece.boxes, strict=True):
                with place:
                    _draw(inside)


def arrow_of(frame: pd.DataFrame) -> pa.Table:
    """Return a table as Streamlit sends it, so that no rerun has to convert it again."""
    return pa.Table.from_pandas(frame, preserve_index=False)


def remembered(answer: Callable[P, T]) -> Callable[P, T]:
    """Return ``answer``, asked once for equal arguments: for names, options and words of a page.

    Among the arguments has to be the generation: it names the file, of the whole program or of
    one team, so that nobody is shown what is kept of a file that is not theirs.
    """
    kept = lru_cache(maxsize=MOST_KEPT)(answer)
    _KEPT.append(kept.cache_clear)

    @wraps(answer)
    def ask(*args: P.args, **named: P.kwargs) -> T:
        return kept(*args, **named)  # type: ignore[arg-type]

    return ask


def kept(fill: Callable[Concatenate[Sheet, P], None]) -> Callable[P, None]:
    """Return what draws the sheet that ``fill`` fills, filled once as by `remembered`."""

    @remembered
    def filled(*args: P.args, **named: P.kwargs) -> Sheet:
        sheet = Sheet()
        fill(sheet, *args, **named)
        return sheet

    @wraps(fill)
    def draw(*args: P.args, **named: P.kwargs) -> None:
        filled(*args, **named).draw()

    return draw


def forget() -> None:
    """Keep nothing of what was prepared; the next page prepares it anew."""
    for clear in _KEPT:
        clear()
