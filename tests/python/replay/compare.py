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
NOT_COMPARED = ("source", "source_key", "source_run_id", "duplicate_of")
"""Which of the formats told it, and what labels do not name."""
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


def metrics_of(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the metrics that have any value."""
    rows = connection.execute(f"select distinct metric_id {VALUES}").fetchall()
    return {metric_id for (metric_id,) in rows}


def needing(connection: duckdb.DuckDBPyConnection, needed: str) -> set[str]:
    """Return the metrics that are not measured without a source."""
    query = "select metric_id from intermediate.int_metric_needs_listed where needed = ?"
    return {metric_id for (metric_id,) in connection.execute(query, [needed]).fetchall()}


def assert_same(
    told: duckdb.DuckDBPyConnection,
    shown: duckdb.DuckDBPyConnection,
    *,
    with_values: bool = True,
    without: str = "",
) -> None:
    """Facts first: what is wrong with values is seen there.

    ``without`` names a source that only the first one has: the second one has no rows of what
    needs it.
    """
    tables: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
        (EVENTS, EVENTS_KEY, NOT_OF_EVENTS),
        (FINDINGS, FINDINGS_KEY, NOT_COMPARED),
    ]
    if with_values:
        tables.append((VALUES, VALUES_KEY, ()))
    unmeasured = needing(told, without) if without else set()
    assert bool(without) == bool(unmeasured)
    for table, key, left_out in tables:
        rows = rows_of(told, table, key, left_out)
        if table == VALUES:
            rows = {at: row for at, row in rows.items() if at[0] not in unmeasured}
        found = differences(rows, rows_of(shown, table, key, left_out))
        assert rows
        assert not found, f"{len(found)} {table}\n" + "\n".join(one[:400] for one in found[:40])


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one))
    return one == other
