"""A published warehouse of the sample, built once, and the page as a reader gets it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from tests.python.published import generation as generation
from tests.python.published import marts as marts
from tests.python.published import warehouse as warehouse

PROJECT = Path(__file__).resolve().parents[3]
SCRIPT = PROJECT / "app" / "streamlit_app.py"
SECONDS = 30

MARKUP = "![x](http://example.com/x.png) :red[y] <b>z</b>"
HOSTILE_COLUMNS = (
    ("assessment_pipeline", "system_name"),
    ("attack_success_changes", "attack"),
    ("attack_success_changes", "system_version"),
    ("dispute_patterns", "value"),
    ("emerging_threats", "threat_id"),
    ("inventory_gaps", "entity_id"),
    ("open_findings", "owner_team"),
    ("assessment_summaries", "system_version"),
    ("remediation_guidance", "guidance"),
    ("residual_risk", "title"),
    ("system_scorecards", "gate_reason"),
    ("system_scorecards", "owner_team"),
    ("system_scorecards", "system_name"),
    ("open_findings", "system_name"),
    ("open_findings", "title"),
    ("metric_catalog", "considerations"),
    ("mitigation_effects", "configuration"),
    ("retest_plan", "title"),
    ("technique_coverage_matrix", "technique_name"),
    ("unmapped_values", "value"),
)
"""Texts that come from the landing folder and that pages put into prose."""

OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session")
def unfed_warehouse(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a warehouse without a single row of data, but with its catalog."""
    folder = tmp_path_factory.mktemp("unfed")
    source = (warehouse / "CURRENT").read_text(encoding="ascii").strip()
    copy = folder / source
    copy.write_bytes((warehouse / source).read_bytes())
    kept = {"metric_catalog", "build_generation"}
    with duckdb.connect(str(copy)) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where schema_name in ('core', 'marts')"
        ).fetchall()
        for schema, table in tables:
            if table not in kept:
                connection.execute(f'delete from {schema}."{table}"')
    (folder / "CURRENT").write_text(source, encoding="ascii")
    return folder


@pytest.fixture
def open_page(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Open the start page, or the named one, with the query parameters of a link."""

    def run(folder: Path | None = None, page_module: str | None = None, **query: str) -> AppTest:
        monkeypatch.setenv("AISM_WAREHOUSE_DIR", str(folder or warehouse))
        if page_module is None:
            page = AppTest.from_file(str(SCRIPT), default_timeout=SECONDS)
        else:  # pages that are functions cannot be switched to by their address
            page = AppTest.from_string(
                f"from app.app_pages import {page_module}\n{page_module}.show()",
                default_timeout=SECONDS,
            )
        for name, value in query.items():
            page.query_params[name] = value
        return page.run()

    return run


@pytest.fixture
def hostile_warehouse(warehouse: Path, tmp_path: Path) -> Path:
    """Return a warehouse whose texts from outside are all markup."""
    name = (warehouse / "CURRENT").read_text(encoding="ascii").strip()
    shutil.copy(warehouse / name, tmp_path / name)
    (tmp_path / "CURRENT").write_text(name, encoding="ascii")
    with duckdb.connect(str(tmp_path / name)) as connection:
        for table, column in HOSTILE_COLUMNS:
            connection.execute(
                f"update marts.{table} set {column} = $text where {column} is not null",
                {"text": MARKUP},
            )
    return tmp_path


@pytest.fixture
def alarmed_warehouse(warehouse: Path, tmp_path: Path) -> Path:
    """Return a warehouse with companion alarms and an incomplete source; the sample has none."""
    name = (warehouse / "CURRENT").read_text(encoding="ascii").strip()
    shutil.copy(warehouse / name, tmp_path / name)
    (tmp_path / "CURRENT").write_text(name, encoding="ascii")
    with duckdb.connect(str(tmp_path / name)) as connection:
        for metric_id, companion, months, is_immature in (
            ("system_test_coverage_rate", "technique_coverage_rate", 0, True),
            ("fix_effectiveness_rate", "reopen_rate", 3, False),
        ):
            connection.execute(
                """
                insert into marts.metric_companion_alerts by name
                select
                    metric_id,
                    $companion as companion,
                    'metric' as companion_kind,
                    period_grain,
                    (period_start - to_months($months))::date as period_start,
                    (period_end - to_months($months))::date as period_end,
                    (period_start - to_months($months + 1))::date as previous_period_start,
                    'all' as segment_dimension,
                    'all' as segment_value,
                    80.0 as metric_value,
                    50.0 as metric_previous_value,
                    40 as metric_sample_size,
                    40 as metric_previous_sample_size,
                    2.5 as metric_z,
                    'percent' as metric_unit,
                    30.0 as companion_value,
                    55.0 as companion_previous_value,
                    60 as companion_sample_size,
                    60 as companion_previous_sample_size,
                    -2.5 as companion_z,
                    'percent' as companion_unit,
                    'down' as worse_when,
                    'More is [counted](http://example.com).' as why,
                    $is_immature as is_immature,
                    period_start as metric_rows_from,
                    period_start as metric_previous_rows_from,
                    period_start as companion_rows_from,
                    period_start as companion_previous_rows_from
                from marts.metric_status
                where
                    metric_id = $metric_id and period_grain = 'month' and segment_dimension = 'all'
                """,
                {
                    "metric_id": metric_id,
                    "companion": companion,
                    "months": months,
                    "is_immature": is_immature,
                },
            )
        connection.execute(
            "update marts.metric_status set is_incomplete = true "
            "where metric_id = 'mean_time_to_remediate'"
        )
    return tmp_path
