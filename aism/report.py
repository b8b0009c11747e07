"""What the command line tells people about a published generation."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aism.duck import open_published

if TYPE_CHECKING:
    from aism.verify import Verification

NOT_MEASURED: Final = "not measured"
UNSAFE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
UNIT_WORDS: Final = {
    "percent": "%",
    "days": "days",
    "per_fte_quarter": "per FTE-quarter",
    "per_system_quarter": "per system-quarter",
    "currency": "",
    "count": "",
}
FILES_NAMED: Final = 20
TARGET_STYLES: Final = {"met": "green", "missed": "red", "undecided": "yellow"}


@dataclass(frozen=True, slots=True)
class Headline:
    """One core metric in the latest complete month. Values are in ``unit``."""

    name: str
    unit: str
    value: float | None
    sample_size: int | None
    target_low: float | None
    target_high: float | None
    target_status: str | None
    previous_value: float | None
    change: float | None
    month: dt.date | None


@dataclass(frozen=True, slots=True)
class Source:
    """What one source delivered, in rows."""

    name: str
    files: int
    rows_loaded: int
    rows_quarantined: int
    incomplete_files: int


@dataclass(frozen=True, slots=True)
class Deliveries:
    """How many checks of deliveries there were, and how many of them warned, by severity."""

    checks: int
    warnings: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Status:
    """Which generation readers see."""

    generation: int
    as_of: dt.date
    published_at: dt.datetime
    git_commit: str | None
    sources: Sequence[Source]
    incomplete_files: Sequence[str]
    deliveries: Deliveries


def read_headlines(file: Path) -> list[Headline]:
    """Return the core metrics of a generation file, in the order of the catalog."""
    with open_published(file) as connection:
        rows = connection.execute(_HEADLINES).fetchall()
    return [Headline(*row) for row in rows]


_HEADLINES: Final = """
with complete_months as (
    select metric_values.* from marts.metric_values
    where period_grain = 'month' and segment_dimension = 'all' and not is_partial_period
),

latest as (
    select * from complete_months
    where period_start = (select max(period_start) from complete_months)
)

select
    catalog.name,
    catalog.unit,
    latest.value,
    latest.sample_size,
    latest.target_low,
    latest.target_high,
    latest.target_status,
    latest.previous_value,
    latest.change,
    (select max(period_start) from complete_months) as month_start
from marts.metric_catalog as catalog
left join latest on catalog.metric_id = latest.metric_id
where catalog.is_core
order by
    list_position(['coverage', 'effectiveness', 'efficiency', 'impact'], catalog.dimension),
    catalog.name
