"""Whole marts against each other: every row, doubles to 1e-9."""

from __future__ import annotations

import duckdb

VALUES = """
    select metric_id, period_grain, period_start, segment_dimension, segment_value,
        columns(* exclude (metric_id, period_grain, period_start, segment_dimension, segment_value))
    from marts.metric_values
"""
KEY = 5
FINDINGS = "select finding_id, columns(* exclude (finding_id, source, source_key, {left_out})) from core.fct_findings"
EVENTS = """
    select finding_id, event_at, event_type, new_severity, reason
    from core.fct_finding_events
"""

Row = tuple[object, ...]


def rows_of(connection: duckdb.DuckDBPyConnection, query: str, key: int) -> dict[Row, Row]:
    """Return the rows of a query by their first columns."""
    rows = connection.execute(query).fetchall()
    found = {row[:key]: row[key:] for row in rows}
    assert len(found) == len(rows)
    return found


def differences(one: dict[Row, Row], other: dict[Row, Row]) -> list[str]:
    """Name the rows that only one has, and the rows that differ."""
    missing = [f"not in the other: {key} {one[key]}" for key in one.keys() - other.keys()]
    added = [f"only in the other: {key} {other[key]}" for key in other.keys() - one.keys()]
    changed = [
        f"{key}: {one[key]} became {other[key]}"
        for key in one.keys() & other.keys()
        if not all(map(_is_same, one[key], other[key]))
    ]
    return sorted(missing) + sorted(added) + sorted(changed)


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one))
    return one == other
