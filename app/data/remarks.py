"""What people remarked on metrics and periods; text from outside."""

from __future__ import annotations

import streamlit as st

from app.data.connection import Generation, rows
from app.data.records import Remark
from app.view import Period


@st.cache_data(max_entries=200, show_spinner=False)
def remarks_in(generation: Generation, period: Period) -> dict[str, tuple[Remark, ...]]:
    """Return by metric what was remarked on days of a period, latest first."""
    found = rows(
        generation,
        """
        select metric_id, period_start, text, author
        from marts.annotations
        where period_start >= $start and period_start < $end
        order by metric_id, period_start desc, annotation_id
        """,
        {"start": period.start, "end": period.end},
    )
    remarks: dict[str, tuple[Remark, ...]] = {}
    for metric_id, *row in found:
        remarks[metric_id] = (*remarks.get(metric_id, ()), Remark(*row))
    return remarks


@st.cache_data(max_entries=200, show_spinner=False)
def remarks_on(generation: Generation, metric_id: str) -> tuple[Remark, ...]:
    """Return all that was remarked on a metric, latest first."""
    found = rows(
        generation,
        """
        select period_start, text, author
        from marts.annotations
        where metric_id = $metric
        order by period_start desc, annotation_id
        """,
        {"metric": metric_id},
    )
    return tuple(Remark(*row) for row in found)
