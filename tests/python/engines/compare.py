"""Compare the tables of two engines row by row, whatever their order, and name what differs."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Row = tuple[Any, ...]
TOLERANCE = 1e-9
SHOWN = 3


@dataclass(frozen=True)
class Table:
    """Rows of one table. ``doubles`` are the columns that may differ by rounding."""

    columns: Sequence[str]
    doubles: frozenset[str]
    rows: Sequence[Row]


def differences(ours: Mapping[str, Table], theirs: Mapping[str, Table]) -> list[str]:
    """Return a line for each of the first differences of each table; none means equal."""
    lines = [f"{name}: not there" for name in sorted(ours.keys() - theirs.keys())]
    lines += [f"{name}: not expected" for name in sorted(theirs.keys() - ours.keys())]
    for name in sorted(ours.keys() & theirs.keys()):
        found = table_differences(ours[name], theirs[name])
        lines += [f"{name}: {line}" for line in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"{name}: {len(found) - SHOWN} more")
    return lines


def table_differences(ours: Table, theirs: Table) -> list[str]:
    """Rows meet by all that is no double; the doubles of those that meet are compared in order."""
    if list(ours.columns) != list(theirs.columns):
        return [f"columns {list(ours.columns)} are {list(theirs.columns)}"]
    our_rows, their_rows = by_key(ours, ours.doubles), by_key(theirs, ours.doubles)
    counts = Counter({key: len(rows) for key, rows in our_rows.items()})
    counts.subtract({key: len(rows) for key, rows in their_rows.items()})
    lines = [
        f"{abs(count)} {'missing' if count > 0 else 'too many'}: {readable(ours, key)}"
        for key, count in counts.items()
        if count
    ]
    names = [column for column in ours.columns if column in ours.doubles]
    for key, rows in our_rows.items():
        if counts[key]:
            continue
        for our_row, their_row in zip(sorted(rows), sorted(their_rows[key]), strict=True):
            lines += [
                f"{name} {one!r} is {other!r}: {readable(ours, key)}"
                for name, one, other in zip(names, our_row, their_row, strict=True)
                if not same(one, other)
            ]
    return lines


def by_key(table: Table, doubles: frozenset[str]) -> dict[Row, list[Row]]:
    """Group the doubles of rows by all other values; null sorts before every number."""
    exact = [place for place, name in enumerate(table.columns) if name not in doubles]
    rough = [place for place, name in enumerate(table.columns) if name in doubles]
    groups: dict[Row, list[Row]] = defaultdict(list)
    for row in table.rows:
        key = tuple(plain(row[place]) for place in exact)
        groups[key].append(tuple(number(row[place]) for place in rough))
    return groups


def plain(value: Any) -> Any:
    return int(value) if isinstance(value, Decimal) and value == int(value) else value


def number(value: Any) -> tuple[bool, float]:
    return (False, 0.0) if value is None else (True, float(value))


def same(one: tuple[bool, float], other: tuple[bool, float]) -> bool:
    """Equal, or within the tolerance; NaN equals nothing."""
    return one[0] == other[0] and math.isclose(
        one[1], other[1], rel_tol=TOLERANCE, abs_tol=TOLERANCE
    )


def readable(table: Table, key: Row) -> str:
    exact = (name for name in table.columns if name not in table.doubles)
    return ", ".join(f"{name}={value}" for name, value in zip(exact, key, strict=True))
