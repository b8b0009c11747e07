"""Month ends of two years, rebuilt: every number that differs from one to another is restated."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from aism.land import land
from tests.python.compiled import CompiledModels
from tests.python.oracle.organisation import write
from tests.python.whole import build_warehouse

LAST = dt.date(2025, 6, 30)
MONTH_ENDS = [
    dt.date(2023 + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1) for month in range(7, 31)
]
VALUES = ("metric_values", "metric_catalog", "build_generation")

Number = tuple[object, ...]
"""Metric, grain, first day, segment."""
Change = tuple[float | None, float | None, str]
"""Published value, new value, cause."""


@dataclass
class Build:
    """What one build published: complete periods only."""

    as_of: dt.date
    landing: int
    values: dict[Number, float | None] = field(default_factory=dict)
    metrics: set[object] = field(default_factory=set)

    def knows(self, period_end: dt.date) -> bool:
        return period_end <= self.as_of + dt.timedelta(days=1)

    def read(self, connection: duckdb.DuckDBPyConnection) -> None:
        rows = connection.execute(
            """
            select metric_id, period_grain, period_start, period_end, segment_dimension,
                segment_value, value, is_partial_period
            from marts.metric_values
            """
        ).fetchall()
        self.values = {row[:6]: row[6] for row in rows if not row[7]}
        self.metrics = {row[0] for row in rows}


def read_restatements(
    connection: duckdb.DuckDBPyConnection,
) -> dict[int, dict[Number, Change]]:
    rows = connection.execute(
        """
        select to_generation, metric_id, period_grain, period_start, period_end,
            segment_dimension, segment_value, published_value, new_value, cause
        from marts.metric_restatements
        where from_generation = to_generation - 1
        """
    ).fetchall()
    listed: dict[int, dict[Number, Change]] = {}
    for generation, *row in rows:
        listed.setdefault(generation, {})[tuple(row[:6])] = (row[6], row[7], row[8])
    return listed


def same(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return math.isclose(old, new, rel_tol=1e-9, abs_tol=1e-9)


def differences(older: Build, newer: Build) -> dict[Number, tuple[float | None, float | None]]:
    """Numbers of periods that both builds knew whole; of metrics that the older one published."""
    return {
        number: (older.values.get(number), newer.values.get(number))
        for number in older.values.keys() | newer.values.keys()
        if number[0] in older.metrics
        and isinstance(number[3], dt.date)
        and older.knows(number[3])
        and newer.knows(number[3])
        and not same(older.values.get(number), newer.values.get(number))
    }


def deliver_late(landing: Path) -> None:
    """Add findings of months that were published long ago, one of them fixed meanwhile."""
    system_id = _a_system(landing)
    _write(
        landing / "program" / "findings" / "zzz-late.csv",
        "finding_id,system_id,title,severity,vulnerability_class,reported_at",
        *(
            f"late-{month},{system_id},Late,critical,late.class,2023-{month:02}-10"
            for month in (8, 9, 10)
        ),
    )
    _write(
        landing / "program" / "finding_events" / "zzz-late.csv",
        "finding_id,event_type,event_at",
        "late-8,accepted,2023-08-11",
        "late-8,remediation_claimed,2023-08-12",
        "late-8,retest_passed,2023-08-13",
    )


def correct(landing: Path) -> None:
    """Deliver a file anew: one finding was none, one less severe, one of another month."""
    system_id = _a_system(landing)
    _write(
        landing / "program" / "findings" / "zzz-late.csv",
        "finding_id,system_id,title,severity,vulnerability_class,reported_at",
        f"late-8,{system_id},Late,low,late.class,2023-08-10",
        f"late-9,{system_id},Late,critical,late.class,2023-11-10",
    )


def _a_system(landing: Path) -> str:
    file = landing / "program" / "systems.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        return min(row["system_id"] for row in csv.DictReader(stream))


def _write(file: Path, *lines: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


Deliveries = dict[dt.date, Callable[[Path], None]]
DELIVERIES: Deliveries = {MONTH_ENDS[9]: deliver_late, MONTH_ENDS[16]: correct}
"""What comes after a month end was published; the month end is then published anew."""
SOME_MONTH_ENDS = sorted({*MONTH_ENDS[::3], *DELIVERIES, LAST})
"""Those of every check; `make test-slow` builds them all."""


OUTCOMES = {
    "cost_per_finding",
    "false_positive_rate",
    "finding_acceptance_rate",
    "finding_decided_acceptance_rate",
    "finding_dispute_rate",
    "mean_time_to_remediate",
    "production_incident_correlation",
    "recurrence_rate",
    "remediated_recurrence_rate",
    "remediation_completion_rate",
    "remediation_sla_attainment_rate",
    "remediation_verification_rate",
    "reopen_rate",
    "time_to_claimed_fix",
    "vulnerability_density",
    # A vector whose own test date lies ahead counts from the report until that day has come.
    "input_vector_coverage_rate",
}
"""Metrics that read outcomes as known at the build's day. Those of no other can change with it."""


