"""The table of a run of the trust suites, for docs/trust-report.md."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

TITLES: Final = {
    "R1": "Killed while building and publishing",
    "R2": "Killed at every named fault point",
    "R3": "Readers while builds publish",
    "R4": "No disk, no files, no memory, no rights",
    "R5": "Stopped by signals; two builders at once",
    "R6": "Mutated landing files",
    "R7": "Hostile files made by hand",
    "R8": "Deliveries in any order",
    "R9": "Landed bit by bit, or at once",
    "R13": "Time zones, locales and special days",
    "R15": "Restore and rollback",
    "R16": "Soak",
    "S1": "Hostile text in the browser",
    "S2": "Exports that a spreadsheet opens",
    "S3": "One team, another team's rows",
    "S4": "Hostile text in filters and addresses",
    "S5": "The engine's sandbox",
    "S6": "File names and links",
    "S7": "Bombs",
    "S8": "Terminal and logs",
    "S9": "Secrets",
    "S10": "Supply chain",
    "S11": "Headers and settings of the app",
    "S12": "The app's source",
}

_ROW: Final = re.compile(r"test_([rs])0*(\d+)_")


class Rows:
    """Counts and outcomes by row of the plan; a test's row is in its module's name."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Counter[str]] = {}
        self.counts: dict[str, dict[str, int | str]] = {}
        self.reasons: dict[str, set[str]] = {}

    def add_outcome(self, nodeid: str, outcome: str, reason: str) -> None:
        row = row_of(nodeid)
        self.outcomes.setdefault(row, Counter())[outcome] += 1
        if reason:
            self.reasons.setdefault(row, set()).add(reason)

    def add_counts(self, row: str, counts: Mapping[str, int | str]) -> None:
        known = self.counts.setdefault(row, {})
        for name, count in counts.items():
            before = known.get(name, 0)
            is_sum = isinstance(before, int) and isinstance(count, int)
            known[name] = before + count if is_sum else count  # type: ignore[operator]


def row_of(nodeid: str) -> str:
    """Return the row of the plan that a test belongs to, "" for none."""
    found = _ROW.search(nodeid)
    return f"{found[1].upper()}{found[2]}" if found else ""


def render(rows: Rows, figures: str, fired: int, asked: int) -> str:
    """Return the report as Markdown: no name of a host, no path."""
    known = (row for row in rows.outcomes if row)
    table = [_line(rows, row) for row in sorted(known, key=lambda row: (row[0], int(row[1:])))]
    wording = {"ci": "CI", "full": "full"}[figures]
    return "\n".join(
        [
            "# Trust report",
            "",
            f"Written by `make {'trust-full' if figures == 'full' else 'test-trust'}` on "
            f"{dt.datetime.now(dt.UTC).date().isoformat()}, with the {wording} figures, on "
            f"{_machine()}. What they show is in [Promises](architecture.md#promises).",
            "",
            "| row | what is done | counted | tests | result |",
            "|---|---|---|---|---|",
            *table,
            "",
            f"Controls fired: {fired} of {asked}. A control breaks something on purpose, and the "
            "check must notice.",
            *_skipped(rows),
            "",
        ]
    )


def _line(rows: Rows, row: str) -> str:
    outcomes = rows.outcomes[row]
    counts = rows.counts.get(row, {})
    told = "; ".join(
        f"{name.replace('_', ' ')}: {count:,}"
        if isinstance(count, int)
        else f"{name.replace('_', ' ')}: {count}"
        for name, count in counts.items()
    )
    failed = outcomes["failed"] + outcomes["error"]
    result = "FAILED" if failed else "pass" if outcomes["passed"] else "not run here"
    skipped = f", {outcomes['skipped']} skipped" if outcomes["skipped"] else ""
    tests = f"{outcomes['passed']} passed{f', {failed} failed' if failed else ''}{skipped}"
    return f"| {row} | {TITLES.get(row, '')} | {told} | {tests} | {result} |"


def _skipped(rows: Rows) -> list[str]:
    told = [
        f"- {row or 'other'}: {reason}"
        for row, reasons in sorted(rows.reasons.items())
        for reason in sorted(reasons)
    ]
    return ["", "Not run on this machine:", "", *told] if told else []


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{platform.system()} ({platform.machine()}), {cores} cores, {memory:.0f} GB of memory, "
        f"Python {platform.python_version()}"
    )
