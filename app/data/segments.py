"""A segment of the page as a condition, and a view as values to bind."""

from __future__ import annotations

from typing import Any, Final

from app.view import Segment, View

SEGMENT_COLUMNS: Final = {
    "risk_tier": "risk_tier",
    "business_unit": "business_unit",
    "owner_team": "owner_team",
    "system": "system_id",
    "provider": "provider",
    "severity": "severity",
    "vulnerability_class": "vulnerability_class",
    "technique": "technique_id",
    "detection_source": "detection_source",
    "assessment_tier": "assessment_tier",
    "tool": "tool",
}


SYSTEM_COLUMNS: Final = frozenset({"risk_tier", "business_unit", "owner_team", "system"})
"""Dimensions that every list with a system can be narrowed to."""


def matches(segment: Segment, table: str) -> str:
    """Return the condition of a segment; a row without a key counts for every value."""
    if segment.is_all:
        return "true"
    column = f"{table}.{SEGMENT_COLUMNS[segment.dimension]}"
    return f"({column} = $segment or {column} is null)"


def view_parameters(view: View) -> dict[str, Any]:
    return {
        "grain": view.period.grain,
        "start": view.period.start,
        "dimension": view.segment.dimension,
        "segment": view.segment.value,
    }


def narrows(segment: Segment, dimensions: frozenset[str]) -> str:
    """Return the condition of a segment, `true` where a list is not broken down by it."""
    if segment.dimension not in dimensions:
        return "true"
    return f"{SEGMENT_COLUMNS[segment.dimension]} = $segment"


def narrowing(segment: Segment, dimensions: frozenset[str]) -> dict[str, Any]:
    """Return the value that `narrows` binds."""
    return {"segment": segment.value} if segment.dimension in dimensions else {}
