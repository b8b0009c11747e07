"""The lists that a number or a row opens, on every page alike: what they are called and hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of rows; its statement has the same name, `$of` narrows it."""

    title: str
    note: str
    empty: str = "Nothing of this kind."


LISTINGS: Final = {
    "source_files": Listing(
        "Files delivered",
        "Rows read = loaded + superseded + held back, file by file. Cut-short files stand first.",
        "No file of this source was delivered.",
    ),
    "quarantined_rows": Listing(
        "Rows held back",
        "Each with the line of its file and the reason. Correct the line, deliver again, and it "
        "counts. Rows of documents and scanner files are named by place only.",
        "No row is held back.",
    ),
    "delivery_checks": Listing(
        "Checks of deliveries",
        "What was expected of each delivery and what came. A warning blocks nothing.",
        "No check warned.",
    ),
    "restatements": Listing(
        "Published numbers that changed",
        "Numbers of complete periods: as published, as they stand now, and why.",
        "No published number has changed.",
    ),
    "unmapped_values": Listing(
        "Values that no policy maps",
        "Paste the line into the policy named beside it; what is in angle brackets is yours.",
        "Every value is mapped.",
    ),
    "inventory_gaps": Listing(
        "What escapes a metric",
        "Paste the line into the register named beside it; what is in angle brackets is yours.",
        "Nothing escapes a metric.",
    ),
    "tool_figures": Listing(
        "Figures of the tools, recounted",
        "Each figure that a scanner recorded itself, beside the same figure counted again from the "
        "rows that landed. Figures that differ stand first, with the reason.",
        "No scanner recorded a figure of its own. garak, promptfoo and Inspect files hold some.",
    ),
    "exclusions": Listing(
        "Records that no metric counts",
        "Held out by policy, not by fault: duplicates, informational records, what is out of "
        "scope.",
        "Nothing is left out.",
    ),
    "open_findings": Listing(
        "Open findings",
        "As of the build: no confirmed fix, not dismissed. State says what each one waits for.",
        "No finding is open. Findings come from `program/findings.csv` and "
        "`program/finding_events.csv`, or from a tracker.",
    ),
    "overdue_findings": Listing(
        "Overdue findings",
        "Open at the build and past the time allowed for their severity at report.",
        "No open finding is past its due date.",
    ),
    "attack_runs": Listing(
        "Runs",
        "One row per run, target, attack, strategy and primary judge; the interval takes repeats "
        "of a prompt as alike. Low and high: had all unscored been resisted, or succeeded.",
        "No attempt has landed.",
    ),
    "attack_changes": Listing(
        "Changes of attack success that chance does not explain",
        "Each attack of a run against the last run measured alike, in percentage points.",
        "No change that chance does not explain.",
    ),
    "technique_cells": Listing(
        "Techniques by system",
        "Twelve months to the as-of date; of each cell the evidence, or why it does not apply.",
        "Neither attempts nor `program/assessment_techniques.csv` say what was tried.",
    ),
    "retests": Listing(
        "Retest plan",
        "The last claimed fix of each finding that names its attack: clean independent prompts "
        "since the claim, and how many prove it with 95 % confidence.",
        "No claimed fix of a finding that names its attack.",
    ),
    "open_findings_of_part": Listing(
        "Open findings",
        "As of the build, of a risk tier or a business unit.",
        "No finding is open here.",
    ),
    "coverage_gaps": Listing(
        "Systems in production, and what was tried",
        "Twelve months to the latest complete month; the techniques to the as-of date.",
        "No system is in production.",
    ),
    "companion_alerts": Listing(
        "Companion alarms",
        "A metric got better while one that keeps it honest got worse, both beyond chance.",
        "No alarm.",
    ),
    "pipeline": Listing(
        "Assessments asked for",
        "Neither delivered nor called off as of the build; due by the target of their tier.",
        "Nothing waits.",
    ),
    "emerging_threats": Listing(
        "Weaknesses and techniques, 90 days against the 90 before",
        "Rising is claimed only where chance, corrected for all that was tested, does not "
        "explain it.",
        "Nothing was seen in 180 days.",
    ),
    "benchmarks": Listing(
        "Public figures beside ours",
        "Populations, clocks and definitions differ: each row carries its caution.",
        "No figures are cited.",
    ),
    "incidents": Listing(
        "Incidents, and what was known before",
        "Whether the weakness had been tried, found, fixed or accepted strictly before.",
        "No incident is recorded in `program/incidents.csv`.",
    ),
    "year_over_year": Listing(
        "This year against the last",
        "Every metric over twelve months beside the twelve before; better or worse only beyond "
        "chance.",
        "No metric is known.",
    ),
    "controls": Listing(
        "Controls, and their latest evidence",
        "Stale: the evidence is older than twelve months and counts for nothing.",
        "Nobody keeps `program/control_evidence.csv`.",
    ),
    "findings_with_guidance": Listing(
        "Open findings, and what to do",
        "As of the build. Guidance: policy for the weakness, else for the technique; mitigations "
        "are those that ATLAS relates to the technique.",
        "No finding is open here.",
    ),
    "assessment_summaries": Listing(
        "Delivered assessments",
        "What each tried and found; open and fixed as of the build.",
        "No report was delivered. Assessments come from `program/assessments.csv`.",
    ),
    "residual_risks": Listing(
        "Residual risk",
        "Open and risk-accepted findings by version that their attack was tried on; the bound is "
        "exact at 95 %. Not measured is not safe.",
        "No finding is open here.",
    ),
    "gates": Listing(
        "Release gates",
        "Every version and configuration: pass if the upper bound is within the limit, fail if "
        "the lower bound is above it.",
        "No version is known. `program/deployments.csv` names versions.",
    ),
    "techniques_counted": Listing(
        "Techniques of delivered assessments",
        "Applicable techniques, assessment by assessment, twelve months to the latest complete "
        "month.",
        "`program/assessment_techniques.csv` lists none in this time.",
    ),
    "input_vectors_counted": Listing(
        "Ways into the system",
        "Known at the end of the latest complete month; tested in the twelve months before.",
        "`program/input_vectors.csv` lists none.",
    ),
    "launches_counted": Listing(
        "Launches that needed a test",
        "Twelve months to the latest complete month; tested if a report came before.",
        "No launch in this time needed a test.",
    ),
    "annotations": Listing(
        "Remarks",
        "What people wrote on a metric and a period. They explain a number and change none.",
        "Nobody keeps `program/annotations.csv`.",
    ),
    "test_results": Listing(
        "Tests of this build",
        "One row per dbt test; a build with a failed one is never published.",
        "No test of this dimension. Whether entries come in time is a check of deliveries.",
    ),
}
