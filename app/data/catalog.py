"""What there is: the build, its periods and segments, the catalog of metrics."""

from __future__ import annotations

import streamlit as st

from app.data.connection import Generation, rows
from app.data.records import Build, Context, Metric
from app.view import ALL, GRAINS, MONTH, Period, Segment


@st.cache_data(max_entries=50, show_spinner=False)
def build(generation: Generation) -> Build:
    """Return the identity of the build."""
    found = rows(
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
    return Build(*found[0])


@st.cache_data(max_entries=50, show_spinner=False)
def periods(generation: Generation, grain: str) -> list[Period]:
    """Return the periods of a grain, latest first."""
    found = rows(
        generation,
        """
        select distinct period_grain, period_start, period_end, is_partial_period
        from marts.metric_values
        where period_grain = $grain
        order by period_start desc
        """,
        {"grain": grain},
    )
    return [Period(*row) for row in found]


@st.cache_data(max_entries=50, show_spinner=False)
def segment_values(generation: Generation) -> dict[str, list[str]]:
    """Return the values of each dimension that some metric is broken down by."""
    found = rows(
        generation,
        """
        select segment_dimension, list(distinct segment_value order by segment_value)
        from marts.metric_values
        where segment_dimension <> 'all'
        group by segment_dimension
        """,
        {},
    )
    return dict(found)


@st.cache_data(max_entries=50, show_spinner=False)
def system_names(generation: Generation) -> dict[str, str]:
    """Return the systems' names for people."""
    return dict(rows(generation, "select system_id, system_name from marts.system_scorecards", {}))


@st.cache_data(max_entries=50, show_spinner=False)
def metrics(generation: Generation, *, core_only: bool = False) -> list[Metric]:
    """Return the catalog, coverage first and impact last."""
    found = rows(
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
    return [Metric(*row) for row in found]


@st.cache_data(max_entries=200, show_spinner=False)
def context(generation: Generation, period: Period) -> Context | None:
    """Return what the whole program was and did in a period."""
    found = rows(
        generation,
        """
        select
            systems_in_production, assessments_delivered, findings_reported, attempts, fte_testers
        from marts.program_context
        where period_grain = $grain and period_start = $start
        """,
        {"grain": period.grain, "start": period.start},
    )
    return Context(*found[0]) if found else None


def default_period(generation: Generation, grain: str = MONTH) -> Period | None:
    """Return the latest complete period of a grain, else the latest, None when there is none."""
    known = periods(generation, grain if grain in GRAINS else MONTH)
    return next((period for period in known if not period.is_partial), next(iter(known), None))


def home_segment(generation: Generation) -> Segment:
    """Return what a page is about unless asked otherwise: the whole program, or the one team."""
    return Segment() if generation.team is None else Segment("owner_team", generation.team)


def is_known_segment(generation: Generation, dimension: str, value: str) -> bool:
    """Whether some metric is broken down by this value; a team's file has no whole program."""
    if dimension == ALL:
        return generation.team is None
    return value in segment_values(generation).get(dimension, [])
