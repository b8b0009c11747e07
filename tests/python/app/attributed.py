"""What the published file itself holds, to hold pages against."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import pandas as pd

Marts = duckdb.DuckDBPyConnection
Row = dict[str, Any]

SYSTEMS: Final = "(select system_id, system_name from system_scorecards) s"
LEADS_WITH_COUNT: Final = "critical_high_finding_rate"


COMPARED: Final = (
    *("system_id", "baseline_run_id", "run_id", "baseline_version", "system_version"),
    *("baseline_configuration", "configuration"),
)
"""What two runs that are compared are known by."""


@dataclass(frozen=True, slots=True)
class Key:
    """What the address of a page says that it shows."""

    grain: str
    start: dt.date
    end: dt.date
    dimension: str
    segment: str


def asked(marts: Marts, view: dict[str, str]) -> Key:
    """Return the view that a link asks for: without a period, the latest complete one."""
    grain = view.get("grain", "month")
    start, end = marts.execute(
        "select period_start, period_end from metric_values "
        "where period_grain = ? and not is_partial_period order by period_start desc limit 1",
        [grain],
    ).fetchall()[0]
    return Key(grain, start, end, view.get("dimension", "all"), view.get("segment", "all"))


def records(marts: Marts, sql: str, *values: object, **named: object) -> list[Row]:
    """Return the answer of the published file itself, bound by place or by name."""
    found = marts.execute(sql, named or list(values))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def value_of(marts: Marts, metric_id: str, key: Key) -> Row | None:
    found = records(
        marts,
        "select * from metric_values where metric_id = ? and period_grain = ? "
        "and period_start = ? and segment_dimension = ? and segment_value = ?",
        *(metric_id, key.grain, key.start, key.dimension, key.segment),
    )
    return found[0] if found else None


def rows_of(marts: Marts, metric_id: str, key: Key) -> Row:
    """Return count, sums and undecided of what a number counts; a stock is its last month's."""
    column = "system_id" if key.dimension == "system" else key.dimension
    of_segment = "true" if key.dimension == "all" else f"coalesce({column}, $segment) = $segment"
    return records(
        marts,
        f"""
        select
            count(*) as rows, sum(o.numerator) as numerator, sum(o.denominator) as denominator,
            count(*) filter (where is_immature) as undecided
        from metric_observations o, metric_catalog c, build_generation b
        where o.metric_id = $metric and c.metric_id = $metric and observed_on < $end
            and observed_on >= if(
                c.measures = 'stock', date_trunc('month', least($end - 1, b.as_of)), $start
            )
            and {of_segment}
        """,
        **{"metric": metric_id, "start": key.start, "end": key.end},
        **({} if key.dimension == "all" else {"segment": key.segment}),
    )[0]


def assert_same(shown: Any, held: Any) -> None:
    """Hold a number of a chart's data against the mart's own, to the last digit."""
    if held is None or (isinstance(held, float) and math.isnan(held)):
        assert shown is None or pd.isna(shown), f"{shown} where the mart has nothing"
    else:
        assert math.isclose(float(str(shown)), float(str(held)), rel_tol=1e-12), f"{shown}: {held}"


def plain_value(value: Any) -> Any:
    """Return a value such that the file's and the page's compare."""
    if value is None or (not isinstance(value, list | dict) and pd.isna(value)):
        return None
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return f"{value.isoformat()}T00:00:00"
    if isinstance(value, bool) or str(value) in ("True", "False"):
        return str(value)
    try:
        return round(float(value), 9)
    except (TypeError, ValueError):
        return " ".join(str(value).split())
