"""The only SQL of the app: fixed statements over the published generation, values bound.

Pages read `marts`. Three things are not in a mart yet and are read from `core`, one function each,
so that a mart replaces them: the oldest open findings, the launches without a test, and what the
rows behind a number are called.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd
import streamlit as st

from aism.duck import current_file, open_published
from aism.settings import Settings
from app.view import ALL, GRAINS, MONTH, Period, Segment, View

SEGMENT_COLUMNS: Final = {
    "risk_tier": "risk_tier",
    "business_unit": "business_unit",
    "owner_team": "owner_team",
    "system": "system_id",
    "provider": "provider",
    "severity": "severity",
    "vulnerability_class": "vulnerability_class",
    "technique": "technique_id",
    "detection_source": "detection_source",
    "assessment_tier": "assessment_tier",
    "tool": "tool",
}
"""Column of marts.metric_observations that holds the values of a dimension."""

SYSTEM_DIMENSIONS: Final = frozenset(
    {"risk_tier", "business_unit", "owner_team", "system", "provider"}
)
FINDING_DIMENSIONS: Final = SYSTEM_DIMENSIONS | {
    "severity",
    "vulnerability_class",
    "technique",
    "detection_source",
    "tool",
}

TESTED_BEFORE_LAUNCH: Final = "pre_deployment_test_rate"

_MAY_BE_CHANCE: Final = """
    (
        previous_value between interval_low and interval_high
        or value between lag(interval_low) over periods and lag(interval_high) over periods
    )
""".replace(
    "over periods",
    "over (partition by metric_id, segment_dimension, segment_value order by period_start)",
)
"""Whether one of two adjacent values lies in the interval of the other; null without intervals."""

FEWEST_TO_JUDGE: Final = 5
"""metric_values judges no smaller sample either."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A published file. Two files of one name differ in their time: part of every cache key."""

    file: str
    modified: int


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
    severity: str
    system_name: str
    owner_team: str
    reported_at: dt.datetime
    due_at: dt.datetime | None
    verdict: str
    is_risk_accepted: bool
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
    first_report_at: dt.datetime | None


def published() -> Generation | None:
    """Return the current generation, None when nothing has been published.

    Asked anew on every rerun, so that a new generation shows without a restart.
    """
    file = current_file(Settings.from_environment().warehouse)
    return None if file is None else Generation(str(file), file.stat().st_mtime_ns)


@st.cache_resource(max_entries=2, show_spinner=False)
def _connection(generation: Generation) -> duckdb.DuckDBPyConnection:
    return open_published(Path(generation.file))


