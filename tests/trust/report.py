"""The table of a run of the trust suites, for docs/trust-report.md.

What each module found is kept as JSON, so that a long run may be made in pieces: the table is of
all that was kept, a module that runs again takes the place of its earlier run.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.trust.promises import BESIDE, PROMISES

Counts = dict[str, int | str]

_COLUMNS: Final = (
    *("promise", "what is tried", "figures", "asked", "reached"),
    *("tests", "controls fired", "result"),
)
_ROW: Final = re.compile(r"test_([rs])0*(\d+)_")
_BESIDE: Final = re.compile(r"test_([a-z]+)\.py")


@dataclass
class Row:
    """What was found for one row of the plan."""

    outcomes: Counter[str] = field(default_factory=Counter)
    counts: Counts = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    """Why tests were skipped."""
    fired: int = 0
    controls: int = 0
    figures: str = "full"
    """With which it was run; of several modules the smaller ones."""

    def add_counts(self, counts: Counts) -> None:
        """Add numbers up; of words the last stays."""
        for name, count in counts.items():
            before = self.counts.get(name, 0)
            is_sum = isinstance(before, int) and isinstance(count, int)
            self.counts[name] = before + count if is_sum else count  # type: ignore[operator]

    def add(self, other: Row) -> None:
        """Add what another module found for the same row."""
        self.outcomes.update(other.outcomes)
        self.add_counts(other.counts)
        self.reasons += [reason for reason in other.reasons if reason not in self.reasons]
        self.fired += other.fired
        self.controls += other.controls
        self.figures = min(self.figures, other.figures)  # "ci" comes before "full"


Rows = dict[str, Row]


def row_of(nodeid: str) -> str:
    """Return the row of the plan that a test belongs to, by its own name or that of its module."""
    name = nodeid.partition("[")[0]
    if found := _ROW.findall(name):
        return f"{found[-1][0].upper()}{found[-1][1]}"
    beside = _BESIDE.search(name)
    return beside[1] if beside else ""


def keep(folder: Path, modules: dict[str, Rows], figures: str) -> None:
    """Keep what modules found with these figures, in place of what they found before."""
    folder.mkdir(parents=True, exist_ok=True)
    for module, rows in modules.items():
        found = {"date": dt.datetime.now(dt.UTC).date().isoformat(), "machine": machine()}
        told = found | {
            "rows": {
                name: asdict(row) | {"outcomes": dict(row.outcomes), "figures": figures}
                for name, row in rows.items()
            }
        }
        file = folder / f"{Path(module).stem}.json"
        file.write_text(json.dumps(told, indent=1), encoding="utf-8")


def render_kept(folder: Path) -> str:
    """Return the report of all that was kept."""
    rows: Rows = {}
    dates, machines = set(), set()
    for file in sorted(folder.glob("*.json")):
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        dates.add(told["date"])
        machines.add(told["machine"])
        for name, found in told["rows"].items():
            row = Row(**found | {"outcomes": Counter(found["outcomes"])})
            rows.setdefault(name, Row()).add(row)
    return render(rows, " and ".join(sorted(dates)), " and ".join(sorted(machines)))


def render(rows: Rows, dates: str, machines: str) -> str:
    """Return the report as Markdown: a line for every promise, no name of a host, no path."""
    fired = sum(row.fired for row in rows.values())
    controls = sum(row.controls for row in rows.values())
    return "\n".join(
        [
            "# Trust report",
            "",
            f"Written by `make trust-full` on {dates or 'no day'}, on {machines or 'no machine'}. "
            "Figures are the full ones, or where the line says so those of every push (CI). What "
            "is defended, and how: [Promises](architecture.md#promises), [Security](security.md).",
            "",
            f"| {' | '.join(_COLUMNS)} |",
            "|---" * len(_COLUMNS) + "|",
            *(_line(name, rows.get(name, Row())) for name in PROMISES),
            *(_line(name, rows[name]) for name in sorted(rows.keys() - PROMISES.keys()) if name),
            "",
            f"Controls fired: {fired}/{controls}. A control breaks something on purpose, and the "
            "check must notice.",
            *_skipped(rows),
            "",
        ]
    )


def _line(name: str, row: Row) -> str:
    promise = PROMISES.get(name)
    asked = promise.figures(row.figures) if promise else {}
    never = promise.never if promise else ()
    wanted = [*asked.items(), *((count, 0) for count in never)]
    cells = (
        name if promise else "",
        promise.title if promise else BESIDE.get(name, name),
        {"ci": "CI", "full": "full"}[row.figures],
        _told(dict(wanted)),
        _told(row.counts),
        _tests(row),
        f"{row.fired}/{row.controls}" if row.controls else "",
        result_of(name, row),
    )
    return f"| {' | '.join(cells)} |"


def result_of(name: str, row: Row) -> str:
    """Judge a row: all tests passed, all figures were reached, all controls fired."""
    if row.outcomes["failed"] + row.outcomes["error"]:
        return "FAILED"
    if not row.outcomes["passed"]:
        return "not run"
    promise = PROMISES.get(name)
    if promise is None:
        return "pass"
    reached = {count: number for count, number in row.counts.items() if isinstance(number, int)}
    if any(reached.get(count, 0) for count in promise.never):
        return "FAILED"
    if any(reached.get(count, 0) < least for count, least in promise.figures(row.figures).items()):
        return "too few"
    return "pass" if row.fired == row.controls > 0 else "no control"


def _told(counts: Counts) -> str:
    return "; ".join(
        f"{name}: {count:,}" if isinstance(count, int) else f"{name}: {count}"
        for name, count in counts.items()
    )


def _tests(row: Row) -> str:
    failed = row.outcomes["failed"] + row.outcomes["error"]
    told = [f"{row.outcomes['passed']} passed"]
    told += [f"{failed} failed"] if failed else []
    told += [f"{row.outcomes['skipped']} skipped"] if row.outcomes["skipped"] else []
    return ", ".join(told)


def _skipped(rows: Rows) -> list[str]:
    told = [
        f"- {name or 'other'}: {reason}"
        for name, row in sorted(rows.items())
        for reason in sorted(row.reasons)
    ]
    return ["", "Not run on this machine:", "", *told] if told else []


def machine() -> str:
    """Return the kind of this machine, never its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{platform.system()} ({platform.machine()}), {cores} cores, {memory:.0f} GB of memory, "
        f"Python {platform.python_version()}"
    )
