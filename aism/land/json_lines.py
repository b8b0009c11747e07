"""Strict JSON, line by line: decode fast, and say exactly why where that fails.

msgspec is the one decoder; ``classify`` reads a line a second time, slowly, only to name its
fault. What msgspec leaves to its user is done here for every line: UTF-8 of the whole line (it
does not look into what it skips) and one fixed limit of nesting.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec

from aism.land.model import Fault, ReadReport, Reason
from aism.land.streams import Line, open_lines

MAX_DEPTH = 64
MAX_RESCUED_DEPTH = 1_000_000
"""Text that nests deeper was made to cost time: nothing is looked for in it."""
_MAX_INTEGER_DIGITS = 4300
"""Python converts no longer ones; msgspec calls them out of range as well."""

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer of a typed field: what the lake can hold, anything wider is ``number_range``."""

_NOT_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
_NOT_OPENINGS = bytes(set(range(256)) - set(b"{[\n"))
_NOT_MARKS = bytes(set(range(256)) - set(b'"{}[]'))
_STEPS = bytes.maketrans(b"{[}]", b"\x01\x01\x02\x02")
_STEP_OF = (0, 1, -1)
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_MISSING_KEY = re.compile(r"Object missing required field `(?P<key>.*?)`")
_OUT_OF_RANGE = re.compile(r"(?:Number|Integer value) out of range|Expected `int` [<>]=")
_PATH = re.compile(r" - at `(?:key in )?\$\.?(?P<path>.*)`$")


class LineFault(Exception):  # noqa: N818 - a fault of the data, no error of the program
    """A line that breaks its contract: the reason, and the key path where one is to blame."""

    def __init__(self, reason: Reason, column_name: str | None = None) -> None:
        super().__init__(f"{reason}: {column_name}" if column_name else str(reason))
        self.reason = reason
        self.column_name = column_name


Take = Callable[[int, bytes], None]


def read_lines(path: Path, report: ReadReport, take: Take) -> None:
    """Give each line that is not blank to ``take(line_number, line)``; ``report`` keeps count.

    ``take`` decodes the line and keeps it, or raises ``LineFault``, a msgspec error or
    ``RecursionError`` before it has kept anything: that is one fault, whatever the bytes. An
    unterminated last line that is no sound JSON makes the file incomplete.

    Raises:
        UnreadableFileError: the file cannot be opened, unpacked or is too large.

    """
    for line in open_lines(path):
        read_line(line, report, take)


def read_line(line: Line, report: ReadReport, take: Take) -> None:
    """Do for one physical line what ``read_lines`` does for all of a file; never raises."""
    data = line.data
    if data is not None and (not data or data.isspace()):
        return
    report.rows_read += 1
    fault = _fault_of(take, line.number, data)
    if fault is None:
        return
    if not line.ending and (data is None or classify(data) is not None):
        report.is_complete = False
        if data is not None and _ends_inside_a_character(data):
            fault = LineFault(Reason.NOT_JSON)
    report.faults.append(Fault(fault.reason, line.number, column_name=fault.column_name))


def _fault_of(take: Take, number: int, line: bytes | None) -> LineFault | None:
    if line is None:
        return LineFault(Reason.LINE_TOO_LONG)
    try:
        check_text(line)
        take(number, line)
    except LineFault as fault:
        return fault
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        return explain(line, error)
    return None


def check_text(line: bytes) -> None:
    """Refuse what no decoder here checks: bytes that are not UTF-8, and deep nesting.

    Raises:
        LineFault: ``bad_utf8`` or ``too_deep``.

    """
    if not line.isascii():
        try:
            line.decode()
        except UnicodeDecodeError:
            raise LineFault(Reason.BAD_UTF8) from None
    if _is_deep(line):
        raise LineFault(Reason.TOO_DEEP)


