"""Verdicts in words and shape, for tables: colour says nothing there."""

from __future__ import annotations

from typing import Final

import pandas as pd

MARKS: Final = {
    "pass": "✓ pass",
    "fail": "✕ fail",
    "insufficient": "◇ insufficient",
    "better": "▼ better",
    "worse": "▲ worse",
    "no evidence": "· no evidence",
    "not comparable": "○ not comparable",
    "tested": "● tested",
    "thin": "◐ thin",
    "untested": "○ untested",
    "not_applicable": "– not applicable",  # noqa: RUF001
    "failed": "✕ failed",
    "proven": "✓ proven",
    "unproven": "◇ unproven",
    "met": "✓ met",
    "missed": "✕ missed",
    "undecided": "◇ undecided",
    "no_target": "○ no target",
    "not_measured": "○ not measured",
    "partially_met": "◐ partially met",
    "not_met": "✕ not met",
    "not_assessed": "○ not assessed",
}


def marked(state: object) -> str:
    """Return a state with its shape; one that is not known as it is."""
    if not isinstance(state, str):
        return "○ not known"
    return MARKS.get(state, state.replace("_", " "))


def mark_column(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the table with the states of a column in words and shape."""
    return frame.assign(**{column: [marked(state) for state in frame[column]]})