def schedule(landing: Path, month_ends: list[dt.date]) -> Iterator[Build]:
    """Yield the builds to make, one after the other, on a folder that changes between them."""
    delivered = 0
    for as_of in month_ends:
        yield Build(as_of, delivered)
        if as_of in DELIVERIES:
            DELIVERIES[as_of](landing)
            delivered += 1
            yield Build(as_of, delivered)


def write_organisation(landing: Path, seed: int, findings: int) -> None:
    """Rows of two years: outcomes that come months later, fixes that are undone."""
    write(
        landing,
        seed,
        as_of=LAST,
        systems=6,
        findings=findings,
        runs=6,
        faults=False,
        many_files=False,
    )


def check(builds: list[Build], listed: dict[int, dict[Number, Change]]) -> None:
    """Each difference is listed with old, new and cause, and nothing else is."""
    for generation, (older, newer) in enumerate(pairwise(builds), 2):
        cause = "state change" if older.landing == newer.landing else "late data"
        expected = {
            number: (*values, cause) for number, values in differences(older, newer).items()
        }
        assert listed.get(generation, {}) == expected, (older.as_of, newer.as_of)

    # Over many builds, too: what differs in the end was restated, from the one value to the other.
    for place, older in enumerate(builds[:-1]):
        first: dict[Number, float | None] = {}
        last: dict[Number, float | None] = {}
        for generation in range(place + 2, len(builds) + 1):
            for number, (old, new, _) in listed.get(generation, {}).items():
                first.setdefault(number, old)
                last[number] = new
        for number, (old, new) in differences(older, builds[-1]).items():
            assert number in first, (number, older.as_of)
            assert same(first[number], old), (number, older.as_of)
            assert same(last[number], new), (number, older.as_of)


HISTORY = """
select
    metric_id, period_grain, period_start, period_end, is_partial_period,
    segment_dimension, segment_value, value, sample_size, target_low, target_high,
    {generation} as generation,
    built_at + interval ({generation}) hour as published_at,
    as_of, landing_sha256, definition_sha256
from marts.metric_values
inner join marts.metric_catalog using (metric_id)
cross join marts.build_generation
"""
"""The columns of stg_history__metric_values, of the build at hand."""


@pytest.mark.parametrize(
    "month_ends",
    [
        pytest.param(SOME_MONTH_ENDS, id="some"),
        pytest.param(MONTH_ENDS, id="all", marks=pytest.mark.slow),
    ],
)
def test_month_ends_agree_except_for_what_is_restated(
    tmp_path: Path, compiled: CompiledModels, month_ends: list[dt.date]
) -> None:
    """The models as compiled, run for every month end; their values are kept as published ones."""
    landing, home = tmp_path / "landing", tmp_path / "home"
    write_organisation(landing, 41, findings=40)
    builds: list[Build] = []
    instead = {"stg_history__metric_values": "from main.history"}
    with compiled.connect() as connection:
        for build in schedule(landing, month_ends):
            if builds:
                keep = (
                    "create table main.history as"
                    if len(builds) == 1
                    else "insert into main.history"
                )
                connection.execute(f"{keep} {HISTORY.format(generation=len(builds))}")
            if not builds or builds[-1].landing != build.landing:
                land(landing, home)
            compiled.run(connection, home, as_of=build.as_of, marts=VALUES)
            build.read(connection)
            builds.append(build)
        compiled.run(
            connection,
            home,
            as_of=builds[-1].as_of,
            marts=["metric_restatements"],
            instead=instead,
        )
        listed = read_restatements(connection)

    assert len(builds) == len(month_ends) + len(DELIVERIES)
    check(builds, listed)
    changes = [
        (number, change) for numbers in listed.values() for number, change in numbers.items()
    ]
    assert {change[2] for _, change in changes} == {"late data", "state change"}
    by_state = {number[0] for number, change in changes if change[2] == "state change"}
    assert len(by_state) >= 12
    program = {
        number[0]
        for number, change in changes
        if change[2] == "state change" and number[4] == "all"
    }
    assert program <= OUTCOMES


@pytest.mark.slow
def test_month_ends_published_by_whole_builds(tmp_path: Path, state: Path) -> None:
    landing, warehouse = tmp_path / "landing", tmp_path / "warehouse"
    write_organisation(landing, 43, findings=120)
    builds: list[Build] = []
    for build in schedule(landing, MONTH_ENDS):
        database = build_warehouse(
            landing, state, warehouse, build.as_of, "--no-check", is_tested=False
        )
        with duckdb.connect(str(database), read_only=True) as connection:
            build.read(connection)
            builds.append(build)
            if build.as_of == LAST:
                check(builds, read_restatements(connection))
