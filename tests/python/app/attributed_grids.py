"""Tables of pages: by what each says that it shows, whose cells are held against which rows.

A table that none of these sentences names fails, and so does a column of one that nobody said how
to compare.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd
from streamlit.testing.v1.element_tree import Element

from app.components.posture import FRAMEWORKS
from tests.python.app.attributed import (
    COMPARED,
    SYSTEMS,
    Key,
    Marts,
    Row,
    assert_same,
    plain_value,
    records,
)
from tests.python.app.seen import numbers, unexplained, words


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it is sent: what it says that it shows, its rows, the columns that are seen."""

    alt: str
    rows: pd.DataFrame
    seen: list[str]


@dataclass(frozen=True, slots=True)
class Held:
    """What the published file holds of a table."""

    rows: list[Row]
    key: Sequence[str]
    """Columns that tell rows apart, in both."""

    said: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Columns in words: whose numbers they are."""

    wordy: Sequence[str] = ()
    """Columns in words without a number."""


def grid(element: Element) -> Grid:
    """Return a table as it is sent to the browser."""
    rows = element.value
    return Grid(words(element.proto.alt), rows, list(element.proto.column_order) or list(rows))


def hold(shown: Grid, held: Held) -> None:
    """Hold every cell that is seen against the row of the file that the table names."""
    assert held.rows, f"Nothing to show: {shown.alt[:60]}"
    by_key = {tuple(plain_value(row[name]) for name in held.key): row for row in held.rows}
    assert len(by_key) == len(held.rows), "the key does not tell rows apart"
    named = [
        tuple(plain_value(cell) for cell in row) for row in shown.rows[list(held.key)].to_numpy()
    ]
    assert sorted(map(str, named)) == sorted(map(str, by_key)), shown.alt[:60]
    for name, (_, cells) in zip(named, shown.rows.iterrows(), strict=True):
        row = by_key[name]
        for column in shown.seen:
            at = f"{shown.alt[:40]}, {name}, {column}"
            if column in held.said:
                _hold_words(cells[column], [row[of] for of in held.said[column]], row, at)
            elif column in held.wordy:
                assert not numbers(str(cells[column])), at
            else:
                assert column in row, f"nothing attributes {at}"
                assert_equal(cells[column], row[column], at)


def _hold_words(cell: object, values: list[Any], row: Row, at: str) -> None:
    text = "" if plain_value(cell) is None else words(str(cell))
    assert not unexplained(text, values, row.get("unit", "")), f"{at}: {text}"
    assert bool(numbers(text)) == (values[0] is not None), f"{at}: {text}"


def assert_equal(shown: Any, held: Any, at: str) -> None:
    """Hold a cell against the file: numbers to the last digit, days, texts."""
    if isinstance(held, int | float) and not isinstance(held, bool):
        assert_same(shown, held)
    else:
        assert plain_value(shown) == plain_value(held), at


def _teams(marts: Marts, shown: Grid, key: Key) -> Held:
    count = "(select count(*) from open_findings f where f.owner_team = t.owner_team"
    rows = records(
        marts,
        f"""
        select
            t.owner_team, {count}) as open_findings, {count} and is_overdue) as overdue,
            {count} and current_severity in ('critical', 'high')) as serious,
            (
                select cast(coalesce(sum(findings), 0) as bigint) from severity_distribution d
                where d.segment_dimension = 'owner_team' and d.segment_value = t.owner_team
                and d.period_start >= $start and d.period_start < $end
            ) as reported,
            v.value as sla_attainment, v.sample_size, v.interval_low, v.interval_high,
            'percent' as unit
        from (
            select owner_team from open_findings
            union select segment_value from severity_distribution
            where segment_dimension = 'owner_team' and period_start >= $start
                and period_start < $end
            union select segment_value from metric_values
            where segment_dimension = 'owner_team' and period_grain = $grain
                and period_start = $start and metric_id = 'remediation_sla_attainment_rate'
        ) t
        left join metric_values v
            on v.metric_id = 'remediation_sla_attainment_rate' and v.period_grain = $grain
            and v.period_start = $start and v.segment_dimension = 'owner_team'
            and v.segment_value = t.owner_team
        """,
        start=key.start,
        end=key.end,
        grain=key.grain,
    )
    return Held(rows, ["owner_team"], {"interval": ["interval_low", "interval_high"]})


def _disputes(marts: Marts, shown: Grid, key: Key) -> Held:
    return Held(
        records(marts, "select * from dispute_patterns where dimension = 'reason'"), ["value"]
    )


def _parts(marts: Marts, shown: Grid, key: Key) -> Held:
    part = "risk_tier" if shown.alt.startswith("Risk tier") else "business_unit"
    system = f"(select count(*) from system_scorecards s where s.{part} = p.part"
    finding = f"from open_findings f where f.{part} = p.part"
    rows = records(
        marts,
        f"""
        select
            part, {system} and is_in_production) as systems,
            {system} and is_in_production and gate_verdict = 'fail') as gates_failed,
            (select count(*) {finding}) as open_findings,
            (select count(*) {finding} and is_overdue) as overdue,
            (select count(*) {finding} and is_risk_accepted) as risk_accepted,
            (select count(*) {finding} and current_severity in ('critical', 'high')) as serious,
            (select floor(max(days_open)) {finding}) as oldest_days
        from (
            select {part} as part from system_scorecards where is_in_production
            union select {part} from open_findings
        ) p
        """,
    )
    return Held(rows, ["part"])


def _gaps(marts: Marts, shown: Grid, key: Key) -> Held:
    cells = "(select count(*) from technique_coverage_matrix m where m.system_id = s.system_id"
    rows = records(
        marts,
        f"""
        select
            s.*, {cells} and state = 'untested') as untested_techniques,
            {cells} and state = 'thin') as thin_techniques,
            input_vector_coverage_rate_numerator as tried,
            input_vector_coverage_rate_denominator as ways_in,
            year(last_launch_at) as y, month(last_launch_at) as m, day(last_launch_at) as d
        from system_scorecards s where is_in_production
        """,
    )
    return Held(
        rows,
        ["system_id"],
        {"ways": ["tried", "ways_in"], "launch": ["y", "m", "d"]},
        wordy=["tested"],
    )


def _benchmarks(marts: Marts, shown: Grid, key: Key) -> Held:
    rows = records(marts, "select * from benchmark_comparison")
    ours = ["own_value", "own_interval_low", "own_interval_high", "own_sample_size"]
    return Held(
        [row | {"metric_name": row["metric_name"] or row["metric_id"]} for row in rows],
        ["benchmark_id", "segment_value", "statistic"],
        {"ours": ours, "theirs": ["public_value"]},
    )


def _year(marts: Marts, shown: Grid, key: Key) -> Held:
    sides = ("value", "interval_low", "interval_high", "sample_size")
    return Held(
        records(marts, "select * from year_over_year where value is not null"),
        ["metric_id"],
        {"now": sides, "before": [f"previous_{side}" for side in sides]},
        wordy=["moved", "target"],
    )


def _frameworks(marts: Marts, shown: Grid, key: Key) -> Held:
    kinds = ("met", "partially_met", "not_met", "stale", "not_assessed", "controls")
    counts = ", ".join(f"any_value(framework_{kind}) as {kind}" for kind in kinds)
    rows = records(marts, f"select framework, {counts} from compliance_coverage group by all")
    named = [row | {"name": FRAMEWORKS[row["framework"]]} for row in rows]
    return Held(named, ["framework"])


def _comparison(marts: Marts, shown: Grid, key: Key) -> Held:
    pair = shown.rows.iloc[0]
    alike = " and ".join(f"{column} is not distinct from ${column}" for column in COMPARED)
    of = {column: None if pd.isna(pair[column]) else pair[column] for column in COMPARED}
    rows = records(marts, f"select * from attack_success_changes where {alike}", **of)
    return Held(rows, [*COMPARED, "attack", "strategy", "judge"], wordy=["verdict"])


def _techniques(marts: Marts, shown: Grid, key: Key) -> Held:
    (system,) = set(shown.rows["system_id"])
    rows = records(marts, "select * from technique_coverage_matrix where system_id = ?", system)
    return Held(rows, ["system_id", "technique_id"], wordy=["state"])


def _segments(marts: Marts, shown: Grid, key: Key) -> Held:
    (metric,), (dimension,) = set(shown.rows["metric_id"]), set(shown.rows["segment_dimension"])
    rows = records(
        marts,
        "select v.*, coalesce(s.system_name, v.segment_value) as segment_name "
        f"from metric_values v left join {SYSTEMS} on v.segment_dimension = 'system' "
        "and v.segment_value = s.system_id where metric_id = ? and segment_dimension = ? "
        "and period_grain = ? and period_start = ? and v.value is not null",
        *(metric, dimension, key.grain, key.start),
    )
    said = {"shown": ["value"], "before": ["previous_value"]}
    return Held(rows, ["metric_id", "segment_dimension", "segment_value"], said, wordy=["status"])


def _periods(marts: Marts, shown: Grid, key: Key) -> Held:
    (metric,) = set(shown.rows["metric_id"])
    rows = records(
        marts,
        "select * from metric_values where metric_id = ? and period_grain = ? "
        "and segment_dimension = ? and segment_value = ?",
        *(metric, key.grain, key.dimension, key.segment),
    )
    said = {"shown": ["value"], "sums": ["numerator", "denominator"]}
    return Held(rows, ["metric_id", "period_start"], said, wordy=["status", "partial"])


def _sources(marts: Marts, shown: Grid, key: Key) -> Held:
    rows = records(
        marts,
        """
        select
            s.* replace (floor(days_since_newest_row) as days_since_newest_row),
            (
                select max(expected) from delivery_checks c
                where c.source = s.source and check_name = 'freshness'
            ) as expected_freshness
        from source_freshness s
        """,
    )
    return Held(rows, ["source"], wordy=["standing"])


def _reasons(marts: Marts, shown: Grid, key: Key) -> Held:
    rows = records(
        marts,
        "select reason, source, count(*) as rows_quarantined from quarantined_rows group by all",
    )
    return Held(rows, ["reason", "source"], wordy=["reason_in_words"])


def _checks(marts: Marts, shown: Grid, key: Key) -> Held:
    counted: dict[str, Counter[str]] = {}
    for row in records(marts, "select check_name, status from delivery_checks"):
        counted.setdefault(row["check_name"], Counter())[row["status"]] += 1
    statuses = ("warned", "passed", "not_applicable")
    rows = [{"check_name": n} | {s: c[s] for s in statuses} for n, c in counted.items()]
    return Held(rows, ["check_name"], wordy=["in_words"])


def _tests(marts: Marts, shown: Grid, key: Key) -> Held:
    ended = Counter((r["dimension"], r["status"]) for r in records(marts, "from test_results"))
    rows = []
    for dimension in shown.rows["dimension"]:
        of = {status: count for (name, status), count in ended.items() if name == dimension}
        passed = of.get("pass", 0)
        tests = sum(of.values())
        rows.append(
            {"dimension": dimension, "tests": tests, "passed": passed, "warned": tests - passed}
        )
    assert sum(row["tests"] for row in rows) == ended.total()
    return Held(rows, ["dimension"])


GRIDS: Final[dict[str, Callable[[Marts, Grid, Key], Held]]] = {
    "Teams: ": _teams,
    "Disputes: ": _disputes,
    "(Risk tier|Business unit): systems": _parts,
    "Systems in production: ": _gaps,
    "Public figures beside ours": _benchmarks,
    "Every metric over twelve months": _year,
    "Frameworks: ": _frameworks,
    "The comparison by attack: ": _comparison,
    "Techniques of the system: ": _techniques,
    "Segments with value": _segments,
    "Periods with value": _periods,
    "Sources: ": _sources,
    "Reasons for which": _reasons,
    "Checks: ": _checks,
    "Tests of this build": _tests,
}
"""What a table is compared with, by what it begins to say; the first that fits."""


def compare_grid(marts: Marts, shown: Grid, key: Key) -> str:
    """Hold a table against marts; return which it was.

    Raises:
        AssertionError: a cell differs, or nobody said how this table is compared.
    """
    for sentence, held_of in GRIDS.items():
        if re.match(sentence, shown.alt):
            hold(shown, held_of(marts, shown, key))
            return held_of.__name__.removeprefix("_")
    raise AssertionError(f"Nothing attributes the numbers of this table: {shown.alt[:80]}")
