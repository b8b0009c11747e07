"""Numbers, dates and statuses for people. Rounding happens here and nowhere else."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Final

SPACE: Final = "\u00a0"
"""No line break between a number and its unit."""

NOT_MEASURED: Final = "not measured"
UNIT_WORDS: Final = {
    "percent": "%",
    "days": "days",
    "per_fte_quarter": "per FTE-quarter",
    "per_system_quarter": "per system-quarter",
}
MOST_DECIMALS: Final = 3


def number(
    value: float, unit: str, sample_size: int | None = None, bounds: Sequence[float | None] = ()
) -> str:
    """Return a value without its unit, with as many decimals as it can bear.

    More where rounding would put it on the other side of one of ``bounds``, the target's ends.
    """
    decimals = _decimals(value, unit, sample_size)
    while decimals < MOST_DECIMALS and _crosses(round(value, decimals), value, bounds):
        decimals += 1
    rounded, shown = round(value, decimals), max(decimals, 0)
    if unit == "percent" and 0 < value < 100 and rounded in (0, 100):
        step = 10.0**-shown
        return f"< {step:.{shown}f}" if rounded == 0 else f"> {100 - step:.{shown}f}"
    return f"{rounded + 0.0:,.{shown}f}"  # + 0.0: no negative zero


def with_unit(
    value: float | None,
    unit: str,
    sample_size: int | None = None,
    bounds: Sequence[float | None] = (),
) -> str:
    """Return a value with its unit: 82 %, 6.4 days, 12,000; or that it is not measured."""
    if value is None:
        return NOT_MEASURED
    words = UNIT_WORDS.get(unit, "")
    return f"{number(value, unit, sample_size, bounds)}{SPACE}{words}".strip(SPACE)


def span(low: float, high: float, unit: str, sample_size: int | None = None) -> str:
    """Return a range: 17 to 59 %."""
    return f"{number(low, unit, sample_size)}{SPACE}to{SPACE}{with_unit(high, unit, sample_size)}"


def quantity(value: float | None) -> str:
    """Return a sum or a count: 13; 945.6."""
    if value is None:
        return "–"  # noqa: RUF001
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def count_of(count: int, thing: str, things: str | None = None) -> str:
    """Return 1 row, 41 rows."""
    return f"{count:,}{SPACE}{thing if count == 1 else things or thing + 's'}"


def day(moment: dt.date | dt.datetime) -> str:
    """Return 4 Jul 2026."""
    return f"{moment.day}{SPACE}{moment:%b}{SPACE}{moment.year}"


def target(low: float | None, high: float | None, unit: str) -> str:
    """Return the bounds of a target in words."""
    if unit == "percent" and low is not None and low >= 100:
        return with_unit(low, unit)
    if low is not None and high is not None:
        return span(low, high, unit)
    if low is not None:
        return f"at least {with_unit(low, unit)}"
    if high is not None:
        return f"at most {with_unit(high, unit)}"
    return "none set"


def listed(words: Sequence[str]) -> str:
    """Return a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _decimals(value: float, unit: str, sample_size: int | None) -> int:
    match unit:
        case "percent":
            return 1 if sample_size is not None and sample_size >= 100 else 0
        case "days":
            return 1 if abs(value) < 10 else 0
        case "currency" if abs(value) > 10_000:
            return 1 - math.floor(math.log10(abs(value)))  # two digits that matter
        case "currency" | "count" | "points":
            return 0
        case _:
            return 2


def _crosses(rounded: float, value: float, bounds: Sequence[float | None]) -> bool:
    return any(
        _side(rounded, bound) != _side(value, bound) for bound in bounds if bound is not None
    )


def _side(value: float, bound: float) -> int:
    return 0 if math.isclose(value, bound, abs_tol=1e-9) else (1 if value > bound else -1)
