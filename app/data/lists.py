"""The lists of the overview: what is oldest, what went live untested."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app.data.connection import Generation, rows
from app.data.records import OldFinding, UntestedLaunch
from app.data.segments import SYSTEM_COLUMNS, narrowing, narrows
from app.view import Segment, View

LAUNCH_DIMENSIONS: Final = SYSTEM_COLUMNS | {"provider"}
FINDING_DIMENSIONS: Final = SYSTEM_COLUMNS | {"severity", "vulnerability_class", "technique"}


@st.cache_data(max_entries=200, show_spinner=False)
def oldest_findings(generation: Generation, segment: Segment) -> list[OldFinding]:
    """Return the open critical and high findings, oldest first, as of the build."""
    found = rows(
        generation,
        f"""
        select
            finding_id, title, current_severity, system_name, owner_team, reported_at, due_at,
            state, risk_acceptance_expires_at, cast(floor(days_open) as bigint), is_overdue
        from marts.open_findings
        where
            current_severity in ('critical', 'high')
            and {narrows(segment, FINDING_DIMENSIONS)}
        order by reported_at, finding_id
        """,  # noqa: S608  # the column comes from a fixed list
        narrowing(segment, FINDING_DIMENSIONS),
    )
    return [OldFinding(*row) for row in found]


@st.cache_data(max_entries=200, show_spinner=False)
def untested_launches(generation: Generation, view: View) -> list[UntestedLaunch]:
    """Return the launches without a test in the 12 months to the end of the period.

    Those that stand untested to this day come first, then the latest.
    """
    found = rows(
        generation,
        f"""
        select
            deployment_id, system_name, system_version, deployment_type, owner_team, deployed_at,
            state, cast(floor(days_live_untested) as bigint), late_report_at, planned_start_at
        from marts.untested_deployments
        where
            deployed_at < $end
            and deployed_at >= $end - interval 12 months
            and {narrows(view.segment, LAUNCH_DIMENSIONS)}
        order by state <> 'untested', deployed_at desc, deployment_id
        """,  # noqa: S608  # the column comes from a fixed list
        {"end": view.period.end} | narrowing(view.segment, LAUNCH_DIMENSIONS),
    )
    return [UntestedLaunch(*row) for row in found]
