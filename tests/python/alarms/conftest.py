"""Alarms of landing folders: by `aism build`, or by the same compiled SQL in a private database.

A whole build of every story would take minutes. The models behind the alarms are compiled once, by
dbt, and then run on each story's landing folder as they stand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from aism.land import land
from tests.python.alarms.organisation import AS_OF, Organisation
from tests.python.compiled import CompiledModels
from tests.python.whole import build_warehouse

MARTS = ("metric_companion_alerts", "companion_signals", "metric_status")

Alarms = dict[tuple[str, str], list[tuple[str, str, str, dt.date]]]
"""Metric and companion, and where they raise an alarm: segment, grain and period."""
Run = Callable[[Organisation], duckdb.DuckDBPyConnection]


def alarms_of(connection: duckdb.DuckDBPyConnection) -> Alarms:
    rows = connection.execute(
        """
        select metric_id, companion, segment_dimension, segment_value, period_grain, period_start
        from marts.metric_companion_alerts
        order by all
        """
    ).fetchall()
    alarms: Alarms = {}
    for metric_id, companion, *where in rows:
        alarms.setdefault((metric_id, companion), []).append(tuple(where))
    return alarms


def standing_of(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, ...]]:
    """Return what the status of every metric says of alarms."""
    return connection.execute(
        """
        select metric_id, alarmed_by, segment_dimension, segment_value, period_grain
        from marts.metric_status
        where has_alarm or alarmed_by is not null
        order by all
        """
    ).fetchall()


@pytest.fixture
def run(tmp_path: Path, compiled: CompiledModels) -> Run:
    def run_compiled(organisation: Organisation) -> duckdb.DuckDBPyConnection:
        landing, home = tmp_path / "landing", tmp_path / "home"
        landing.mkdir()
        land(organisation.write(landing), home)
        connection = compiled.connect()
        compiled.run(connection, home, as_of=AS_OF, marts=MARTS)
        return connection

    return run_compiled


@pytest.fixture
def build(tmp_path: Path, state: Path) -> Run:
    """`aism build`, and the published file."""

    def build_whole(organisation: Organisation) -> duckdb.DuckDBPyConnection:
        landing, warehouse = tmp_path / "landing", tmp_path / "warehouse"
        landing.mkdir()
        organisation.write(landing)
        database = build_warehouse(landing, state, warehouse, AS_OF, "--no-check")
        return duckdb.connect(str(database), read_only=True)

    return build_whole
