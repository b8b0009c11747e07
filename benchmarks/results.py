"""What a benchmark hands over, and how it stands in docs/benchmarks.md."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.costs import PROJECT, Told

PAGE: Final = PROJECT / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal of the table: a ratio or a size, its limit, and what was measured."""

    key: str
    """Its number, such as P2c; the table has one row for each."""
    words: str
    measured: float
    limit: float
    unit: str = "x"
    why: str = ""
    """Where it is missed: why. Else what a reader should know."""

    @property
    def is_met(self) -> bool:
        return self.measured <= self.limit

    def row(self) -> str:
        """Return its row of the table."""
        verdict = "yes" if self.is_met else f"no, {self.measured / self.limit:.1f} times the goal"
        return (
            f"| {self.key} | {self.words} | {_number(self.measured)} {self.unit} "
            f"| {self.limit:g} {self.unit} | {verdict} | {self.why} |"
        )


@dataclass(slots=True)
class Report:
    """What one benchmark found."""

    tables: list[str] = field(default_factory=list)
    """Markdown."""
    goals: list[Goal] = field(default_factory=list)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a markdown table; floats with three digits that say something."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def costs_table(
    what: str,
    titles: Mapping[str, str],
    told: Mapping[str, Told],
    ratios: Mapping[str, tuple[str, str]],
) -> str:
    """Return what each part took that was measured.

    ``ratios`` are more columns: which seconds, and of which part they are divided by.
    """
    found = [(title, told[part].cost) for part, title in titles.items() if part in told]
    return table(
        [what, "wall s", "CPU s", *ratios, "peak MB"],
        [
            [
                title,
                cost.wall,
                cost.cpu,
                *(getattr(cost, of) / getattr(told[part].cost, of) for of, part in ratios.values()),
                f"{cost.peak:,.0f}",
            ]
            for title, cost in found
        ],
    )


def slowest(seconds: Mapping[str, float], most: int) -> str:
    """Name the models that take the most wall time, in seconds."""
    found = sorted(seconds.items(), key=lambda entry: -entry[1])[:most]
    return ", ".join(f"`{name}` {taken:.1f} s" for name, taken in found)


def load() -> float:
    """Return the load of the machine over the last minute."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


def circumstances(before: float, after: float) -> str:
    """Say when and where something was measured, and what else the machine had to do."""
    today = dt.datetime.now(dt.UTC).date()
    cores = os.cpu_count() or 1
    busy = ", **other work ran beside it**" if min(before, after) > 1.5 * cores else ""
    return (
        f"{today.day} {today:%B %Y}, {cores} processors, load {before:.1f} before and "
        f"{after:.1f} after{busy}; Python {platform.python_version()}, DuckDB {version('duckdb')}."
    )


def write(name: str, report: Report, measured: str, page: Path = PAGE) -> None:
    """Put a report into its part of the page, and its goals into the table of all goals."""
    text = page.read_text(encoding="utf-8")
    text = _replaced(text, name, "\n\n".join([measured, *report.tables]))
    if report.goals:
        rows = dict(re.findall(r"^(\| (P\w+) \|.*)$", _part(text, "goals"), re.MULTILINE))
        known = {key: row for row, key in rows.items()}
        known |= {goal.key: goal.row() for goal in report.goals}
        text = _replaced(
            text, "goals", goal_table([known[key] for key in sorted(known, key=_place)])
        )
    page.write_text(text, encoding="utf-8")


def goal_table(rows: Sequence[str]) -> str:
    """Return the table of goals around its rows."""
    head = "| | goal | measured | at most | met | why, or what to know |\n|---|---|---|---|---|---|"
    return "\n".join([head, *rows])


def _place(key: str) -> tuple[int, str]:
    number = re.match(r"P(\d+)", key)
    return (int(number[1]) if number else 0, key)


def _markers(name: str) -> tuple[str, str]:
    return f"<!-- measured: {name} -->", f"<!-- end: {name} -->"


def _part(text: str, name: str) -> str:
    begin, end = _markers(name)
    if begin not in text or end not in text:
        raise SystemExit(f"{PAGE.name} has no part {begin} ... {end}")
    return text.partition(begin)[2].partition(end)[0]


def _replaced(text: str, name: str, content: str) -> str:
    begin, end = _markers(name)
    return text.replace(f"{begin}{_part(text, name)}{end}", f"{begin}\n\n{content}\n\n{end}")


def _cell(value: object) -> str:
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
