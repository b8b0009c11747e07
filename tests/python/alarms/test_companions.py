"""The list of companions against the specification, the catalog and the stories."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from scripts.yaml_files import read_yaml
from tests.python.alarms.stories import STORIES

PROJECT = Path(__file__).parents[3]

REMEDIATION = {
    "reopen_rate": "up",
    "downgrades_before_due_share": "up",
    "late_risk_acceptance_share": "up",
    "remediation_verification_rate": "down",
}
TECHNIQUES = {"not_applicable_share": "up", "median_attempts_per_tested_technique": "down"}
CAPACITY = {"technique_coverage_rate": "down", "quick_scan_share": "up"}
# "What stands against what", with the direction in which each companion is worse.
SPECIFIED: dict[str, dict[str, str]] = {
    "system_test_coverage_rate": {
        "technique_coverage_rate": "down",
        "input_vector_coverage_rate": "down",
    },
    "pre_deployment_test_rate": {"untested_deployments": "up"},
    "technique_coverage_rate": TECHNIQUES,
    "input_vector_coverage_rate": TECHNIQUES,
    "automated_scan_frequency": {"scan_error_share": "up"},
    "regression_test_coverage_rate": {"days_since_last_regression_run": "up"},
    "critical_high_finding_rate": {"finding_acceptance_rate": "down", "downgrade_share": "up"},
    "finding_acceptance_rate": {"finding_dispute_rate": "up", "undecided_age_days": "up"},
    "novel_finding_rate": {"finding_acceptance_rate": "down"},
    "confirmed_exploitability_rate": {"false_positive_rate": "up"},
    "false_positive_rate": {"undecided_share": "up"},
    "assessment_throughput": CAPACITY,
    "cost_per_assessment": CAPACITY,
    "time_to_assessment": {"technique_coverage_rate": "down"},
    "automation_ratio": {"novel_finding_rate": "down"},
    "cost_per_finding": {"low_severity_share": "up"},
    "mean_time_to_remediate": REMEDIATION,
    "remediation_completion_rate": REMEDIATION,
    "remediation_verification_rate": {"fix_effectiveness_rate": "down"},
    "fix_effectiveness_rate": {"reopen_rate": "up"},
    "vulnerability_density": {"assessments_per_system": "down"},
    "recurrence_rate": {"unknown_class_share": "up"},
    "production_incident_correlation": {"unknown_class_incident_share": "up"},
    "attack_success_rate": {
        "over_refusal_rate": "up",
        "attack_error_share": "up",
        "attack_prompts": "down",
    },
}


def listed() -> list[dict[str, str]]:
    file = PROJECT / "seeds" / "policy" / "metric_companions.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def catalog() -> dict[str, dict[str, Any]]:
    """Read the definitions beside each metric's SQL."""
    found = {}
    for file in (PROJECT / "models" / "metrics").rglob("*.yml"):
        for model in read_yaml(file).get("models", []):
            if "metric" in model.get("config", {}).get("meta", {}):
                found[model["name"].removeprefix("metric_")] = model["config"]["meta"]["metric"]
    return found


def signals() -> set[str]:
    text = (PROJECT / "macros" / "statistics" / "companion_signals.sql").read_text(encoding="utf-8")
    return set(re.findall(r"^        '(\w+)': \{", text, flags=re.MULTILINE))


def test_every_metric_has_its_specified_companions() -> None:
    found: dict[str, dict[str, str]] = {}
    for row in listed():
        found.setdefault(row["metric_id"], {})[row["companion"]] = row["worse_when"]
    assert found == SPECIFIED


def test_a_companion_is_a_metric_or_a_signal_and_every_signal_is_one() -> None:
    companions = {row["companion"] for row in listed()}
    assert companions - signals() <= catalog().keys()
    assert signals() <= companions


def test_companion_metrics_are_worse_where_the_catalog_says_and_are_shown_there() -> None:
    metrics = catalog()
    for row in listed():
        own, companion = metrics[row["metric_id"]], metrics.get(row["companion"])
        assert bool(row["better_when"]) == (own["direction"] == "none"), row
        if companion is not None:
            assert row["companion"] in own["companions"], row
            assert companion["direction"] != row["worse_when"], row


def test_only_companions_that_look_ahead_settle_late() -> None:
    late = {row["companion"] for row in listed() if row["settles_after_days"] != "0"}
    assert late == {"reopen_rate"}


def test_every_companion_has_its_story() -> None:
    assert STORIES.keys() == {(row["metric_id"], row["companion"]) for row in listed()}
