"""Single values: what the contract allows, and nothing a lenient parser would add."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from aism.land.values import (
    ValueFault,
    parse_boolean,
    parse_date,
    parse_integer,
    parse_number,
    parse_timestamp,
)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01", datetime(2026, 3, 1)),
        ("2026-03-01T10:20", datetime(2026, 3, 1, 10, 20)),
        ("2026-03-01 10:20:30", datetime(2026, 3, 1, 10, 20, 30)),
        ("2026-03-01T10:20:30.5Z", datetime(2026, 3, 1, 10, 20, 30, 500000)),
        ("2026-03-01T10:20:30.123456999Z", datetime(2026, 3, 1, 10, 20, 30, 123456)),
        ("2026-03-01T00:30+02:00", datetime(2026, 2, 28, 22, 30)),
        ("2026-03-01T23:30:00-0530", datetime(2026, 3, 2, 5, 0)),
        ("2026-03-01T10:20+23", datetime(2026, 2, 28, 11, 20)),
        ("2024-02-29", datetime(2024, 2, 29)),
        ("0001-01-01", datetime(1, 1, 1)),
    ],
)
def test_timestamps_of_the_contract(text: str, moment: datetime) -> None:
    assert parse_timestamp(text) == moment
    assert parse_date(text) == moment.date()


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30",
        "2025-02-29",
        "20260301",
        "2026-3-1",
        " 2026-03-01",
        "2026-03-01\n",
        "2026-03-01T10",
        "2026-03-01T24:00",
        "2026-03-01T10:20:60",
        "2026-03-01t10:20",
        "2026-03-01T10:20z",
        "2026-03-01Z",
        "2026-03-01T10:20+24:00",
        "2026-03-01T10:20+02:60",
        "2026-03-01T10:20:30.",
        "0000-01-01",
        "10000-01-01",
        "0001-01-01T00:00+01:00",
        "9999-12-31T23:59-01:00",
        "2026-W09-7",
        "2026-03-0\u0661",
        "infinity",
        "now",
    ],
)
def test_no_other_timestamps(text: str) -> None:
    with pytest.raises(ValueFault, match="bad_timestamp"):
        parse_timestamp(text)


@pytest.mark.parametrize(
    ("text", "number"), [("5", 5.0), ("-0.5", -0.5), ("+1e3", 1000.0), (".5", 0.5), ("5.", 5.0)]
)
def test_numbers_of_the_contract(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1_000", "bad_number"),
        (" 5 ", "bad_number"),
        ("1,5", "bad_number"),
        ("0x10", "bad_number"),
        ("\u0665", "bad_number"),
        (".", "bad_number"),
        ("5\n", "bad_number"),
        ("NaN", "nan_or_infinity"),
        ("-inf", "nan_or_infinity"),
        ("Infinity", "nan_or_infinity"),
        ("1e400", "nan_or_infinity"),
        ("-" + "9" * 400, "nan_or_infinity"),
    ],
)
def test_no_other_numbers(text: str, reason: str) -> None:
    with pytest.raises(ValueFault, match=reason):
        parse_number(text)


def test_integers() -> None:
    assert parse_integer("-2026") == -2026
    for text in ("5.0", "1e3", "2147483648", "9" * 5000, "1_0", "\u0665", ""):
        with pytest.raises(ValueFault, match="bad_number"):
            parse_integer(text)
    with pytest.raises(ValueFault, match="nan_or_infinity"):
        parse_integer("nan")


def test_booleans() -> None:
    assert [parse_boolean(text) for text in ("true", "TRUE", "fAlse")] == [True, True, False]
    for text in ("1", "yes", " true", "t", "\uff34RUE"):
        with pytest.raises(ValueFault, match="bad_boolean"):
            parse_boolean(text)


def test_dates_are_utc_dates() -> None:
    assert parse_date("2026-03-01T00:00:00+02:00") == date(2026, 2, 28)