def is_plain(lines: bytes) -> bool:
    """Tell that ``check_text`` refuses none of many lines; False says nothing."""
    if not lines.isascii():
        try:
            lines.decode()
        except UnicodeDecodeError:
            return False
    openings = [len(marks) for marks in lines.translate(None, _NOT_OPENINGS).split(b"\n")]
    if max(openings) <= MAX_DEPTH:
        return True
    pairs = zip(lines.split(b"\n"), openings, strict=True)
    return not any(count > MAX_DEPTH and _is_deep(line) for line, count in pairs)


def classify(line: bytes, kinds: type | tuple[type, ...] = dict) -> Reason | None:
    """Name what is wrong with a line as JSON, None for a sound one of ``kinds``; never raises.

    A line whose nesting is beyond the limit is ``too_deep`` even if it is cut inside.
    """
    try:
        check_text(line)
        document = _STRICT.decode(line.decode().strip(" \t\r\n"))
        if not isinstance(document, kinds):
            return Reason.NOT_OBJECT
        _refuse_lone_surrogates(document)
    except LineFault as fault:
        return fault.reason
    except RecursionError:
        return Reason.TOO_DEEP
    except json.JSONDecodeError as error:
        if b"\0" in line:
            return Reason.NUL_BYTE
        return Reason.TRAILING_TEXT if error.msg == "Extra data" else Reason.NOT_JSON
    return None


def explain(text: bytes, error: Exception, *, kinds: type | tuple[type, ...] = dict) -> LineFault:
    """Name why decoding ``text`` failed with ``error``; sound JSON of ``kinds`` is not at fault."""
    reason = classify(text, kinds)
    if reason is not None:
        return LineFault(reason)
    message = str(error)
    found = _PATH.search(message)
    path = found["path"] if found else ""
    if missing := _MISSING_KEY.match(message):
        return LineFault(Reason.MISSING_KEY, f"{path}.{missing['key']}" if path else missing["key"])
    if _OUT_OF_RANGE.match(message):
        return LineFault(Reason.NUMBER_RANGE, path or None)
    if isinstance(error, msgspec.ValidationError):
        return LineFault(Reason.WRONG_TYPE, path or None)
    if isinstance(error, RecursionError):
        return LineFault(Reason.TOO_DEEP)
    return LineFault(Reason.NOT_JSON)


def _is_deep(line: bytes) -> bool:
    if line.count(b"{") + line.count(b"[") <= MAX_DEPTH or _is_shallow(line):
        return False
    return _depth(line) > MAX_DEPTH


def _is_shallow(line: bytes) -> bool:
    """Peel innermost pairs until too few are left to nest deep: enough for nearly every line.

    A round takes at most two levels off. The quotes that are left part what stands inside a string
    from what stands outside: neither closes the other.
    """
    if b"\\" in line:
        line = line.replace(rb"\\", b"").replace(rb"\"", b"")
    brackets = line.translate(None, _NOT_MARKS).replace(b'""', b"")
    for peeled in range(0, MAX_DEPTH, 2):
        if peeled + brackets.count(b"{") + brackets.count(b"[") <= MAX_DEPTH:
            return True
        rest = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if len(rest) == len(brackets):
            return False
        brackets = rest
    return False


def _depth(line: bytes) -> int:
    steps = _STRING.sub(b"", line).translate(_STEPS, _NOT_BRACKETS)
    return max(accumulate(map(_STEP_OF.__getitem__, steps)), default=0)


def _ends_inside_a_character(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False


def _refuse_lone_surrogates(document: object) -> None:
    pending = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            if _LONE_SURROGATE.search(value):
                raise LineFault(Reason.LONE_SURROGATE)
        elif isinstance(value, dict):
            pending.extend(value)
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def _refuse_constant(_: str) -> NoReturn:
    raise LineFault(Reason.NAN_OR_INFINITY)


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise LineFault(Reason.NUMBER_RANGE)
    return number


def _short_integer(literal: str) -> int:
    if len(literal) > _MAX_INTEGER_DIGITS:
        raise LineFault(Reason.NUMBER_RANGE)
    return int(literal)


_STRICT = json.JSONDecoder(
    parse_constant=_refuse_constant, parse_float=_finite, parse_int=_short_integer
)