"""


def read_status(file: Path) -> Status:
    """Return what a generation file says of itself and of what was landed."""
    with open_published(file) as connection:
        generation, as_of, published_at, commit = connection.execute(
            "select generation, as_of, published_at, git_commit from marts.build_generation"
        ).fetchall()[0]
        sources = connection.execute(
            """
            select
                source, count(*), sum(rows_loaded), sum(rows_quarantined),
                count(*) filter (where not is_complete)
            from marts.landing_files
            group by source
            order by source
            """
        ).fetchall()
        incomplete = connection.execute(
            "select file_name from marts.landing_files where not is_complete order by file_name"
        ).fetchall()
        deliveries = _read_deliveries(connection)
    return Status(
        generation=generation,
        as_of=as_of,
        published_at=published_at,
        git_commit=commit,
        sources=[Source(*row) for row in sources],
        incomplete_files=[name for (name,) in incomplete],
        deliveries=deliveries,
    )


def read_deliveries(file: Path) -> Deliveries:
    """Return what the checks of deliveries say in a generation file."""
    with open_published(file) as connection:
        return _read_deliveries(connection)


def _read_deliveries(connection: duckdb.DuckDBPyConnection) -> Deliveries:
    rows = connection.execute(
        """
        select severity, count(*), count(*) filter (where status = 'warned')
        from marts.delivery_checks
        group by severity
        order by list_position(['critical', 'warning', 'info'], severity)
        """
    ).fetchall()
    return Deliveries(
        checks=sum(checks for _, checks, _ in rows),
        warnings={severity: warned for severity, _, warned in rows if warned},
    )


def print_headlines(console: Console, headlines: Sequence[Headline]) -> None:
    """Print the core metrics as a table."""
    month = next((h.month for h in headlines if h.month is not None), None)
    if month is not None:
        console.print(Text(f"Core metrics, {month:%B %Y} (the latest complete month)"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("metric", no_wrap=True)
    for heading in ("value", "n", "previous", "change"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("target", no_wrap=True)
    for headline in headlines:
        table.add_row(
            printable(headline.name),
            with_unit(headline.value, headline.unit),
            f"n = {headline.sample_size}" if headline.sample_size is not None else "",
            _optional_number(headline.previous_value, headline.unit),
            _optional_number(headline.change, headline.unit, sign="+"),
            target_text(headline),
        )
    console.print(table)


def print_status(console: Console, status: Status, now: dt.datetime) -> None:
    """Print a generation's identity and its sources. ``now`` is UTC without zone."""
    commit = f", commit {status.git_commit[:12]}" if status.git_commit else ""
    console.print(
        Text(
            f"Generation {status.generation}, as of {status.as_of}, published "
            f"{status.published_at:%Y-%m-%d %H:%M} UTC ({age_text(now - status.published_at)} ago)"
            f"{commit}"
        )
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("source")
    for heading in ("files", "rows", "quarantined", "incomplete files"):
        table.add_column(heading, justify="right")
    for source in status.sources:
        table.add_row(
            printable(source.name),
            f"{source.files:,}",
            f"{source.rows_loaded:,}",
            Text(f"{source.rows_quarantined:,}", "yellow" if source.rows_quarantined else ""),
            Text(f"{source.incomplete_files:,}", "yellow" if source.incomplete_files else ""),
        )
    console.print(table)
    for name in status.incomplete_files:
        console.print(Text("Incomplete: ") + printable(name))
    if any(source.rows_quarantined for source in status.sources):
        console.print("What was held back and why: marts.quarantined_rows")
    print_deliveries(console, status.deliveries)


def print_deliveries(console: Console, deliveries: Deliveries) -> None:
    """Print in one line how many checks of deliveries warned, and where to read of them."""
    if not deliveries.checks:
        console.print(Text("Deliveries were not checked: `aism check` does."))
        return
    warned = sum(deliveries.warnings.values())
    by_severity = ", ".join(
        f"{count:,} {severity}" for severity, count in deliveries.warnings.items()
    )
    told = Text(f"{warned:,} of {deliveries.checks:,} checks of deliveries warned")
    if warned:
        told.stylize("yellow")
        told += Text(f" ({by_severity}): `aism check` names them, marts.delivery_checks keeps them")
    console.print(told)


def print_verification(console: Console, found: Verification) -> None:
    """Print whether a generation could be derived again, and why not where it is known."""
    rows = sum(check.rows for check in found.tables)
    if not found.differing:
        console.print(
            Text(
                f"Generation {found.generation}, as of {found.as_of}: all {rows:,} rows of "
                f"{len(found.tables)} tables are what its landing folder gives."
            )
        )
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("table")
    for heading in ("rows", "only published", "only derived"):
        table.add_column(heading, justify="right")
    for check in found.differing:
        table.add_row(
            str(check.table),
            f"{check.rows:,}",
            f"{check.only_published:,}",
            f"{check.only_derived:,}",
        )
    told = (
        f"Generation {found.generation}, as of {found.as_of}: {len(found.differing)} of "
        f"{len(found.tables)} tables are not what its landing folder gives."
    )
    console.print(Text(told, "red"))
    console.print(table)
    for name in found.changed_files[:FILES_NAMED]:
        console.print(Text("Changed since it was published: ") + printable(name))
    if len(found.changed_files) > FILES_NAMED:
        console.print(f"... and {len(found.changed_files) - FILES_NAMED:,} files more")
    if not found.is_same_project:
        console.print(
            "The project (models, seeds, packages) is another one than when it was built."
        )


def with_unit(value: float | None, unit: str) -> Text:
    """Return a value with its unit: 82.4 %, 6.4 days, 12,340."""
    if value is None:
        return Text(NOT_MEASURED, "dim")
    return Text(" ".join((_number(value, unit), UNIT_WORDS.get(unit, unit))).strip())


def target_text(headline: Headline) -> Text:
    """Return the target's bounds and whether the value meets them."""
    low, high, unit = headline.target_low, headline.target_high, headline.unit
    if low is not None and high is not None:
        bounds = f"{_number(low, unit)} to {_number(high, unit)}"
    elif low is not None:
        bounds = f"at least {_number(low, unit)}"
    elif high is not None:
        bounds = f"at most {_number(high, unit)}"
    else:
        return Text("no target", "dim")
    status = (headline.target_status or NOT_MEASURED).replace("_", " ")
    return Text(f"{bounds}: ") + Text(status, TARGET_STYLES.get(status, "dim"))


def age_text(age: dt.timedelta) -> str:
    """Return an age in its largest whole unit."""
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(age.total_seconds()) // seconds
        if count >= 1:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"


def printable(value: Any) -> Text:
    """Return text that a terminal cannot take for a command: controls and bidi made visible."""
    return Text(
        "".join(
            f"\\u{{{ord(char):x}}}" if unicodedata.category(char) in UNSAFE_CATEGORIES else char
            for char in str(value)
        )
    )


def _optional_number(value: float | None, unit: str, *, sign: str = "") -> str:
    return "" if value is None else _number(value, unit, sign=sign)


def _number(value: float, unit: str, *, sign: str = "") -> str:
    decimals = {"count": 0, "currency": 0, "percent": 1, "days": 1}.get(unit, 2)
    rounded = round(value, decimals) + 0.0  # + 0.0: no negative zero
    return f"{rounded:{sign if rounded else ''},.{decimals}f}"
