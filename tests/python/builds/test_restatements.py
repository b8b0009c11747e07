"""Published numbers that change later are listed, all of them, with old, new and cause."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import duckdb
import pytest

from tests.python.oracle.compare import differences
from tests.python.oracle.organisation import write
from tests.python.whole import build_warehouse

Number = tuple[object, ...]

COMPLETE_VALUES = """
select metric_id, period_grain, period_start, segment_dimension, segment_value, value
from marts.metric_values
where not is_partial_period
"""


def complete_values(database: Path) -> dict[Number, float | None]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return {row[:5]: row[5] for row in connection.execute(COMPLETE_VALUES).fetchall()}


def restatements(database: Path, generation: int) -> dict[Number, tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            """
            select metric_id, period_grain, period_start, segment_dimension, segment_value,
                published_value, new_value, cause
            from marts.metric_restatements
            where to_generation = ?
            """,
            [generation],
        ).fetchall()
    return {row[:5]: row[5:] for row in rows}


def changed(
    before: dict[Number, float | None], after: dict[Number, float | None]
) -> dict[Number, tuple[object, ...]]:
    def same(old: float | None, new: float | None) -> bool:
        if old is None or new is None:
            return old is new
        return math.isclose(old, new, rel_tol=1e-9, abs_tol=1e-9)

    metrics = {number[0] for number in before}
    periods = {number[1:3] for number in before}
    known = [
        number
        for number in before | after
        if number in before or (number[0] in metrics and number[1:3] in periods)
    ]
    return {
        number: (before.get(number), after.get(number))
        for number in known
        if not same(before.get(number), after.get(number))
    }


def publish(landing: Path, state: Path, warehouse: Path, as_of: dt.date, *options: str) -> Path:
    return build_warehouse(
        landing, state, warehouse, as_of, "--no-check", *options, is_tested=False
    )


def test_two_generations_equal_the_reference_and_the_later_lists_what_changed(
    tmp_path: Path, state: Path
) -> None:
    """A random organisation, and the same without some registers, published one after the other."""
    warehouse = tmp_path / "warehouse"
    published: list[dict[Number, float | None]] = []
    for name, leave_out, header_only in (
        ("whole", (), ()),
        ("poorer", ("finding_events", "costs", "deployments"), ("team_capacity",)),
    ):
        landing = tmp_path / name
        as_of = write(landing, 31, leave_out=leave_out, header_only=header_only)
        # Data tests where joins find nothing; of a whole organisation they run on the sample.
        database = build_warehouse(
            landing, state, warehouse, as_of, "--no-check", is_tested=name == "poorer"
        )
        assert differences(database, landing, as_of) == []
        published.append(complete_values(database))
    listed = restatements(warehouse / "current.duckdb", 2)
    expected = changed(*published)
    assert expected, "numbers need the registers that are gone"
    assert {number: row[:2] for number, row in listed.items()} == expected
    assert {row[2] for row in listed.values()} == {"late data"}


@pytest.mark.slow
def test_every_changed_number_of_a_complete_period_is_listed_and_no_other(
    tmp_path: Path, state: Path
) -> None:
    landing, warehouse = tmp_path / "landing", tmp_path / "warehouse"
    write(landing, 41, as_of=dt.date(2025, 6, 30))
    published: list[dict[Number, float | None]] = []
    for as_of in (dt.date(2025, 3, 31), dt.date(2025, 4, 30)):
        published.append(complete_values(publish(landing, state, warehouse, as_of)))

    listed = restatements(warehouse / "current.duckdb", 2)
    expected = changed(*published)
    assert expected, "a month later, some verdicts of earlier months are known"
    assert {number: row[:2] for number, row in listed.items()} == expected
    # The files are the same: only what a later day knows can have changed a number.
    assert {row[2] for row in listed.values()} == {"state change"}

    late = landing / "program" / "findings" / "zz-late.csv"
    late.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(warehouse / "current.duckdb"), read_only=True) as connection:
        (system_id,) = connection.execute(
            "select min(system_id) from core.dim_systems where system_id <> 'unknown'"
        ).fetchone() or ("",)
    late.write_text(
        "finding_id,system_id,title,severity,vulnerability_class,reported_at\n"
        f"late-1,{system_id},Delivered late,critical,late.class,2025-02-10\n",
        encoding="utf-8",
    )
    published.append(complete_values(publish(landing, state, warehouse, dt.date(2025, 4, 30))))
    listed = restatements(warehouse / "current.duckdb", 3)
    assert {number: row[:2] for number, row in listed.items()} == changed(
        published[1], published[2]
    )
    rate = ("critical_high_finding_rate", "month", dt.date(2025, 2, 1), "all", "all")
    assert listed[rate][2] == "late data"

    # The same build again restates nothing.
    again = publish(landing, state, warehouse, dt.date(2025, 4, 30), "--force")
    with duckdb.connect(str(again), read_only=True) as connection:
        generation = connection.execute("select generation from marts.build_generation").fetchone()
    assert generation == (4,)
    assert restatements(again, 4) == {}
