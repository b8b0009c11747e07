"""Strict parsing of single values: a value is what the input contract says, or it is a fault.

Python's own parsers take more than the contract does (``1_000``, `` 5 ``, Arabic digits, week
dates), so each form is spelt out. Every function raises ``ValueFault`` and nothing else.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime

from aism.land.model import Reason

_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?)?"
)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_BOOLEANS = {"true": True, "false": False}
_INTEGER_LIMIT = 2**31
_MAX_DIGITS = 400
"""Longer digit strings overflow every type here; Python refuses to convert very long ones."""


class ValueFault(Exception):  # noqa: N818 - a fault of the data, no error of the program
    """A value that breaks its contract; ``reason`` says how."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def parse_timestamp(text: str) -> datetime:
    """Convert to UTC without zone, microseconds; the year is 1..9999 in UTC too."""
    if _TIMESTAMP.fullmatch(text) is None:
        raise ValueFault(Reason.BAD_TIMESTAMP)
    try:
        moment = datetime.fromisoformat(text)
        offset = moment.utcoffset()
        return moment if offset is None else moment.replace(tzinfo=None) - offset
    except (ValueError, OverflowError):  # no such day, or no such year in UTC
        raise ValueFault(Reason.BAD_TIMESTAMP) from None


def parse_date(text: str) -> date:
    """Take a date, or the UTC date of a timestamp."""
    return parse_timestamp(text).date()


def parse_number(text: str) -> float:
    """Convert to a finite double; NaN, infinity and overflow are ``nan_or_infinity``."""
    if _NUMBER.fullmatch(text) is None:
        not_finite = _NOT_FINITE.fullmatch(text) is not None
        raise ValueFault(Reason.NAN_OR_INFINITY if not_finite else Reason.BAD_NUMBER)
    number = float(text)
    if not math.isfinite(number):
        raise ValueFault(Reason.NAN_OR_INFINITY)
    return number


def parse_integer(text: str) -> int:
    """Convert to a 32-bit integer; fractions, exponents and anything wider are ``bad_number``."""
    if _INTEGER.fullmatch(text) is None:
        not_finite = _NOT_FINITE.fullmatch(text) is not None
        raise ValueFault(Reason.NAN_OR_INFINITY if not_finite else Reason.BAD_NUMBER)
    if len(text) > _MAX_DIGITS:
        raise ValueFault(Reason.BAD_NUMBER)
    number = int(text)
    if not -_INTEGER_LIMIT <= number < _INTEGER_LIMIT:
        raise ValueFault(Reason.BAD_NUMBER)
    return number


def parse_boolean(text: str) -> bool:
    """Convert ``true`` or ``false`` in any case."""
    value = _BOOLEANS.get(text.lower()) if text.isascii() else None
    if value is None:
        raise ValueFault(Reason.BAD_BOOLEAN)
    return value
