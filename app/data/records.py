"""What the statements answer with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.view import Period, Segment


@dataclass(frozen=True, slots=True)
class Build:
    """Which build the numbers are of, and what was held back from it."""

    generation: int
    as_of: dt.date
    published_at: dt.datetime
    data_carries_as_of: bool
    files: int
    rows_quarantined: int


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric in words."""

    metric_id: str
    name: str
    question: str
    formula: str
    considerations: str
    unit: str
    direction: str
    measures: str
    needs: list[str]
    companion_ids: list[str]


@dataclass(frozen=True, slots=True)
class Value:
    """One row of marts.metric_values."""

    numerator: float | None
    denominator: float | None
    value: float | None
    sample_size: int
    interval_low: float | None
    interval_high: float | None
    median: float | None
    p90: float | None
    target_low: float | None
    target_high: float | None
    target_status: str
    previous_value: float | None
    change: float | None
    may_be_chance: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A metric's value in one segment of a dimension."""

    segment_value: str
    value: float
    sample_size: int
    interval_low: float | None
    interval_high: float | None
    change: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """A month of a trend."""

    month: dt.date
    value: float | None
    sample_size: int
    interval_low: float | None
    interval_high: float | None
    is_partial: bool
    remarks: str | None = None
    """What people remarked on the month; text from outside."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody remarked on a metric and a period; text from outside."""

    period_start: dt.date
    text: str
    author: str | None


@dataclass(frozen=True, slots=True)
class Companion:
    """A metric that keeps another one honest; without a unit it is not in the catalog yet."""

    metric_id: str
    name: str | None
    unit: str | None
    value: float | None
    sample_size: int | None
    is_immature: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What marts.metric_status says of a metric in its latest complete month or quarter."""

    is_immature: bool
    trend: str | None
    trend_points: int | None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A metric got better while a companion got worse: one row of marts.metric_companion_alerts."""

    companion: str
    companion_name: str | None
    unit: str
    previous_value: float
    value: float
    sample_size: int
    why: str
    period: Period
    is_immature: bool


@dataclass(frozen=True, slots=True)
class TargetPart:
    """A segment with a target of its own."""

    segment: Segment
    value: float
    sample_size: int
    target_low: float | None
    target_high: float | None
    target_status: str


@dataclass(frozen=True, slots=True)
class Card:
    """Everything a metric card shows."""

    metric: Metric
    value: Value | None
    row_count: int
    undecided_count: int
    trend: tuple[Point, ...]
    companions: tuple[Companion, ...]
    standing: Standing | None = None
    is_incomplete: bool = False
    alarms: tuple[Alarm, ...] = ()
    target_parts: tuple[TargetPart, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def is_immature(self) -> bool:
        """Whether something it counts is not yet due or decided; the mart says, where it does."""
        return self.standing.is_immature if self.standing else self.undecided_count > 0


@dataclass(frozen=True, slots=True)
class Context:
    """What the program was and did in a period; None where nobody keeps the register."""

    systems_in_production: int | None
    assessments_delivered: int | None
    findings_reported: int | None
    attempts: int | None
    fte_testers: float | None


@dataclass(frozen=True, slots=True)
class Worsened:
    """A metric that moved the wrong way; ``system_id`` is None for the segment of the page."""

    metric_id: str
    metric_name: str
    unit: str
    system_id: str | None
    system_name: str | None
    previous_value: float
    value: float
    sample_size: int
    may_be_chance: bool


@dataclass(frozen=True, slots=True)
class OldFinding:
    """An open critical or high finding, as of the build."""

    finding_id: str
    title: str | None
    current_severity: str
    system_name: str
    owner_team: str
    reported_at: dt.datetime
    due_at: dt.datetime | None
    state: str
    risk_acceptance_expires_at: dt.datetime | None
    days_open: int
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class UntestedLaunch:
    """A new system or major update that went live before any report for it was delivered."""

    deployment_id: str
    system_name: str
    system_version: str | None
    deployment_type: str
    owner_team: str
    deployed_at: dt.datetime
    state: str
    days_live_untested: int
    late_report_at: dt.datetime | None
    planned_start_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class RowTotals:
    """How many rows are behind a number, and their sums."""

    rows: int
    numerator: float | None
    denominator: float | None
    sample_size: int
    undecided: int
