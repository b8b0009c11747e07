"""From observations to the rows of metric_values: sum each side, divide once."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from .landing import Landing
from .metrics import (
    METRICS,
    Metric,
    Observation,
    World,
    add_months,
    month_of,
    observe,
)

GRAINS = ("month", "quarter", "trailing_12_months")
NORMAL = 1.959963984540054


class Target(NamedTuple):
    """A target of one segment: at least low, at most high (strictly below where said)."""

    dimension: str
    value: str
    low: float | None = None
    high: float | None = None
    below: bool = False


TARGETS: dict[str, tuple[Target, ...]] = {
    "system_test_coverage_rate": (Target("all", "all", low=80),),
    "pre_deployment_test_rate": (
        Target("risk_tier", "high", low=100),
        Target("risk_tier", "medium", low=80),
    ),
    "technique_coverage_rate": (
        Target("assessment_tier", "standard", low=70),
        Target("tier_and_risk", "comprehensive/high", low=90),
    ),
    "input_vector_coverage_rate": (Target("risk_tier", "high", low=90),),
    "automated_scan_frequency": (
        Target("risk_tier", "high", low=100),
        Target("risk_tier", "medium", low=100),
    ),
    "regression_test_coverage_rate": (
        Target("severity", "critical", low=100),
        Target("severity", "high", low=100),
        Target("severity", "medium", low=80),
    ),
    "critical_high_finding_rate": (Target("all", "all", low=10, high=50),),
    "finding_acceptance_rate": (Target("all", "all", low=90),),
    "confirmed_exploitability_rate": (Target("all", "all", low=95),),
    "false_positive_rate": (Target("all", "all", high=5, below=True),),
    "time_to_assessment": (
        Target("assessment_tier", "quick_scan", high=7),
        Target("assessment_tier", "standard", high=42),
        Target("assessment_tier", "comprehensive", high=84),
    ),
    "mean_time_to_remediate": (
        Target("severity", "critical", high=7),
        Target("severity", "high", high=30),
        Target("severity", "medium", high=90),
        Target("severity", "low", high=180),
    ),
    "remediation_completion_rate": (
        Target("severity", "critical", low=95),
        Target("severity", "high", low=90),
        Target("severity", "medium", low=80),
    ),
    "remediation_verification_rate": (
        Target("severity", "critical", low=100),
        Target("severity", "high", low=100),
        Target("severity", "medium", low=80),
    ),
    "fix_effectiveness_rate": (Target("all", "all", low=90),),
}


# --- statistics -------------------------------------------------------------------------------


def wilson(share: float, n: float, z: float = NORMAL) -> tuple[float, float]:
    """Return the Wilson interval of a share seen in n independent trials."""
    centre = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if share == 0 else (centre - spread) / scale
    high = 1.0 if share == 1 else (centre + spread) / scale
    return low, high


def t_upper_tail(t: float, degrees: int) -> float:
    """P(T > t) for t >= 0 and whole degrees of freedom, by the finite series."""
    angle = math.atan(t / math.sqrt(degrees))
    cosine, sine = math.cos(angle), math.sin(angle)
    if degrees % 2:
        term, series = cosine, 0.0
        for step in range(1, degrees // 2 + 1):
            series += term
            term *= cosine * cosine * (2 * step) / (2 * step + 1)
        within = (angle + sine * series) * 2 / math.pi
    else:
        term, series = 1.0, 0.0
        for step in range(1, degrees // 2 + 1):
            series += term
            term *= cosine * cosine * (2 * step - 1) / (2 * step)
        within = sine * series
    return (1 - within) / 2


@cache
def t_critical(degrees: int) -> float:
    """Return the 97.5 % point of the t distribution, by bisection."""
    low, high = 0.0, 13.0
    for _ in range(200):
        middle = (low + high) / 2
        if t_upper_tail(middle, degrees) > 0.025:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def clustered_wilson(clusters: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """Return the Wilson interval at the effective size; a cluster is (successes, trials)."""
    known = list(clusters)
    count = len(known)
    trials = sum(m for _, m in known)
    successes = sum(k for k, _ in known)
    share = successes / trials
    if successes in (0, trials):
        return wilson(share, count)
    if count == 1:
        return wilson(share, 1)
    squares = sum((k - m * share) ** 2 for k, m in known)
    variance = count / (count - 1) * squares / trials**2
    design_effect = variance / (share * (1 - share) / trials)
    effective = trials / max(1.0, design_effect)
    return wilson(share, effective, t_critical(count - 1) if count <= 200 else NORMAL)


def percentile(values: list[float], share: float) -> float | None:
    """Linear interpolation between the two nearest values."""
    if not values:
        return None
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


# --- sums -------------------------------------------------------------------------------------


@dataclass
class Tally:
    """The sums of some observations."""

    numerator: float = 0.0
    denominator: float = 0.0
    numerator_rows: int = 0
    denominator_rows: int = 0
    sample_size: int = 0
    is_immature: bool = False
    values: list[float] = field(default_factory=list)
    clusters: dict[tuple[str, ...], tuple[float, float]] = field(default_factory=dict)

    def add(self, one: Observation, keep_values: bool) -> None:
        if one.numerator is not None:
            self.numerator += one.numerator
            self.numerator_rows += 1
            if keep_values:
                self.values.append(one.numerator)
        if one.denominator is not None:
            self.denominator += one.denominator
            self.denominator_rows += 1
        self.sample_size += one.sample_size
        self.is_immature = self.is_immature or one.is_immature
        if one.cluster is not None:
            successes, trials = self.clusters.get(one.cluster, (0.0, 0.0))
            self.clusters[one.cluster] = (successes + (one.numerator or 0.0), trials + 1)

    def merge(self, other: Tally) -> None:
        self.numerator += other.numerator
        self.denominator += other.denominator
        self.numerator_rows += other.numerator_rows
        self.denominator_rows += other.denominator_rows
        self.sample_size += other.sample_size
        self.is_immature = self.is_immature or other.is_immature
        self.values.extend(other.values)
        for cluster, (successes, trials) in other.clusters.items():
            before = self.clusters.get(cluster, (0.0, 0.0))
            self.clusters[cluster] = (before[0] + successes, before[1] + trials)


class Key(NamedTuple):
    """What identifies a row of metric_values."""

    metric_id: str
    period_grain: str
    period_start: date
    segment_dimension: str
    segment_value: str


@dataclass
class MetricValue:
    """A row of metric_values."""

    key: Key
    period_end: date
    is_partial_period: bool
    numerator: float
    denominator: float | None
    value: float | None
    sample_size: int
    interval_low: float | None
    interval_high: float | None
    median: float | None
    p90: float | None
    unit: str
    target_low: float | None
    target_high: float | None
    target_status: str
    previous_value: float | None = None
    change: float | None = None


# --- the roll-up ------------------------------------------------------------------------------


def period_of(grain: str, month: datetime) -> tuple[datetime, datetime]:
    """Start and end of the period of a grain that a month ends or lies in."""
    if grain == "month":
        return month, add_months(month, 1)
    if grain == "quarter":
        start = month.replace(month=(month.month - 1) // 3 * 3 + 1)
        return start, add_months(start, 3)
    return add_months(month, -11), add_months(month, 1)


class RollUp:
    """All rows of one metric."""

    def __init__(self, metric_id: str, observations: list[Observation], as_of: date) -> None:
        self.metric_id = metric_id
        self.metric: Metric = METRICS[metric_id]
        self.cutoff = datetime(as_of.year, as_of.month, as_of.day) + timedelta(days=1)
        self.dimensions = sorted(
            {
                dimension
                for one in {id(one.keys): one for one in observations}.values()
                for dimension, value in one.keys.items()
                if value is not None
            }
        )
        self.monthly: dict[datetime, dict[str, dict[str | None, Tally]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(Tally))
        )
        keep_values = self.metric.kind == "days"
        for one in observations:
            month = self.monthly[month_of(one.observed_on)]
            month["all"]["all"].add(one, keep_values)
            for dimension in self.dimensions:
                month[dimension][one.keys.get(dimension)].add(one, keep_values)
        self.first = min(self.monthly) if self.monthly else None
        self.last = month_of(as_of)

    def periods(self) -> Iterator[tuple[str, datetime, datetime]]:
        """(grain, start, end) from the first observation's month to the month of as_of."""
        if self.first is None:
            return
        for grain in GRAINS:
            month, seen = self.first, None
            while month <= self.last:
                start, end = period_of(grain, month)
                if start != seen:
                    yield grain, start, end
                seen = start
                month = add_months(month, 1)

    def months(self, start: datetime, end: datetime) -> list[datetime]:
        """Return the months to sum over: all begun ones of a flow, the last of a stock."""
        months = []
        month = start
        while month < min(end, self.cutoff):
            months.append(month)
            month = add_months(month, 1)
        return months if self.metric.measures == "flow" else months[-1:]

    def seen(self, dimension: str, start: datetime, end: datetime) -> set[str]:
        """Return the segment values a period has rows for."""
        if dimension == "all":
            return {"all"}
        return {
            value
            for month in self.months(start, end)
            if month in self.monthly
            for value in self.monthly[month][dimension]
            if value is not None
        }

    def row(
        self, grain: str, start: datetime, end: datetime, dimension: str, value: str
    ) -> MetricValue:
        """One row; what has no value in the dimension counts for each of its values."""
        tally = Tally()
        months = self.months(start, end)
        for month in months:
            if month in self.monthly:
                segments = self.monthly[month][dimension]
                for key in (value, None):
                    if key in segments:
                        tally.merge(segments[key])
        share = self.divide(tally, months)
        low, high = self.interval(tally, share)
        target = self.target(dimension, value)
        is_days = self.metric.kind == "days"
        return MetricValue(
            key=Key(self.metric_id, grain, start.date(), dimension, value),
            period_end=end.date(),
            is_partial_period=end > self.cutoff,
            numerator=tally.numerator,
            denominator=None if self.metric.kind == "count" else tally.denominator,
            value=share,
            sample_size=tally.sample_size,
            interval_low=low,
            interval_high=high,
            median=percentile(tally.values, 0.5) if is_days else None,
            p90=percentile(tally.values, 0.9) if is_days else None,
            unit=self.metric.unit,
            target_low=target.low if target else None,
            target_high=target.high if target else None,
            target_status=status(target, share, low, high, tally),
        )

    def divide(self, tally: Tally, months: list[datetime]) -> float | None:
        if self.metric.kind == "count":
            return tally.numerator
        if not tally.numerator_rows or not tally.denominator_rows or tally.denominator == 0:
            return None
        if self.metric_id == "assessment_throughput":
            for month in months:
                if (
                    month not in self.monthly
                    or not self.monthly[month]["all"]["all"].denominator_rows
                ):
                    return None
        factor = 100 if self.metric.kind == "percent" else 1
        return factor * tally.numerator / tally.denominator

    def interval(self, tally: Tally, share: float | None) -> tuple[float | None, float | None]:
        if share is None or not self.metric.interval:
            return None, None
        if self.metric.interval == "clustered":
            low, high = clustered_wilson(tally.clusters.values())
        else:
            low, high = wilson(tally.numerator / tally.denominator, tally.denominator)
        return 100 * low, 100 * high

    def target(self, dimension: str, value: str) -> Target | None:
        for target in TARGETS.get(self.metric_id, ()):
            if (target.dimension, target.value) == (dimension, value):
                return target
        return None

    def rows(self) -> dict[Key, MetricValue]:
        """Return the rows of all periods and the segment values seen in them."""
        rows: dict[Key, MetricValue] = {}
        for grain, start, end in self.periods():
            for dimension in ("all", *self.dimensions):
                for value in self.seen(dimension, start, end):
                    row = self.row(grain, start, end, dimension, value)
                    rows[row.key] = row
        for key, row in rows.items():
            before = rows.get(adjacent(key))
            if before is not None and before.value is not None:
                row.previous_value = before.value
                if row.value is not None:
                    row.change = row.value - before.value
        return rows


