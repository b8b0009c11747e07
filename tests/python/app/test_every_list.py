"""Every row of a list that a number opens is a row of its mart, in every column they share."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import pandas as pd
import pytest

from app.components.listings import LISTINGS
from tests.python.app.attributed import Marts, plain_value, records
from tests.python.app.conftest import OpenPage

_KNOWN_BEFORE: Final = ", ".join(
    f"{what}_before > 0 as {what}_before" for what in ("tested", "found", "fixed", "accepted")
)
_CELLS: Final = "(select count(*) from technique_coverage_matrix m where m.system_id = s.system_id"

LISTED: Final = {
    "annotations": "from annotations",
    "assessment_summaries": "from assessment_summaries",
    "attack_changes": "from attack_success_changes where verdict in ('better', 'worse')",
    "attack_runs": "from attack_success_by_run where is_primary_judge",
    "benchmarks": "select * replace (coalesce(metric_name, metric_id) as metric_name) "
    "from benchmark_comparison",
    "companion_alerts": "from metric_companion_alerts",
    "controls": "from compliance_coverage",
    "coverage_gaps": f"select *, {_CELLS} and state = 'untested') as untested_techniques, "
    f"{_CELLS} and state = 'thin') as thin_techniques, "
    "system_test_coverage_rate_value = 100 as is_tested, "
    "input_vector_coverage_rate_numerator as vectors_tested, "
    "input_vector_coverage_rate_denominator as vectors "
    "from system_scorecards s where is_in_production",
    "delivery_checks": "from delivery_checks where status = 'warned'",
    "emerging_threats": "from emerging_threats",
    "exclusions": "from finding_exclusions",
    "findings_with_guidance": "from open_findings",
    "gates": "from release_gates",
    "incidents": f"select * replace ({_KNOWN_BEFORE}) from incident_correlation "
    "where level = 'incident'",
    "input_vectors_counted": "from metric_observations "
    "where metric_id = 'input_vector_coverage_rate'",
    "inventory_gaps": "from inventory_gaps",
    "launches_counted": "from metric_observations where metric_id = 'pre_deployment_test_rate'",
    "open_findings": "from open_findings",
    "open_findings_of_part": "from open_findings",
    "overdue_findings": "from open_findings where is_overdue",
    "pipeline": "from assessment_pipeline",
    "quarantined_rows": "from quarantined_rows",
    "residual_risks": "from residual_risk",
    "restatements": "from metric_restatements",
    "retests": "from retest_plan where is_last_claim",
    "source_files": "from landing_files where source <> 'as_of'",
    "technique_cells": "from technique_coverage_matrix",
    "techniques_counted": "from metric_observations where metric_id = 'technique_coverage_rate'",
    "test_results": "from test_results",
    "tool_figures": "from attack_tool_figures",
    "unmapped_values": "from unmapped_values",
    "year_over_year": "from year_over_year",
}
"""The rows of a mart that each list is about."""

OF_TWELVE_MONTHS: Final = {"input_vectors_counted", "launches_counted", "techniques_counted"}
"""Lists that hold fewer rows than their mart, which reaches farther back."""


def test_every_list_is_held_against_a_mart() -> None:
    assert LISTED.keys() == LISTINGS.keys()


@pytest.mark.parametrize("name", LISTED)
def test_the_rows_of_a_list_are_its_marts(open_page: OpenPage, marts: Marts, name: str) -> None:
    page = open_page(page_module="trust", rows=name)
    assert not page.exception
    held = records(marts, LISTED[name])
    if not page.dataframe:
        assert not held
        return
    shown = page.dataframe[0].value
    shared = [str(column) for column in shown if column in held[0]]
    for column in shown.columns.difference(shared):
        text = pd.api.types.is_string_dtype(shown[column])
        assert text, f"{column} holds more than words, and the mart has no such column"
    assert shared, "nothing is compared"
    left = _counted(shown[shared].to_numpy().tolist())
    left.subtract(_counted([[row[column] for column in shared] for row in held]))
    assert not +left, f"{name} shows {next(iter(+left))}"
    assert name in OF_TWELVE_MONTHS or len(shown) == len(held)


def _counted(rows: list[list[Any]]) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(plain_value(cell) for cell in row) for row in rows)
