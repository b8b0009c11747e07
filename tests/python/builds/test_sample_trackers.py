"""What the sample's trackers tell is what its registers tell, and no number knows the difference.

The models run as compiled, once on the sample as it is and once without its tracker exports.
"""

from __future__ import annotations

import datetime as dt
import math
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from aism.land import land
from tests.python.compiled import CompiledModels
from tests.python.whole import SAMPLE, SAMPLE_AS_OF

TRACKERS = ("jira", "github", "defectdojo")

Number = tuple[object, ...]
"""Metric, grain, period, segment."""


@pytest.fixture(scope="module")
def sample(
    compiled: CompiledModels, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    with build(compiled, SAMPLE, tmp_path_factory.mktemp("trackers")) as connection:
        yield connection


def build(compiled: CompiledModels, landing: Path, home: Path) -> duckdb.DuckDBPyConnection:
    land(landing, home)
    connection = compiled.connect()
    compiled.run(connection, home, as_of=SAMPLE_AS_OF, marts=("metric_values",))
    return connection


def numbers(connection: duckdb.DuckDBPyConnection) -> dict[Number, tuple[float | None, ...]]:
    rows = connection.execute(
        """
        select metric_id, period_grain, period_start, segment_dimension, segment_value,
            value, numerator, denominator, interval_low, interval_high
        from marts.metric_values
        """
    ).fetchall()
    return {row[:5]: row[5:] for row in rows}


def same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def test_no_number_changes_with_the_trackers(
    sample: duckdb.DuckDBPyConnection, compiled: CompiledModels, tmp_path: Path
) -> None:
    landing = tmp_path / "landing"
    shutil.copytree(SAMPLE, landing, ignore=shutil.ignore_patterns(*TRACKERS))
    with build(compiled, landing, tmp_path / "home") as connection:
        without = numbers(connection)
    told = numbers(sample)
    assert told.keys() == without.keys()
    assert [number for number in told if not all(map(same, told[number], without[number]))] == []
    assert any(values[0] for values in told.values())


@dataclass(frozen=True)
class Told:
    """An event that a tracker tells, and the span in which it happened."""

    finding: str
    event_type: str
    after: dt.datetime
    until: dt.datetime
    severity: str | None
    reason: str | None

    def is_of(self, event: Registered) -> bool:
        return (
            (self.finding, self.event_type) == (event.finding, event.event_type)
            and self.after <= event.at <= self.until
            and self.severity == event.severity
            and self.reason in (event.reason, None)
        )


@dataclass(frozen=True)
class Registered:
    """An event of the register."""

    finding: str
    event_type: str
    at: dt.datetime
    severity: str | None
    reason: str | None


def told_by(sample: duckdb.DuckDBPyConnection, source: str) -> list[Told]:
    rows = sample.execute(
        """
        with told as (
            select item_id, event_type, event_at, event_not_before, reason,
                cast(null as varchar) as severity
            from intermediate.int_tracker_events
            where source = $source
            union all
            select item_id, 'severity_changed', event_at, event_not_before, null, new_severity
            from intermediate.int_tracker_ratings
            where source = $source
        )
        select items.finding_id, told.event_type, coalesce(event_not_before, event_at), event_at,
            told.severity, told.reason
        from told
        inner join intermediate.int_finding_items as items
            on items.source = $source and told.item_id = items.item_id
        inner join intermediate.int_tracker_findings as findings
            on findings.source = $source and told.item_id = findings.item_id
        where findings.exclusion_reason is null
        """,
        {"source": source},
    ).fetchall()
    return [Told(*row) for row in rows]


def registered(sample: duckdb.DuckDBPyConnection, source: str) -> list[Registered]:
    rows = sample.execute(
        """
        select finding_id, event_type, event_at, new_severity, reason
        from staging.stg_program__finding_events
        where finding_id in (
            select finding_id from intermediate.int_finding_items where source = ?
        )
        """,
        [source],
    ).fetchall()
    return [Registered(*row) for row in rows]


@pytest.mark.parametrize("source", ["jira", "github"])
def test_a_tracker_with_a_change_log_tells_every_event_to_the_second(
    sample: duckdb.DuckDBPyConnection, source: str
) -> None:
    told = told_by(sample, source)
    assert all(event.after == event.until for event in told)
    assert Counter(
        Registered(one.finding, one.event_type, one.until, one.severity, one.reason) for one in told
    ) == Counter(registered(sample, source))
    kinds = {event.event_type for event in told}
    assert {"accepted", "disputed", "false_positive", "reopened", "retest_failed"} <= kinds


def test_deliveries_tell_nothing_that_did_not_happen_then(
    sample: duckdb.DuckDBPyConnection,
) -> None:
    told = told_by(sample, "defectdojo")
    events = registered(sample, "defectdojo")
    assert [one for one in told if not any(map(one.is_of, events))] == []
    by_notes = {one.event_type for one in told if one.after == one.until}
    assert by_notes == {"retest_passed", "reopened"}
    (acceptance,) = (one for one in told if one.event_type == "risk_accepted")
    assert acceptance.until in {event.at for event in events}
    # Flags say that something is so, not since when; what came and went between them is lost.
    lost = Counter(event.event_type for event in events) - Counter(one.event_type for one in told)
    assert {"retest_failed", "disputed"} <= lost.keys()


def test_what_is_no_finding_of_the_registers_is_in_no_metric(
    sample: duckdb.DuckDBPyConnection,
) -> None:
    rows = sample.execute(
        """
        select source, exclusion_reason, count(*)
        from core.fct_findings
        where source <> 'register'
        group by all
        order by all
        """
    ).fetchall()
    assert rows == [
        ("defectdojo", "deleted_at_source", 1),
        ("defectdojo", "duplicate", 1),
        ("github", "not_a_finding", 1),
        ("jira", "not_a_finding", 2),
    ]
