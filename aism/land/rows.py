"""Rows on their way to the sink, and names on their way to people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import pyarrow as pa

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
        self._batches: list[pa.RecordBatch] = []
        self._batch_rows = 0

    def add(self, row: tuple[object, ...]) -> None:
        """Keep ``row``; a full batch is written at once."""
        if self._batches:
            self.flush()
        self._rows.append(row)
        if len(self._rows) >= _BATCH_ROWS:
            self.flush()

    def add_batch(self, batch: pa.RecordBatch) -> None:
        """Keep rows that are columns already, after all that was added before."""
        if self._rows:
            self.flush()
        self._batches.append(batch)
        self._batch_rows += batch.num_rows
        if self._batch_rows >= _BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what is left; call once at the end."""
        if self._batches:
            table = pa.Table.from_batches(self._batches)
            columns = {
                name: cast(Sequence[object], pa.concat_arrays(column.chunks))
                for name, column in zip(table.column_names, table.columns, strict=True)
            }
            self._sink.write(self._table, columns)
            self._batches, self._batch_rows = [], 0
        if self._rows:
            values = zip(*self._rows, strict=True)
            self._sink.write(self._table, dict(zip(self._names, values, strict=True)))
            self._rows = []


def listed_names(names: Iterable[str]) -> str:
    """Join at most ten names that came from a file, made safe to show."""
    shown = list(names)
    text = ", ".join(make_visible(name, _SHOWN_CHARACTERS) for name in shown[:SHOWN_NAMES])
    return f"{text} and more" if len(shown) > SHOWN_NAMES else text