def adjacent(key: Key) -> Key:
    """Return the same segment in the period of the same grain one month or one quarter earlier."""
    start = datetime(key.period_start.year, key.period_start.month, 1)
    months = 3 if key.period_grain == "quarter" else 1
    return key._replace(period_start=add_months(start, -months).date())


def status(
    target: Target | None,
    value: float | None,
    low: float | None,
    high: float | None,
    tally: Tally,
) -> str:
    """met, missed, undecided, no_target or not_measured."""
    if target is None:
        return "no_target"
    if value is None:
        return "not_measured"
    if tally.sample_size < 5 or tally.is_immature:
        return "undecided"
    lowest, highest = (value, value) if low is None or high is None else (low, high)

    def is_too_high(number: float) -> bool:
        if target.high is None:
            return False
        return number >= target.high if target.below else number > target.high

    def is_too_low(number: float) -> bool:
        return target.low is not None and number < target.low

    if is_too_low(highest) or is_too_high(lowest):
        return "missed"
    if is_too_low(lowest) or is_too_high(highest):
        return "undecided"
    return "met"


def metric_values(
    landing: Landing, as_of: date, metric_ids: Iterable[str] | None = None
) -> dict[Key, MetricValue]:
    """All rows of metric_values that the definitions ask for."""
    world = World(landing, as_of)
    rows: dict[Key, MetricValue] = {}
    for metric_id in metric_ids or METRICS:
        rows.update(RollUp(metric_id, observe(world, metric_id), as_of).rows())
    return rows
