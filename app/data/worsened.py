"""What got worse against the period before, and what of it may be chance."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app.data.connection import Generation, rows
from app.data.records import Worsened
from app.data.segments import matches, view_parameters
from app.view import View

MAY_BE_CHANCE: Final = """
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


@st.cache_data(max_entries=200, show_spinner=False)
def worsened(generation: Generation, view: View) -> list[Worsened]:
    """Return what moved the wrong way: in the page's segment, and core metrics of systems.

    What may be chance comes last, as do samples too small to judge and a system's value without
    an interval to tell; what is not core comes behind what is.
    A band is left the wrong way when the value was inside it and no longer is. What the calendar
    alone may still change, such as findings not yet due, has not got worse.
    """
    found = rows(
        generation,
        f"""
        with compared as (
            select *, {MAY_BE_CHANCE} as may_be_chance
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
            case
                when not is_page_segment then coalesce(systems.system_name, 'Unknown system')
            end,
            moved.previous_value,
            moved.value,
            moved.sample_size,
            coalesce(moved.may_be_chance, false)
        from moved
        left join marts.system_scorecards as systems on moved.segment_value = systems.system_id
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
                        when moved.is_page_segment then {matches(view.segment, "observations")}
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
        view_parameters(view) | {"fewest": FEWEST_TO_JUDGE},
    )
    return [Worsened(*row) for row in found]
