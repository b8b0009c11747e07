"""Numbers for people."""

from __future__ import annotations

import datetime as dt

import pytest

from app.components import formatting as f
from app.view import MONTH, QUARTER, TRAILING_YEAR, Period


def spaced(text: str) -> str:
    return text.replace(f.SPACE, " ")


@pytest.mark.parametrize(
    ("value", "unit", "size", "wanted"),
    [
        (82.4, "percent", 41, "82 %"),
        (82.44, "percent", 100, "82.4 %"),
        (0.0, "percent", 500, "0.0 %"),
        (0.02, "percent", 5000, "< 0.1 %"),
        (99.98, "percent", 5000, "> 99.9 %"),
        (100.0, "percent", 5, "100 %"),
        (6.42, "days", 9, "6.4 days"),
        (72.74, "days", 9, "73 days"),
        (5708.09, "currency", 9, "5,708"),
        (12_345.6, "currency", 9, "12,000"),
        (1.7778, "per_fte_quarter", 4, "1.78 per FTE-quarter"),
        (-0.001, "per_fte_quarter", 4, "0.00 per FTE-quarter"),
        (3.0, "count", 3, "3"),
        (None, "percent", 0, "not measured"),
    ],
)
def test_with_unit(value: float | None, unit: str, size: int, wanted: str) -> None:
    assert spaced(f.with_unit(value, unit, size)) == wanted


@pytest.mark.parametrize(
    ("value", "bounds", "wanted"),
    [
        (79.6, (80.0, None), "79.6 %"),
        (79.96, (80.0, None), "79.96 %"),
        (50.4, (10.0, 50.0), "50.4 %"),
        (80.0, (80.0, None), "80 %"),
        (87.5, (80.0, None), "88 %"),
    ],
)
def test_rounding_never_crosses_a_target(
    value: float, bounds: tuple[float | None, ...], wanted: str
) -> None:
    assert spaced(f.with_unit(value, "percent", 16, bounds)) == wanted


def test_words() -> None:
    assert spaced(f.target(80.0, None, "percent")) == "at least 80 %"
    assert spaced(f.target(100.0, None, "percent")) == "100 %"
    assert spaced(f.target(None, 5.0, "percent")) == "at most 5 %"
    assert spaced(f.target(10.0, 50.0, "percent")) == "10 to 50 %"
    assert spaced(f.count_of(1, "row")) == "1 row"
    assert spaced(f.count_of(1234, "row")) == "1,234 rows"
    assert spaced(f.day(dt.date(2026, 7, 4))) == "4 Jul 2026"
    assert f.listed(["a"]) == "a"
    assert f.listed(["a", "b", "c"]) == "a, b and c"
    assert f.quantity(13.0) == "13"
    assert f.quantity(945.62) == "945.6"


def test_period_names() -> None:
    start = dt.date(2026, 10, 1)
    assert Period(MONTH, start, dt.date(2026, 11, 1), False).name == "October 2026"
    assert Period(QUARTER, start, dt.date(2027, 1, 1), True).name == "Q4 2026"
    year = Period(TRAILING_YEAR, dt.date(2025, 11, 1), dt.date(2026, 11, 1), False)
    assert year.name == "12 months to Oct 2026"
