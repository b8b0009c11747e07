"""Time and chance: the only dates the story knows and the only source of randomness.

Every random draw comes from a stream named after what it decides, so editing one system moves
no number of another. Draws use uniform and triangular only: no libm function that might round
differently on another machine.
"""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

SEED = "northwind-bank-1"

PROGRAM_START = date(2024, 12, 1)
AS_OF = date(2026, 11, 22)
LAST_INSTANT = datetime.combine(AS_OF, time(12, 0))

OFFICE_OPENS = 8
OFFICE_CLOSES = 17


def stream(*names: object) -> random.Random:
    """Return the random stream of one decision, e.g. `stream("finding", finding_id)`."""
    return random.Random("/".join([SEED, *(str(name) for name in names)]))


def chance(rng: random.Random, probability: float) -> bool:
    return rng.random() < probability


def first_day(text: str) -> date:
    """Return the first day of a month written `2026-03`."""
    return date.fromisoformat(f"{text}-01")


def months(start: date = PROGRAM_START, last: date = AS_OF) -> list[date]:
    """Return the first days of all months from `start` to `last`."""
    result = []
    month = start.replace(day=1)
    while month <= last:
        result.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return result


def days(start: date, last: date) -> list[date]:
    return [start + timedelta(days=offset) for offset in range((last - start).days + 1)]


def in_office_hours(day: date, rng: random.Random) -> datetime:
    """Return a working instant on `day`, or on the Monday after a weekend."""
    if day.weekday() >= 5:
        day += timedelta(days=7 - day.weekday())
    hour = rng.randrange(OFFICE_OPENS, OFFICE_CLOSES)
    return datetime.combine(day, time(hour, rng.randrange(60)))


def later(moment: datetime, days_after: float) -> datetime:
    """Return the instant `days_after` days later, on a full minute."""
    return moment + timedelta(minutes=round(days_after * 24 * 60))


def stamp(moment: datetime | date | None) -> str:
    """Write a day as `2026-03-01` and an instant as `2026-03-01T09:15:00Z`; nothing as empty."""
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment.isoformat()
