"""Figures of every landed file and of every source: all that deliveries are judged by.

They come from the ledger and the lake, never from the landing folder, and never from the clock:
the same files and the same day give the same figures.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from aism.deliveries.contents import Contents, LakeContents
from aism.deliveries.policy import ColumnsInUse, Policy, SourcePolicy
from aism.land.display import make_visible
from aism.land.files import AS_OF, UNKNOWN, delivery_order

_NO_DELIVERY: Final = frozenset({AS_OF, UNKNOWN})
_NAMED_AT_MOST: Final = 3
_LABEL_LENGTH: Final = 60

LedgerRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FileFigures:
    """One landed file. None: there is nothing to compare with, or nothing to measure."""

    source: str
    file_name: str
    state: str
    rows_read: int
    rows_quarantined: int
    quarantined_share: float | None
    previous_file: str | None
    row_ratio: float | None
    changed_columns: int | None
    column_changes: str | None
    unseen_share: float | None
    unseen_values: str | None


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """One source, over all of its files."""

    source: str
    every_days: int | None
    newest_on: dt.date | None
    age_days: int | None
    file_name: None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What is judged."""

    files: list[FileFigures]
    sources: list[SourceFigures]


def measure(lake: Path, policy: Policy, as_of: dt.date) -> Figures:
    """Return the figures of everything in ``lake`` as seen on the day ``as_of``."""
    deliveries: dict[str, list[LedgerRow]] = defaultdict(list)
    for row in pq.read_table(lake / "ledger" / "files.parquet").to_pylist():
        if row["source"] not in _NO_DELIVERY:
            deliveries[row["source"]].append(row)

    figures = Figures([], [])
    for source in sorted({*deliveries, *policy.by_source}):
        expected = policy.by_source.get(source, SourcePolicy())
        history = _History(policy.columns_in_use)
        contents = LakeContents(lake, source, expected, as_of)
        for row in sorted(deliveries[source], key=lambda row: delivery_order(row["file_name"])):
            held = contents.of(row["file_name"], row["file_sha256"])
            figures.files.append(history.compare(row, held))
            history.add(row, held)
        newest_on = history.newest_on
        age_days = None if newest_on is None else (as_of - newest_on).days
        figures.sources.append(SourceFigures(source, expected.every_days, newest_on, age_days))
    return figures


@dataclass(frozen=True, slots=True)
class _Earlier:
    """A delivery that later ones are compared with."""

    row: LedgerRow
    held: Contents | None


class _History:
    """The deliveries of one source up to some point."""

    def __init__(self, columns_in_use: ColumnsInUse) -> None:
        self._in_use = columns_in_use
        self._latest: dict[str, _Earlier] = {}
        self._seen: dict[str, set[str]] = defaultdict(set)
        self.newest_on: dt.date | None = None

    def add(self, row: LedgerRow, held: Contents | None) -> None:
        """Remember a delivery."""
        if row["rows_read"]:
            self._latest[_series(row["file_name"])] = _Earlier(row, held)
        if held:
            for name, values in held.labels.items():
                self._seen[name].update(values)
            if held.newest_on:
                self.newest_on = max(held.newest_on, self.newest_on or held.newest_on)

    def compare(self, row: LedgerRow, held: Contents | None) -> FileFigures:
        """Measure a delivery against those before it."""
        rows_read: int = row["rows_read"]
        rows_quarantined: int = row["rows_quarantined"]
        earlier = self._latest.get(_series(row["file_name"]))
        changes = None if earlier is None else self._column_changes(earlier, row, held)
        unseen_share, unseen_values = self._unseen(held)
        return FileFigures(
            source=row["source"],
            file_name=row["file_name"],
            state=_state(row),
            rows_read=rows_read,
            rows_quarantined=rows_quarantined,
            quarantined_share=rows_quarantined / rows_read if rows_read else None,
            previous_file=earlier.row["file_name"] if earlier else None,
            row_ratio=rows_read / earlier.row["rows_read"] if earlier else None,
            changed_columns=None if changes is None else len(changes),
            column_changes=None if changes is None else "; ".join(changes) or "no change",
            unseen_share=unseen_share,
            unseen_values=unseen_values,
        )

    def _column_changes(
        self, earlier: _Earlier, row: LedgerRow, held: Contents | None
    ) -> list[str]:
        changes = []
        before, enough = earlier.held, self._in_use.from_rows
        if before and held and min(before.rows, held.rows) >= enough:
            least = self._in_use.filled_share * before.rows
            changes += [
                f"{name} is never filled"
                for name, filled in before.filled.items()
                if filled >= least and not held.filled.get(name)
            ]
        note = row["schema_note"]
        if note and note != earlier.row["schema_note"]:
            changes.append(note)
        return changes

    def _unseen(self, held: Contents | None) -> tuple[float | None, str | None]:
        """Return the greatest share of rows with a new label, and the new labels."""
        shares, told = [], []
        for name, values in held.labels.items() if held else ():
            if not self._seen[name] or not values:
                continue
            unseen = sorted(values.keys() - self._seen[name])
            shares.append(sum(values[value] for value in unseen) / values.total())
            if unseen:
                told.append(f"{name} {_name_some(unseen)} ({shares[-1]:.0%} of the rows)")
        if not shares:
            return None, None
        return max(shares), "; ".join(told) or "none new"


def _state(row: LedgerRow) -> str:
    if not row["is_readable"]:
        return "not read"
    return "complete" if row["is_complete"] else "interrupted or cut"


def _series(file_name: str) -> str:
    """Name what a file is one of many of: suites of two quarters compare, two systems do not."""
    return re.sub(r"\d+", "#", delivery_order(file_name)[0])


def _name_some(values: Sequence[str]) -> str:
    shown = ", ".join(make_visible(value, _LABEL_LENGTH) for value in values[:_NAMED_AT_MOST])
    more = len(values) - _NAMED_AT_MOST
    return f"{shown} and {more} more" if more > 0 else shown
