"""The core metrics as cards."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app.data.behind import row_totals
from app.data.catalog import metrics
from app.data.connection import Generation, rows
from app.data.records import (
    Alarm,
    Card,
    Companion,
    Part,
    Point,
    Standing,
    TargetPart,
    Value,
)
from app.data.remarks import remarks_in
from app.data.segments import view_parameters
from app.data.worsened import MAY_BE_CHANCE
from app.view import Period, Segment, View

TESTED_BEFORE_LAUNCH: Final = "pre_deployment_test_rate"


@st.cache_data(max_entries=200, show_spinner=False)
def cards(
    generation: Generation, view: View, metric_ids: tuple[str, ...] | None = None
) -> list[Card]:
    """Return metrics in a period and segment, in the order asked for; without, the core ones."""
    values = _values(generation, view)
    trends = _trends(generation, view)
    standings = _standings(generation, view)
    incomplete = _incomplete_metrics(generation)
    alarms = _alarms(generation, view)
    target_parts = _target_parts(generation, view)
    launches = _untested_launch_count(generation, view)
    remarks = remarks_in(generation, view.period)
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
    if metric_ids is None:
        wanted = metrics(generation, core_only=True)
    else:
        wanted = [known[metric_id] for metric_id in metric_ids if metric_id in known]
    for metric in wanted:
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
                remarks=remarks.get(metric.metric_id, ()),
            )
        )
    return result


def _values(generation: Generation, view: View) -> dict[str, Value]:
    found = rows(
        generation,
        f"""
        with own as (
            select *, {MAY_BE_CHANCE} as may_be_chance
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
        view_parameters(view),
    )
    return {metric_id: Value(*row) for metric_id, *row in found}


def _standings(generation: Generation, view: View) -> dict[str, Standing]:
    """Return where metrics stand; nothing for periods other than the latest complete ones."""
    found = rows(
        generation,
        """
        select metric_id, is_immature, trend, trend_points
        from marts.metric_status
        where
            period_grain = $grain and period_start = $start
            and segment_dimension = $dimension and segment_value = $segment
        """,
        view_parameters(view),
    )
    return {metric_id: Standing(*row) for metric_id, *row in found}


def _incomplete_metrics(generation: Generation) -> set[str]:
    """Return the metrics fed by a file of which too much was held back, whatever the period."""
    found = rows(
        generation, "select distinct metric_id from marts.metric_status where is_incomplete", {}
    )
    return {metric_id for (metric_id,) in found}


def _alarms(generation: Generation, view: View) -> dict[str, tuple[Alarm, ...]]:
    """Return the companion alarms of a period.

    The latest complete period also shows those of companions that settle later: they are alarms
    about an earlier period, and nothing newer can be said.
    """
    if not view.segment.is_all:
        return {}
    found = rows(
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
    for metric_id, *row in found:
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
    found = rows(
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
    for metric_id, dimension, segment, *row in found:
        part = TargetPart(Segment(dimension, segment), *row)
        parts[metric_id] = (*parts.get(metric_id, ()), part)
    return parts


def _untested_launch_count(generation: Generation, view: View) -> tuple[Companion, ...]:
    """Return what keeps the share tested before launch honest; no metric, so in no catalog."""
    if not view.segment.is_all:
        return ()
    found = rows(
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
        for value, size in found
    )


def _trends(generation: Generation, view: View) -> dict[str, tuple[Point, ...]]:
    found = rows(
        generation,
        """
        with months as (
            select * from marts.metric_values
            where period_grain = 'month' and period_end <= $end
        ),

        spine as (
            select distinct metric_id, period_start, period_end, is_partial_period from months
            where period_start >= (select max(period_end) from months) - interval 12 months
        )

        select
            spine.metric_id, spine.period_start, months.value, coalesce(months.sample_size, 0),
            months.interval_low, months.interval_high, spine.is_partial_period,
            (
                select string_agg(annotations.text, ' · ' order by annotations.annotation_id)
                from marts.annotations as annotations
                where
                    annotations.metric_id = spine.metric_id
                    and annotations.period_start >= spine.period_start
                    and annotations.period_start < spine.period_end
            ) as remarks
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
    for metric_id, *point in found:
        trends[metric_id] = (*trends.get(metric_id, ()), Point(*point))
    return trends


@st.cache_data(max_entries=200, show_spinner=False)
def parts(generation: Generation, metric_id: str, period: Period, dimension: str) -> list[Part]:
    """Return a metric's measured values by the segments of a dimension, worst upper bound first."""
    found = rows(
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
    return [Part(*row) for row in found]
