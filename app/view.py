"""What a page shows: a period of a grain, and a segment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

ALL: Final = "all"
MONTH: Final = "month"
QUARTER: Final = "quarter"
TRAILING_YEAR: Final = "trailing_12_months"

GRAINS: Final = {MONTH: "Month", QUARTER: "Quarter", TRAILING_YEAR: "12 months"}

DIMENSIONS: Final = {
    ALL: "Whole program",
    "risk_tier": "Risk tier",
    "business_unit": "Business unit",
    "owner_team": "Team",
    "system": "System",
    "provider": "Provider",
    "severity": "Severity at report",
    "vulnerability_class": "Weakness",
    "technique": "ATLAS technique",
    "detection_source": "Detection",
    "assessment_tier": "Assessment depth",
    "tool": "Tool",
}


@dataclass(frozen=True, slots=True)
class Period:
    """A period of marts.metric_values; ``end`` is exclusive."""

    grain: str
    start: dt.date
    end: dt.date
    is_partial: bool

    @property
    def name(self) -> str:
        """Name for people: October 2026, Q4 2026, 12 months to Oct 2026."""
        if self.grain == QUARTER:
            return f"Q{(self.start.month + 2) // 3} {self.start.year}"
        if self.grain == TRAILING_YEAR:
            return f"12 months to {self.end - dt.timedelta(days=1):%b %Y}"
        return f"{self.start:%B %Y}"


@dataclass(frozen=True, slots=True)
class Segment:
    """A slice of the program: everything, or one value of one dimension."""

    dimension: str = ALL
    value: str = ALL

    @property
    def is_all(self) -> bool:
        return self.dimension == ALL


@dataclass(frozen=True, slots=True)
class View:
    """A period and a segment: what the URL of a page says."""

    period: Period
    segment: Segment
