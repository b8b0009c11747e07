"""The stories of the sample can be found in the marts, as its README says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from scripts.yaml_files import read_yaml
from tests.python.compiled import PROJECT


@pytest.fixture(scope="module")
def sample(sample_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    database = sample_warehouse / "current.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


def value(
    sample: duckdb.DuckDBPyConnection, metric: str, period: str, segment: str = "all=all"
) -> float | None:
    grain, start = period.split()
    dimension, name = segment.split("=")
    row = sample.execute(
        """
        select value from marts.metric_values
        where metric_id = ? and period_grain = ? and period_start = cast(? as date)
            and segment_dimension = ? and segment_value = ?
        """,
        [metric, grain, start, dimension, name],
    ).fetchone()
    assert row is not None, (metric, period, segment)
    return row[0] if row[0] is None else float(row[0])


def measured(
    sample: duckdb.DuckDBPyConnection, metric: str, period: str, segment: str = "all=all"
) -> float:
    found = value(sample, metric, period, segment)
    assert found is not None, (metric, period, segment)
    return found


def declared_tests(described: Any) -> int:
    """Count the entries below `data_tests`, however deep, in what a YAML file says."""
    if isinstance(described, dict):
        return sum(
            len(inner) if key == "data_tests" else declared_tests(inner)
            for key, inner in described.items()
        )
    return sum(map(declared_tests, described)) if isinstance(described, list) else 0


def test_every_data_test_of_the_project_passed_on_the_sample(
    sample: duckdb.DuckDBPyConnection,
) -> None:
    """Of the checks of every change this build alone runs them on the sample."""
    singular = {file.stem for file in (PROJECT / "tests" / "integrity").glob("*.sql")}
    files = [file for name in ("models", "seeds") for file in (PROJECT / name).rglob("*.yml")]
    generic = sum(declared_tests(read_yaml(file)) for file in files)
    ended = sample.execute("select test_name, status from marts.test_results").fetchall()
    assert singular <= {name for name, _ in ended}
    assert len(ended) == len(singular) + generic
    assert {status for _, status in ended} == {"pass"}


def test_a_high_risk_system_went_live_untested(sample: duckdb.DuckDBPyConnection) -> None:
    launches = sample.execute(
        """
        select systems.risk_tier, deployments.is_assessed_before_launch,
            deployments.first_report_at is null or deployments.first_report_at > deployed_at
        from core.fct_deployments as deployments
        inner join core.dim_systems as systems on deployments.system_id = systems.system_id
        where deployments.system_id = 'loan-advisor' and deployment_type = 'new_system'
        """
    ).fetchall()
    assert launches == [("high", False, True)]


def test_a_guardrail_halves_the_attack_success_rate(sample: duckdb.DuckDBPyConnection) -> None:
    system = "system=card-dispute-agent"
    before = measured(sample, "attack_success_rate", "month 2025-10-01", system)
    behind_it = measured(sample, "attack_success_rate", "month 2025-12-01", system)
    assert behind_it < 0.65 * before


def test_a_model_update_brings_it_back(sample: duckdb.DuckDBPyConnection) -> None:
    system = "system=card-dispute-agent"
    before = measured(sample, "attack_success_rate", "month 2026-04-01", system)
    after = measured(sample, "attack_success_rate", "month 2026-06-01", system)
    assert after > 1.5 * before


def test_a_team_sits_on_overdue_criticals(sample: duckdb.DuckDBPyConnection) -> None:
    overdue = sample.execute(
        """
        select owner_team, count(*)
        from core.fct_findings as findings
        inner join core.dim_systems using (system_id)
        where is_open and not is_excluded and severity = 'critical' and not is_not_yet_due
        group by owner_team
        order by 2 desc
        """
    ).fetchall()
    assert overdue[0][0] == "wealth-tech"
    assert overdue[0][1] >= 4


def test_a_quarter_has_no_capacity(sample: duckdb.DuckDBPyConnection) -> None:
    assert value(sample, "assessment_throughput", "quarter 2025-07-01") is None
    assert measured(sample, "assessment_throughput", "quarter 2025-04-01") > 0


def test_a_register_stopped_delivering(sample: duckdb.DuckDBPyConnection) -> None:
    assert measured(sample, "automated_scan_frequency", "month 2026-10-01") == 0
    assert measured(sample, "automated_scan_frequency", "month 2026-05-01") > 50
    stale = sample.execute(
        """
        select days_since_newest_row > 100 from marts.source_freshness
        where source = 'program/scans'
        """
    ).fetchone()
    assert stale == (True,)
    warned = sample.execute(
        """
        select status from marts.delivery_checks
        where source = 'program/scans' and check_name = 'freshness' and file_name is null
        """
    ).fetchone()
    assert warned == ("warned",)


def test_a_later_delivery_corrects_findings(sample: duckdb.DuckDBPyConnection) -> None:
    superseded = sample.execute(
        "select sum(rows_superseded) from marts.landing_files where source = 'program/findings'"
    ).fetchone()
    assert superseded == (4,)


def test_six_broken_rows_are_named(sample: duckdb.DuckDBPyConnection) -> None:
    rows = sample.execute(
        """
        select reason from marts.quarantined_rows
        where line_number is not null and column_name is not null or reason = 'ragged_row'
        """
    ).fetchall()
    assert len(rows) == 6


def test_two_words_of_trackers_are_asked_for(sample: duckdb.DuckDBPyConnection) -> None:
    rows = sample.execute(
        """
        select source, field, value, occurrences from marts.unmapped_values
        where policy = 'program/finding_state_map.csv' or policy = 'program/finding_field_map.csv'
        order by all
        """
    ).fetchall()
    assert rows == [
        ("github", "label", "needs-owner-decision", 1),
        ("jira", "issuetype", "Task", 1),
    ]


def test_no_share_of_the_whole_program_ends_its_scale_by_chance(
    sample: duckdb.DuckDBPyConnection,
) -> None:
    at_an_end = sample.execute(
        """
        select metric_id, period_grain, cast(period_start as text)
        from marts.metric_values
        where
            unit = 'percent' and segment_dimension = 'all' and value in (0, 100)
            and period_grain <> 'month' and not is_partial_period
        """
    ).fetchall()
    assert at_an_end == [("automated_scan_frequency", "quarter", "2026-07-01")]
