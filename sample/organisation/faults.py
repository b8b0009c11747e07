"""The rows that are broken on purpose, so that the quarantine of the sample is not empty.

Each fault spoils a copy of a sound row, or adds a row of its own: nothing sound goes missing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One broken line, put at the end of the file it names, and what is wrong with it."""

    file_name: str
    line: str
    reason: str


FAULTS: tuple[Fault, ...] = (
    Fault(
        "program/finding_events.csv",
        "F-0100,accepted,14/08/2025,,,,,Typed by hand",
        "bad_timestamp",
    ),
    Fault(
        "program/finding_events.csv",
        "F-9001,accepted,2026-02-10T09:00:00Z,,,,,Finding of another register",
        "dangling_reference",
    ),
    Fault(
        "program/finding_events.csv",
        "F-0120,fixed,2025-12-01T10:00:00Z,,,,,Word of another tool",
        "unknown_value",
    ),
    Fault(
        "program/scans-2025.csv",
        "SCAN-90001,support-bot,2025-05-17T01:20:00Z,,garak,completed,retry,2",
        "ragged_row",
    ),
    Fault(
        "program/scans-2025.csv",
        "SCAN-90002,fraud-triage,2025-11-31T01:05:00Z,,nightly-probe,failed",
        "bad_timestamp",
    ),
    Fault("program/effort.csv", "EFF-9001,2026-01-14,-3.5,manual,", "negative_number"),
)


def with_faults(file_name: str, text: str) -> str:
    """Return a file's text with its broken lines behind the sound ones."""
    return text + "".join(fault.line + "\n" for fault in FAULTS if fault.file_name == file_name)
