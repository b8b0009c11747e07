"""The row contract of generic attempts, shared by the row-wise and the columnar reader."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from aism.land.json_lines import LineFault
from aism.land.model import ReadReport, Reason
from aism.land.rows import SHOWN_NAMES, listed_names
from aism.land.values import ValueFault, parse_boolean, parse_timestamp

COLUMNS = (
    "run_id",
    "target_name",
    "attack",
    "outcome",
    "attempted_at",
    "target_version",
    "configuration",
    "is_control",
    "prompt_id",
    "technique_id",
    "vulnerability_class",
    "judge",
    "tool",
)
"""In the order of the input contract, in which the first fault of a row is looked for."""
REQUIRED = COLUMNS[:4]
OUTCOMES = ("success", "resisted", "undetermined", "error")
NOT_UTF8 = object()
"""Stands for a value whose bytes are no text, until its column's turn comes."""

_EXACT_INTEGERS = 2.0**53
_moment = lru_cache(maxsize=4096)(parse_timestamp)
"""Attempts of one run come in bursts: the same second again and again."""
_KNOWN = frozenset(COLUMNS)


def parse_attempt(record: Mapping[str, object]) -> list[object]:
    """Type one row in the order of ``COLUMNS``: text, a UTC ``attempted_at``, ``is_control``.

    ``record`` maps columns to JSON values, or to texts; null and empty text are missing, which is
    false for ``is_control``. Keys beyond the contract are left alone.

    Raises:
        LineFault: the first fault in the order of the columns.

    """
    values: list[object] = []
    for column, parse, default in _PARSERS:
        value = record.get(column)
        if value is None or value == "":
            if column in REQUIRED:
                is_absent = column not in record
                raise LineFault(Reason.MISSING_KEY if is_absent else Reason.MISSING_VALUE, column)
            values.append(default)
        elif parse is None and type(value) is str and "\0" not in value:
            values.append(value)
        else:
            values.append((parse or _text)(value, column))
    return values


def number_text(number: float) -> str:
    """Spell a finite number for a text column: whole ones without a fraction, else the shortest."""
    if number.is_integer() and abs(number) < _EXACT_INTEGERS:
        return str(int(number))
    return repr(number)


def is_good_header(names: list[str]) -> bool:
    """Tell whether every required column is there and none of the contract is repeated."""
    return all(names.count(column) == 1 for column in REQUIRED) and all(
        names.count(column) <= 1 for column in COLUMNS
    )


def note_extra(report: ReadReport, names: Iterable[str]) -> None:
    """Name what is kept out in ``report.schema_note``; no names, no note."""
    if listed := listed_names(names):
        report.schema_note = f"kept out: {listed}"


class ExtraKeys:
    """Names beyond the contract in the order they are met, a few more than are ever shown."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}

    def add(self, keys: Collection[str]) -> None:
        """Look for new names among ``keys``."""
        if len(self.names) <= SHOWN_NAMES and not _KNOWN.issuperset(keys):
            self.names.update(dict.fromkeys(key for key in keys if key not in _KNOWN))


def _text(value: object, column: str) -> str:
    if isinstance(value, str):
        if "\0" in value:
            raise LineFault(Reason.NUL_BYTE, column)
        return value
    if value is NOT_UTF8:
        raise LineFault(Reason.BAD_UTF8, column)
    if isinstance(value, bool):
        raise LineFault(Reason.WRONG_TYPE, column)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_text(value)
    raise LineFault(Reason.WRONG_TYPE, column)


def _timestamp(value: object, column: str) -> datetime:
    if isinstance(value, int | float):
        raise LineFault(Reason.WRONG_TYPE, column)
    try:
        return _moment(_text(value, column))
    except ValueFault as fault:
        raise LineFault(fault.reason, column) from None


def _boolean(value: object, column: str) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        raise LineFault(Reason.WRONG_TYPE, column)
    try:
        return parse_boolean(_text(value, column))
    except ValueFault as fault:
        raise LineFault(fault.reason, column) from None


def _outcome(value: object, column: str) -> str:
    text = _text(value, column)
    if text not in OUTCOMES:
        raise LineFault(Reason.UNKNOWN_VALUE, column)
    return text


_SPECIAL: dict[str, Callable[[object, str], object]] = {
    "outcome": _outcome,
    "attempted_at": _timestamp,
    "is_control": _boolean,
}
_PARSERS = tuple(
    (column, _SPECIAL.get(column), False if column == "is_control" else None) for column in COLUMNS
)
