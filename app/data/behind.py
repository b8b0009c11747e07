"""The rows behind a number, with what people call them."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from app.data.connection import Generation, connection, rows
from app.data.records import RowTotals
from app.data.segments import matches
from app.view import Segment, View

MOST_ROWS: Final = 20_000
"""Rows behind a number that a page lists."""

_NAMED_TYPE: Final = """
    case entity_type
        when 'claim' then 'finding'
        when 'retest_pass' then 'finding'
        when 'system_class' then 'finding'
        when 'assessment_technique' then 'assessment'
        when 'system_month' then 'system'
        else entity_type
    end
"""
_NAMED_ID: Final = r"""
    case entity_type
        when 'claim' then regexp_replace(entity_id, '#\d+$', '')
        when 'retest_pass' then regexp_replace(entity_id, '#\d+$', '')
        when 'assessment_technique' then split_part(entity_id, '|', 1)
        else entity_id
    end
"""
"""A claimed fix and its retest are called by their finding, a technique by its assessment."""


@st.cache_data(max_entries=2000, show_spinner=False)
def row_totals(generation: Generation, metric_id: str, view: View) -> RowTotals:
    """Return the count and the sums of the rows behind a number."""
    found = rows(
        generation,
        f"""
        select
            count(*), sum(numerator), sum(denominator), coalesce(sum(sample_size), 0),
            count(*) filter (where is_immature)
        from ({_observations(view.segment)})
        """,  # noqa: S608  # the column comes from the list above
        _row_parameters(metric_id, view),
    )
    return RowTotals(*found[0])


@st.cache_data(max_entries=20, show_spinner=False)
def rows_behind(generation: Generation, metric_id: str, view: View) -> pd.DataFrame:
    """Return the rows that a number counts, with what people call them and what decided.

    The latest `MOST_ROWS` of them: attack success may count a million, which nobody reads.
    """
    with connection(generation).cursor() as cursor:
        return cursor.execute(
            f"""
            with observed as (
                select *, {_NAMED_TYPE} as named_type, {_NAMED_ID} as named_id
                from ({_observations(view.segment)})
            ),

            last_reports as (
                select system_id, max(report_delivered_at) as last_report_at
                from marts.assessment_summaries
                where report_delivered_at < $end
                group by system_id
            )

            select
                observed.entity_id,
                names.title,
                coalesce(
                    names.system_name, systems.system_name,
                    case when observed.system_id = 'unknown' then 'Unknown system' end
                ) as system_name,
                observed.owner_team,
                observed.severity,
                names.reported_at,
                names.due_at,
                names.confirmed_fix_at,
                names.verdict,
                names.deployment_type,
                names.deployed_at,
                names.first_report_at,
                case when observed.entity_type = 'system' then last_reports.last_report_at end
                    as last_report_at,
                observed.numerator,
                observed.denominator,
                observed.sample_size,
                observed.is_immature,
                observed.observed_on,
                observed.entity_type,
                observed.technique_id,
                names.run_id,
                names.prompt_id,
                names.undetermined,
                names.errors
            from observed
            left join marts.metric_row_names as names
                on
                    observed.named_type = names.entity_type
                    and observed.named_id = names.entity_id
            left join marts.system_scorecards as systems
                on observed.system_id = systems.system_id
            left join last_reports on observed.system_id = last_reports.system_id
            order by observed.observed_on desc, observed.entity_type, observed.entity_id
            limit $most
            """,  # noqa: S608  # the column comes from the list above
            _row_parameters(metric_id, view) | {"end": view.period.end, "most": MOST_ROWS},
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
            and {matches(segment, "observations")}
    """  # noqa: S608  # the column comes from the list above


def _row_parameters(metric_id: str, view: View) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "metric_id": metric_id,
        "start": view.period.start,
        "end": view.period.end,
    }
    return parameters if view.segment.is_all else parameters | {"segment": view.segment.value}
