"""Charts outside of cards: by what each says that it shows, how its rows are held against marts.

A chart that none of these sentences names fails: somebody has to say how it is compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pandas as pd

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
from tests.python.app.seen import Drawn, is_written, numbers, unexplained, words

ROLLING: Final = {
    "Fixed in time": "remediation_completion_rate",
    "Systems tested": "system_test_coverage_rate",
}
BY_SYSTEM_ONLY: Final = ("all", "owner_team", "business_unit", "risk_tier", "system")
"""What findings by month and severity are broken down by."""


def _compare(chart: Drawn, wanted: list[Row], columns: Mapping[str, str]) -> None:
    """Check that the rows drawn are those of the mart, number for number and in its order."""
    assert wanted, f"Nothing to draw: {chart.alt[:60]}"
    assert len(chart.rows) == len(wanted), chart.alt[:60]
    for (_, drawn), row in zip(chart.rows.iterrows(), wanted, strict=True):
        for shown, held in columns.items():
            assert_same(drawn[shown], row[held])


def _same(*columns: str) -> dict[str, str]:
    return {column: column for column in columns}


def severity_mix(marts: Marts, chart: Drawn, key: Key) -> None:
    dimension, segment = key.dimension, key.segment
    if dimension not in BY_SYSTEM_ONLY:
        dimension = segment = "all"
    found = records(
        marts,
        "select * from severity_distribution where segment_dimension = ? and segment_value = ? "
        "and period_start < ? and period_start >= ?::date - interval 12 months "
        "order by period_start, severity_order",
        *(dimension, segment, key.end, key.end),
    )
    _compare(chart, found, _same("findings", "share"))
    assert list(chart.rows["severity"]) == [row["severity"] for row in found]
    totals = {
        name: sum(row["findings"] for row in found if row["severity"] == name)
        for name in {row["severity"] for row in found}
    }
    for name, count in re.findall(r"(\w+) ([\d,]+)(?=,|$)", chart.alt.partition(": ")[2]):
        assert is_written(count, totals[name]), chart.alt


def rolling(marts: Marts, chart: Drawn, key: Key) -> None:
    title = chart.alt.partition(", rolling 12 months")[0]
    found = records(
        marts,
        "select * from metric_values where metric_id = ? "
        "and period_grain = 'trailing_12_months' and segment_dimension = ? "
        "and segment_value = ? and period_end <= ? "
        "and period_end > ?::date - interval 12 months and value is not null order by period_end",
        *(ROLLING[title], key.dimension, key.segment, key.end, key.end),
    )
    _compare(
        chart, found, _same("value", "sample_size", "interval_low", "interval_high", "target_low")
    )
    _words_of(chart, found)
    said = chart.alt.partition(": ")[2].split("; ")
    for text, row in zip(said, found, strict=True):
        assert is_written(numbers(text)[0], row["value"], row["unit"]), chart.alt


def _words_of(chart: Drawn, found: list[Row]) -> None:
    """Check the words of each row, that a pointer over it shows."""
    for (_, drawn), row in zip(chart.rows.iterrows(), found, strict=True):
        figure = numbers(words(drawn["words"]))[0]
        assert is_written(figure, row["value"], row["unit"]), drawn["words"]


def capacity(marts: Marts, chart: Drawn, key: Key) -> None:
    found = records(marts, "select * from resource_summary order by period_start desc limit 13")
    _compare(
        chart, found[::-1], _same("hours_worked", "capacity_hours", "utilisation", "fte_testers")
    )


def survival(marts: Marts, chart: Drawn, key: Key) -> None:
    found = records(
        marts,
        "select *, 100 - fixed_within_sla as still_open_at_sla from remediation_survival "
        "where severity <> 'all' order by list_position("
        "['critical', 'high', 'medium', 'low'], severity), severity, day",
    )
    _compare(chart, found, _same("day", "survival", "sla_days", "still_open_at_sla", "at_risk"))


def trend(marts: Marts, chart: Drawn, key: Key) -> None:
    metric_id = _metric_named(marts, chart.alt.partition(", the last periods: ")[0])
    found = records(
        marts,
        "select v.*, limit_low, limit_high, centre from metric_values v "
        "left join metric_control_limits using "
        "(metric_id, period_grain, period_start, segment_dimension, segment_value) "
        "where metric_id = ? and period_grain = ? and segment_dimension = ? "
        "and segment_value = ? and v.value is not null order by period_start",
        *(metric_id, key.grain, key.dimension, key.segment),
    )
    _compare(
        chart,
        found,
        _same("value", "sample_size", "interval_low", "interval_high", "target_low")
        | _same("target_high", "limit_low", "limit_high", "numerator", "denominator"),
    )
    _words_of(chart, found)
    said = chart.alt.partition(": ")[2].split("; ")
    for text, row in zip(said, found[-12:], strict=True):
        assert text.startswith(f"{row['period_start']:%b %Y} "), chart.alt
        assert is_written(numbers(text[8:])[0], row["value"], row["unit"]), chart.alt
    large = chart.rows[chart.rows["selected"]]
    assert [start.date() for start in large["period_start"]] == [key.start]


def segments(marts: Marts, chart: Drawn, key: Key) -> None:
    name, _, dimension = chart.alt.partition(": ")[0].rpartition(" by ")
    found = records(
        marts,
        "select v.*, coalesce(s.system_name, v.segment_value) as name from metric_values v "
        f"left join {SYSTEMS} on v.segment_dimension = 'system' "
        "and v.segment_value = s.system_id "
        "where metric_id = ? and period_grain = ? and period_start = ? "
        "and segment_dimension = ? and v.value is not null "
        "order by sample_size desc, segment_value limit 20",
        *(_metric_named(marts, name), key.grain, key.start, dimension.replace(" ", "_")),
    )
    for row in found:
        row["low"] = row["value"] if row["interval_low"] is None else row["interval_low"]
        row["high"] = row["value"] if row["interval_high"] is None else row["interval_high"]
    _compare(chart, found, _same("value", "low", "high"))
    assert list(chart.rows["name"]) == [row["name"] for row in found]
    for (_, drawn), row in zip(chart.rows.iterrows(), found, strict=True):
        held = [row["value"], row["interval_low"], row["interval_high"], row["sample_size"]]
        assert not unexplained(words(drawn["words"]), held, row["unit"]), drawn["words"]


def _metric_named(marts: Marts, name: str) -> str:
    found = records(marts, "select metric_id from metric_catalog where name = ?", name)
    assert len(found) == 1, f"No metric is called {name}"
    return str(found[0]["metric_id"])


def _by_key(
    marts: Marts,
    chart: Drawn,
    table: str,
    key: Sequence[str],
    columns: Mapping[str, str],
    condition: str = "true",
    **values: object,
) -> None:
    """Check that each row drawn is the row of the mart with its key, in its numbers and words.

    With ``values``, all rows that fulfil the condition are drawn.
    """
    held = {
        tuple(plain_value(row[name]) for name in key): row
        for row in records(marts, f"select * from {table} where {condition}", **values)
    }
    assert len(chart.rows), chart.alt[:60]
    named = [tuple(plain_value(cell) for cell in row) for row in chart.rows[[*key]].to_numpy()]
    assert len(set(named)) == len(named), chart.alt[:60]
    assert set(named) <= set(held), chart.alt[:60]
    assert not values or len(named) == len(held), chart.alt[:60]
    for name, (_, drawn) in zip(named, chart.rows.iterrows(), strict=True):
        row = held[name]
        for shown, column in columns.items():
            assert_same(drawn[shown], row[column])
        if "words" in drawn:
            said = words(drawn["words"]).replace("95 %", "")
            figures = [value for value in row.values() if isinstance(value, int | float)]
            assert not unexplained(said, figures), f"{name}: {said}"


def versions(marts: Marts, chart: Drawn, key: Key) -> None:
    _by_key(
        marts,
        chart,
        "release_gates",
        ["system_id", "system_version", "configuration"],
        {"value": "attack_success_rate", "low": "lower_bound", "high": "upper_bound"}
        | {"limit": "attack_success_limit"},
        "attempts > 0",
    )


def _of(chart: Drawn, columns: Sequence[str]) -> tuple[str, dict[str, object]]:
    """Return the condition that the first row drawn fulfils in some columns, and its values."""
    first = chart.rows.iloc[0]
    values = {name: None if pd.isna(first[name]) else first[name] for name in columns}
    return " and ".join(f"{name} is not distinct from ${name}" for name in columns), values


def comparison(marts: Marts, chart: Drawn, key: Key) -> None:
    condition, values = _of(chart, COMPARED)
    _by_key(
        marts,
        chart,
        "attack_success_changes",
        [*COMPARED, "attack", "strategy", "judge"],
        {"value": "delta", "low": "interval_low", "high": "interval_high"},
        f"{condition} and delta is not null",
        **values,
    )


SERIES: Final = ("system_id", "tool", "attack", "strategy", "judge", "comparability_key")
"""What is measured alike week by week."""


def drift(marts: Marts, chart: Drawn, key: Key) -> None:
    condition, values = _of(chart, SERIES)
    _by_key(
        marts,
        chart,
        "attack_success_drift",
        [*SERIES, "week_start"],
        _same("attack_success_rate", "centre", "limit_low", "limit_high", "prompts"),
        condition,
        **values,
    )
    assert is_written(numbers(chart.alt)[0], len(chart.rows)), chart.alt


def techniques(marts: Marts, chart: Drawn, key: Key) -> None:
    _by_key(
        marts,
        chart,
        "technique_coverage_matrix",
        ["system_id", "technique_id"],
        {"value": "attack_success_rate"},
        "attack_success_rate is not null",
    )


def technique_map(marts: Marts, chart: Drawn, key: Key) -> None:
    found = records(marts, "select count(*) as cells from technique_coverage_matrix")
    assert len(chart.rows) == found[0]["cells"]
    _by_key(
        marts,
        chart,
        "technique_coverage_matrix",
        ["system_id", "technique_id"],
        {"rate": "attack_success_rate", "Attempts": "attempts"},
    )


Comparison = Callable[[Marts, Drawn, Key], None]
CHARTS: Final[dict[str, Comparison]] = {
    "Findings of 12 months by severity": severity_mix,
    r"[\w ]+, rolling 12 months, by the month it ends: ": rolling,
    "Hours worked and capacity by month": capacity,
    "Kaplan-Meier curves of the days to a confirmed fix": survival,
    r"[^,]+, the last periods: ": trend,
    "Attack success rates with exact bounds: ": versions,
    "Change of attack success by attack: ": comparison,
    "Weekly attack success, ": drift,
    "Attack success by technique, 12 months: ": techniques,
    "ATLAS techniques by system: ": technique_map,
    r"[^:]+ by [\w ]+: ": segments,
}
"""How a chart is compared, by what it begins to say; the first that fits."""


def compare(marts: Marts, chart: Drawn, key: Key) -> str:
    """Hold a chart against marts; return which comparison it was.

    Raises:
        AssertionError: a number differs, or nobody said how this chart is compared.
    """
    for sentence, comparison_of in CHARTS.items():
        if re.match(sentence, chart.alt):
            comparison_of(marts, chart, key)
            return comparison_of.__name__
    raise AssertionError(f"Nothing attributes the numbers of this chart: {chart.alt[:80]}")
