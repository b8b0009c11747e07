"""What the board reads, on its page and in its report: which metrics, and how a year is told."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from app.components.formatting import span, with_unit

POSTURE: Final = (
    "system_test_coverage_rate",
    "pre_deployment_test_rate",
    "remediation_completion_rate",
    "mean_time_to_remediate",
    "production_incident_correlation",
)
FRAMEWORKS: Final = {
    "nist_ai_rmf": "NIST AI RMF",
    "eu_ai_act": "EU AI Act",
    "owasp_llm": "OWASP LLM Top 10",
    "iso_42001": "ISO/IEC 42001",
}
VERDICTS: Final = {
    "better": "✓ better",
    "worse": "✕ worse",
    "rising": "△ rising",
    "falling": "▽ falling",
}


def side_in_words(row: pd.Series[Any], side: str) -> str:
    """Return a year of marts.year_over_year, ``side`` "" or "previous_": value, interval, n."""
    value = row[f"{side}value"]
    if pd.isna(value):
        return with_unit(None, "")
    size = None if pd.isna(row[f"{side}sample_size"]) else int(row[f"{side}sample_size"])
    text = with_unit(value, row["unit"], size)
    low, high = row[f"{side}interval_low"], row[f"{side}interval_high"]
    if not pd.isna(low) and not pd.isna(high):
        text += f" ({span(low, high, row['unit'], size)})"
    return text if size is None else f"{text}, n = {size:,}"
