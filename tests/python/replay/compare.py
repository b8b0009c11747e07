"""Whole tables against each other: every row, doubles to 1e-9."""

from __future__ import annotations

import duckdb

VALUES = "from marts.metric_values"
VALUES_KEY = (
    "metric_id",
    "period_grain",
    "period_start",
    "segment_dimension",
    "segment_value",
)
FINDINGS = "from core.fct_findings"
FINDINGS_KEY = ("finding_id",)
NOT_COMPARED = ("source", "source_key", "source_run_id")
"""Which of the formats told it, and what no tracker has a field for."""
EVENTS = "from core.fct_finding_events"
EVENTS_KEY = ("finding_id", "event_at", "event_type")
NOT_OF_EVENTS = ("source", "run_id", "expires_at", "event_not_before")

Row = tuple[object, ...]


def rows_of(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    key: tuple[str, ...],
    left_out: tuple[str, ...] = (),
) -> dict[Row, Row]:
    """Return the rows of a table by their keys, without some columns."""
    excluded = ", ".join((*key, *left_out))
    found = connection.execute(
        f"select {', '.join(key)}, columns(* exclude ({excluded})) {table}"
    ).fetchall()
    rows = {row[: len(key)]: row[len(key) :] for row in found}
    assert len(rows) == len(found)
    return rows


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


def assert_same(
    one: duckdb.DuckDBPyConnection, other: duckdb.DuckDBPyConnection, *, with_values: bool
) -> None:
    """Facts first: what is wrong with values is seen there."""
    tables = [(EVENTS, EVENTS_KEY, NOT_OF_EVENTS), (FINDINGS, FINDINGS_KEY, NOT_COMPARED)]
    if with_values:
        tables.append((VALUES, VALUES_KEY, ()))
    for table, key, left_out in tables:
        rows = rows_of(one, table, key, left_out)
        found = differences(rows, rows_of(other, table, key, left_out))
        assert rows
        assert not found, f"{len(found)} {table}\n" + "\n".join(found[:40])


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one))
    return one == other
