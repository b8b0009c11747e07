"""Rows on their way to the sink, and names on their way to people."""

from __future__ import annotations

from collections.abc import Iterable

from aism.land.display import make_visible
from aism.land.model import Sink
from aism.land.schemas import TABLES

_BATCH_ROWS = 20_000
SHOWN_NAMES = 10
_SHOWN_CHARACTERS = 60


class RowBuffer:
    """Collects tuples in the column order of a table and writes them to the sink in batches."""

    def __init__(self, sink: Sink, table: str) -> None:
        self._sink = sink
        self._table = table
        self._names = TABLES[table].names
        self._rows: list[tuple[object, ...]] = []

    def add(self, row: tuple[object, ...]) -> None:
        """Keep ``row``; a full batch is written at once."""
        self._rows.append(row)
        if len(self._rows) >= _BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what is left; call once at the end."""
        if self._rows:
            columns = zip(*self._rows, strict=True)
            self._sink.write(self._table, dict(zip(self._names, columns, strict=True)))
            self._rows = []


def listed_names(names: Iterable[str]) -> str:
    """Join at most ten names that came from a file, made safe to show."""
    shown = list(names)
    text = ", ".join(make_visible(name, _SHOWN_CHARACTERS) for name in shown[:SHOWN_NAMES])
    return f"{text} and more" if len(shown) > SHOWN_NAMES else text