def _rows(generation: Generation, sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with _connection(generation).cursor() as cursor:
        return cursor.execute(sql, parameters).fetchall()


@st.cache_data(max_entries=50, show_spinner=False)
def build(generation: Generation) -> Build:
    """Return the identity of the build."""
    rows = _rows(
        generation,
        """
        select
            generation, as_of, published_at,
            exists (select 1 from marts.landing_files where source = 'as_of'),
            (select count(*) from marts.landing_files where source <> 'as_of'),
            (select count(*) from marts.quarantined_rows)
        from marts.build_generation
        """,
        {},
    )
    return Build(*rows[0])


@st.cache_data(max_entries=50, show_spinner=False)
def periods(generation: Generation, grain: str) -> list[Period]:
    """Return the periods of a grain, latest first."""
    rows = _rows(
        generation,
        """
        select distinct period_grain, period_start, period_end, is_partial_period
        from marts.metric_values
        where period_grain = $grain and segment_dimension = 'all'
        order by period_start desc
        """,
        {"grain": grain},
    )
    return [Period(*row) for row in rows]


@st.cache_data(max_entries=50, show_spinner=False)
def segment_values(generation: Generation) -> dict[str, list[str]]:
    """Return the values of each dimension that some metric is broken down by."""
    rows = _rows(
        generation,
        """
        select segment_dimension, list(distinct segment_value order by segment_value)
        from marts.metric_values
        where segment_dimension <> 'all'
        group by segment_dimension
        """,
        {},
    )
    return dict(rows)


@st.cache_data(max_entries=50, show_spinner=False)
def system_names(generation: Generation) -> dict[str, str]:
    """Return the systems' names for people."""
    return dict(_rows(generation, "select system_id, system_name from core.dim_systems", {}))


@st.cache_data(max_entries=50, show_spinner=False)
def metrics(generation: Generation, *, core_only: bool = False) -> list[Metric]:
    """Return the catalog, coverage first and impact last."""
    rows = _rows(
        generation,
        r"""
        select
            metric_id, name, question, formula, considerations, unit, direction, measures,
            regexp_extract_all(needs, '\w+'),
            regexp_extract_all(coalesce(companion_metric_ids, ''), '\w+')
        from marts.metric_catalog
        where is_core or not $core_only
        order by
            list_position(['coverage', 'effectiveness', 'efficiency', 'impact'], dimension), name
        """,
        {"core_only": core_only},
    )
    return [Metric(*row) for row in rows]


@st.cache_data(max_entries=200, show_spinner=False)
def context(generation: Generation, period: Period) -> Context | None:
    """Return what the whole program was and did in a period."""
    rows = _rows(
        generation,
        """
        select
            systems_in_production, assessments_delivered, findings_reported, attempts, fte_testers
        from marts.program_context
        where period_grain = $grain and period_start = $start
        """,
        {"grain": period.grain, "start": period.start},
    )
    return Context(*rows[0]) if rows else None


@st.cache_data(max_entries=200, show_spinner=False)
def cards(generation: Generation, view: View) -> list[Card]:
    """Return the core metrics in a period and segment."""
    values = _values(generation, view)
    trends = _trends(generation, view)
    standings = _standings(generation, view)
    incomplete = _incomplete_metrics(generation)
    alarms = _alarms(generation, view)
    target_parts = _target_parts(generation, view)
    launches = _untested_launch_count(generation, view)
    known = {metric.metric_id: metric for metric in metrics(generation)}

    def companion(metric_id: str) -> Companion:
        metric, found = known.get(metric_id), values.get(metric_id)
        standing = standings.get(metric_id)
        return Companion(
            metric_id,
            metric.name if metric else None,
            metric.unit if metric else None,
            found.value if found else None,
            found.sample_size if found else None,
            standing is not None and standing.is_immature,
        )

    result = []
    for metric in metrics(generation, core_only=True):
        value = values.get(metric.metric_id)
        count, undecided = (0, 0)
        if value is not None:
            totals = row_totals(generation, metric.metric_id, view)
            count, undecided = totals.rows, totals.undecided
        result.append(
            Card(
                metric=metric,
                value=value,
                row_count=count,
                undecided_count=undecided,
                trend=trends.get(metric.metric_id, ()),
                companions=(
                    *(companion(key) for key in metric.companion_ids),
                    *(launches if metric.metric_id == TESTED_BEFORE_LAUNCH else ()),
                ),
                standing=standings.get(metric.metric_id),
                is_incomplete=metric.metric_id in incomplete,
                alarms=alarms.get(metric.metric_id, ()),
                target_parts=target_parts.get(metric.metric_id, ()),
            )
        )
    return result


def _values(generation: Generation, view: View) -> dict[str, Value]:
    rows = _rows(
        generation,
        f"""
        with own as (
            select *, {_MAY_BE_CHANCE} as may_be_chance
            from marts.metric_values
            where
                period_grain = $grain
                and segment_dimension = $dimension and segment_value = $segment
        )

        select
            metric_id, numerator, denominator, value, sample_size, interval_low, interval_high,
            median, p90, target_low, target_high, target_status, previous_value, change,
            coalesce(may_be_chance, false)
        from own
        where period_start = $start
        """,  # noqa: S608  # a fixed expression
        _parameters(view),
    )
    return {metric_id: Value(*row) for metric_id, *row in rows}


def _standings(generation: Generation, view: View) -> dict[str, Standing]:
    """Return where metrics stand; nothing for periods other than the latest complete ones."""
    rows = _rows(
        generation,
        """
        select metric_id, is_immature, trend, trend_points
        from marts.metric_status
        where
            period_grain = $grain and period_start = $start
            and segment_dimension = $dimension and segment_value = $segment
        """,
        _parameters(view),
    )
    return {metric_id: Standing(*row) for metric_id, *row in rows}


def _incomplete_metrics(generation: Generation) -> set[str]:
    """Return the metrics fed by a file of which too much was held back, whatever the period."""
    rows = _rows(
        generation, "select distinct metric_id from marts.metric_status where is_incomplete", {}
    )
    return {metric_id for (metric_id,) in rows}


def _alarms(generation: Generation, view: View) -> dict[str, tuple[Alarm, ...]]:
    """Return the companion alarms of a period.

    The latest complete period also shows those of companions that settle later: they are alarms
    about an earlier period, and nothing newer can be said.
    """
    if not view.segment.is_all:
        return {}
    rows = _rows(
        generation,
        """
        select
            alerts.metric_id,
            alerts.companion,
            companions.name,
            alerts.companion_unit,
            alerts.companion_previous_value,
            alerts.companion_value,
            alerts.companion_sample_size,
            alerts.why,
            alerts.period_grain,
            alerts.period_start,
            alerts.period_end,
            alerts.is_immature
        from marts.metric_companion_alerts as alerts
        left join marts.metric_catalog as companions
            on alerts.companion = companions.metric_id
        where
            alerts.period_grain = $grain
            and (
                alerts.period_start = $start
                or exists (
                    select 1 from marts.metric_status as latest
                    where
                        latest.period_grain = alerts.period_grain
                        and latest.metric_id = alerts.metric_id
                        and latest.period_start = $start
                )
            )
        order by alerts.metric_id, alerts.period_start desc, alerts.companion
        """,
        {"grain": view.period.grain, "start": view.period.start},
    )
    alarms: dict[str, tuple[Alarm, ...]] = {}
    for metric_id, *row in rows:
        companion, name, unit, before, now, size, why, grain, start, end, is_immature = row
        alarm = Alarm(
            companion=companion,
            companion_name=name,
            unit=unit,
            previous_value=before,
            value=now,
            sample_size=size,
            why=why,
            period=Period(grain, start, end, is_partial=False),
            is_immature=is_immature,
        )
        alarms[metric_id] = (*alarms.get(metric_id, ()), alarm)
    return alarms


def _target_parts(generation: Generation, view: View) -> dict[str, tuple[TargetPart, ...]]:
    """Return the measured segments that have targets of their own, for the whole program."""
    if not view.segment.is_all:
        return {}
    rows = _rows(
        generation,
        """
        select
            metric_id, segment_dimension, segment_value, value, sample_size, target_low,
            target_high, target_status
        from marts.metric_values
        where
            period_grain = $grain and period_start = $start and segment_dimension <> 'all'
            and value is not null and (target_low is not null or target_high is not null)
        order by metric_id, segment_dimension, segment_value
        """,
        {"grain": view.period.grain, "start": view.period.start},
    )
    parts: dict[str, tuple[TargetPart, ...]] = {}
    for metric_id, dimension, segment, *row in rows:
        part = TargetPart(Segment(dimension, segment), *row)
        parts[metric_id] = (*parts.get(metric_id, ()), part)
    return parts


def _untested_launch_count(generation: Generation, view: View) -> tuple[Companion, ...]:
    """Return what keeps the share tested before launch honest; no metric, so in no catalog."""
    if not view.segment.is_all:
        return ()
    rows = _rows(
        generation,
        """
        select untested_deployments, untested_deployments_n
        from marts.companion_signals
        where
            period_grain = $grain and period_start = $start and untested_deployments is not null
        """,
        {"grain": view.period.grain, "start": view.period.start},
    )
    return tuple(
        Companion("untested_deployments", "Untested launches", "count", value, size)
        for value, size in rows
    )


def _trends(generation: Generation, view: View) -> dict[str, tuple[Point, ...]]:
    rows = _rows(
        generation,
        """
        with months as (
            select * from marts.metric_values
            where period_grain = 'month' and period_end <= $end
        ),

        spine as (
            select * from months
            where
                segment_dimension = 'all'
                and period_start >= (select max(period_end) from months) - interval 12 months
        )

        select
            spine.metric_id, spine.period_start, months.value, coalesce(months.sample_size, 0),
            months.interval_low, months.interval_high, spine.is_partial_period
        from spine
        left join months
            on
                spine.metric_id = months.metric_id
                and spine.period_start = months.period_start
                and months.segment_dimension = $dimension
                and months.segment_value = $segment
        order by spine.metric_id, spine.period_start
        """,
        {
            "end": view.period.end,
            "dimension": view.segment.dimension,
            "segment": view.segment.value,
        },
    )
    trends: dict[str, tuple[Point, ...]] = {}
    for metric_id, *point in rows:
        trends[metric_id] = (*trends.get(metric_id, ()), Point(*point))
    return trends


@st.cache_data(max_entries=200, show_spinner=False)
def parts(generation: Generation, metric_id: str, period: Period, dimension: str) -> list[Part]:
    """Return a metric's measured values by the segments of a dimension, worst upper bound first."""
    rows = _rows(
        generation,
        """
        select segment_value, value, sample_size, interval_low, interval_high, change
        from marts.metric_values
        where
            metric_id = $metric_id and period_grain = $grain and period_start = $start
            and segment_dimension = $dimension and value is not null
        order by coalesce(interval_high, value) desc, segment_value
        """,
        {
            "metric_id": metric_id,
            "grain": period.grain,
            "start": period.start,
            "dimension": dimension,
        },
    )
    return [Part(*row) for row in rows]


@st.cache_data(max_entries=200, show_spinner=False)
def worsened(generation: Generation, view: View) -> list[Worsened]:
    """Return what moved the wrong way: in the page's segment, and core metrics of systems.

    What may be chance comes last, as do samples too small to judge and a system's value without
    an interval to tell; what is not core comes behind what is.
    A band is left the wrong way when the value was inside it and no longer is. What the calendar
    alone may still change, such as findings not yet due, has not got worse.
    """
    rows = _rows(
        generation,
        f"""
        with compared as (
            select *, {_MAY_BE_CHANCE} as may_be_chance
            from marts.metric_values
            where period_grain = $grain
        ),

        moved as (
            select
                compared.*,
                metric_catalog.name,
                metric_catalog.is_core,
                case metric_catalog.direction
                    when 'up' then compared.change < 0
                    when 'down' then compared.change > 0
                    when 'band' then
                        previous_value between coalesce(target_low, '-infinity')
                        and coalesce(target_high, 'infinity')
                        and value not between coalesce(target_low, '-infinity')
                        and coalesce(target_high, 'infinity')
                    else false
                end as is_worse,
                segment_dimension = $dimension and segment_value = $segment as is_page_segment
            from compared
            inner join marts.metric_catalog using (metric_id)
            where period_start = $start
        )

        select
            moved.metric_id,
            moved.name,
            moved.unit,
            case when not is_page_segment then moved.segment_value end,
            case when not is_page_segment then systems.system_name end,
            moved.previous_value,
            moved.value,
            moved.sample_size,
            coalesce(moved.may_be_chance, false)
        from moved
        left join core.dim_systems as systems on moved.segment_value = systems.system_id
        where
            is_worse
            and (
                is_page_segment
                or (
                    $dimension = 'all' and segment_dimension = 'system' and is_core
                    and sample_size >= $fewest
                )
            )
            and not exists (
                select 1 from marts.metric_observations as observations
                where
                    observations.is_immature
                    and observations.metric_id = moved.metric_id
                    and observations.observed_on >= moved.period_start
                    and observations.observed_on < moved.period_end
                    and case
                        when moved.is_page_segment then {_matches(view.segment, "observations")}
                        else observations.system_id = moved.segment_value
                    end
            )
        order by
            coalesce(moved.may_be_chance, not is_page_segment) or sample_size < $fewest,
            is_core desc,
            is_page_segment desc,
            abs(change) / greatest(abs(moved.previous_value), 1) desc,
            moved.metric_id,
            moved.segment_value
        """,  # noqa: S608  # the column comes from the list above
        _parameters(view) | {"fewest": FEWEST_TO_JUDGE},
    )
    return [Worsened(*row) for row in rows]


@st.cache_data(max_entries=200, show_spinner=False)
def oldest_findings(generation: Generation, segment: Segment) -> list[OldFinding]:
    """Return the open critical and high findings, oldest first, as of the build."""
    matches = _core_segment(segment, FINDING_DIMENSIONS, "findings")
    rows = _rows(
        generation,
        f"""
        select
            findings.finding_id,
            findings.title,
            findings.current_severity,
            systems.system_name,
            systems.owner_team,
            findings.reported_at,
            findings.due_at,
            findings.verdict,
            findings.is_risk_accepted,
            date_diff('day', cast(findings.reported_at as date), builds.as_of),
            coalesce(findings.due_at < builds.as_of + interval 1 day, false)
        from core.fct_findings as findings
        inner join core.dim_systems as systems on findings.system_id = systems.system_id
        cross join marts.build_generation as builds
        where
            findings.is_open and not findings.is_excluded
            and findings.current_severity in ('critical', 'high')
            and {matches}
        order by findings.reported_at, findings.finding_id
        """,  # noqa: S608  # the column comes from the lists above
        {} if matches == "true" else {"segment": segment.value},
    )
    return [OldFinding(*row) for row in rows]


@st.cache_data(max_entries=200, show_spinner=False)
def untested_launches(generation: Generation, view: View) -> list[UntestedLaunch]:
    """Return the launches without a test in the 12 months to the end of the period.

    Those that have no report to this day come first, then the latest.
    """
    matches = _core_segment(view.segment, SYSTEM_DIMENSIONS, "systems")
    rows = _rows(
        generation,
        f"""
        select
            deployments.deployment_id,
            systems.system_name,
            deployments.system_version,
            deployments.deployment_type,
            systems.owner_team,
            deployments.deployed_at,
            deployments.first_report_at
        from core.fct_deployments as deployments
        inner join core.dim_systems as systems on deployments.system_id = systems.system_id
        where
            deployments.requires_assessment and not deployments.is_assessed_before_launch
            and deployments.deployed_at < $end
            and deployments.deployed_at >= $end - interval 12 months
            and {matches}
        order by
            deployments.first_report_at is not null,
            deployments.deployed_at desc,
            deployments.deployment_id
        """,  # noqa: S608  # the column comes from the lists above
        {"end": view.period.end} | ({} if matches == "true" else {"segment": view.segment.value}),
    )
    return [UntestedLaunch(*row) for row in rows]


def _core_segment(segment: Segment, dimensions: frozenset[str], facts: str) -> str:
    """Return the condition of a segment, `true` where these rows are not broken down by it."""
    if segment.dimension not in dimensions:
        return "true"
    table = "systems" if segment.dimension in SYSTEM_DIMENSIONS else facts
    return f"{table}.{SEGMENT_COLUMNS[segment.dimension]} = $segment"


@dataclass(frozen=True, slots=True)
class RowTotals:
    """How many rows are behind a number, and their sums."""

    rows: int
    numerator: float | None
    denominator: float | None
    sample_size: int
    undecided: int


@st.cache_data(max_entries=2000, show_spinner=False)
def row_totals(generation: Generation, metric_id: str, view: View) -> RowTotals:
    """Return the count and the sums of the rows behind a number."""
    rows = _rows(
        generation,
        f"""
        select
            count(*), sum(numerator), sum(denominator), coalesce(sum(sample_size), 0),
            count(*) filter (where is_immature)
        from ({_observations(view.segment)})
        """,  # noqa: S608  # the column comes from the list above
        _row_parameters(metric_id, view),
    )
    return RowTotals(*rows[0])


@st.cache_data(max_entries=20, show_spinner=False)
def rows_behind(generation: Generation, metric_id: str, view: View) -> pd.DataFrame:
    """Return the rows that a number counts, with what people call them and what decided."""
    with _connection(generation).cursor() as cursor:
        return cursor.execute(
            f"""
            with observed as ({_observations(view.segment)}),

            last_reports as (
                select system_id, max(report_delivered_at) as last_report_at
                from core.fct_assessments
                where is_delivered and report_delivered_at < $end
                group by system_id
            )

            select
                observed.entity_id,
                case observed.entity_type
                    when 'finding' then findings.title
                    when 'deployment' then
                        concat_ws(' ', launched.system_name, deployments.system_version)
                    when 'attack_result' then
                        concat_ws(' / ', attacks.attack, attacks.strategy, attacks.judge)
                    when 'assessment' then concat_ws(' ', observed.assessment_tier, 'assessment')
                    when 'system' then systems.system_name
                end as title,
                systems.system_name,
                observed.owner_team,
                observed.severity,
                findings.reported_at,
                findings.due_at,
                findings.confirmed_fix_at,
                findings.verdict,
                deployments.deployment_type,
                deployments.deployed_at,
                deployments.first_report_at,
                case when observed.entity_type = 'system' then last_reports.last_report_at end
                    as last_report_at,
                observed.numerator,
                observed.denominator,
                observed.sample_size,
                observed.is_immature,
                observed.observed_on,
                observed.entity_type,
                observed.technique_id,
                attacks.run_id,
                attacks.prompt_id,
                attacks.undetermined,
                attacks.errors
            from observed
            left join core.dim_systems as systems on observed.system_id = systems.system_id
            left join core.fct_findings as findings
                on observed.entity_type = 'finding' and observed.entity_id = findings.finding_id
            left join core.fct_deployments as deployments
                on
                    observed.entity_type = 'deployment'
                    and observed.entity_id = deployments.deployment_id
            left join core.dim_systems as launched on deployments.system_id = launched.system_id
            left join core.fct_attack_results as attacks
                on
                    observed.entity_type = 'attack_result'
                    and observed.entity_id = attacks.attack_result_id
            left join last_reports on observed.system_id = last_reports.system_id
            order by observed.observed_on desc, observed.entity_type, observed.entity_id
            """,  # noqa: S608  # the column comes from the list above
            _row_parameters(metric_id, view) | {"end": view.period.end},
        ).df()


def _observations(segment: Segment) -> str:
    """Return the statement for the rows of a metric, period and segment.

    A stock is that of the last month begun.
    """
    return f"""
        select observations.*
        from marts.metric_observations as observations
        inner join marts.metric_catalog as catalog using (metric_id)
        cross join marts.build_generation as builds
        where
            observations.metric_id = $metric_id
            and observations.observed_on < $end
            and observations.observed_on >= case catalog.measures
                when 'stock'
                    then date_trunc('month', least($end - interval 1 day, builds.as_of))
                else $start
            end
            and {_matches(segment, "observations")}
    """  # noqa: S608  # the column comes from the list above


def _matches(segment: Segment, table: str) -> str:
    """Return the condition of a segment; a row without a key counts for every value."""
    if segment.is_all:
        return "true"
    column = f"{table}.{SEGMENT_COLUMNS[segment.dimension]}"
    return f"({column} = $segment or {column} is null)"


def _row_parameters(metric_id: str, view: View) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "metric_id": metric_id,
        "start": view.period.start,
        "end": view.period.end,
    }
    return parameters if view.segment.is_all else parameters | {"segment": view.segment.value}


def _parameters(view: View) -> dict[str, Any]:
    return {
        "grain": view.period.grain,
        "start": view.period.start,
        "dimension": view.segment.dimension,
        "segment": view.segment.value,
    }


def default_period(generation: Generation, grain: str = MONTH) -> Period | None:
    """Return the latest complete period of a grain, else the latest, None when there is none."""
    known = periods(generation, grain if grain in GRAINS else MONTH)
    return next((period for period in known if not period.is_partial), next(iter(known), None))


def is_known_segment(generation: Generation, dimension: str, value: str) -> bool:
    """Whether some metric is broken down by this value."""
    return dimension == ALL or value in segment_values(generation).get(dimension, [])
