"""Hostile files made by hand: every way in which a parser guesses, and what must come of it.

A case is the name and the bytes of a file, and the reasons of what is held back, in order of lines.
All else that the file holds is loaded: `rows` of it. Each file stands for itself: ids of its own.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple


class Case(NamedTuple):
    """A file, the rows that must load, and why others must not."""

    name: str
    data: bytes
    rows: int
    reasons: tuple[str, ...]
    is_readable: bool = True


EFFORT: Final = "effort_id,worked_on,hours,mode\n"
COSTS: Final = "cost_id,incurred_on,amount,currency,category\n"
INCIDENTS: Final = "incident_id,system_id,occurred_at,vulnerability_class,severity,title\n"

Rows = list[tuple[str, bytes | str, int, list[str]]]


def effort(key: str, day: str = "2026-02-01", hours: str = "1.5", mode: str = "manual") -> str:
    return f"{key},{day},{hours},{mode}\n"


def attempt(key: str, **changes: Any) -> str:
    row = {"run_id": key, "target_name": "bot@2", "attack": "dan", "outcome": "success"}
    return json.dumps(row | changes) + "\n"


_CSV: Final[Rows] = [
    ("plain", "{good}{other}", 2, []),
    ("no-final-newline", "{good}E-{n}-z,2026-02-01,1.5,manual", 2, []),
    ("blank-lines", "{good}\n\n{other}\n", 2, []),
    ("ragged-short", "{good}E-{n}-x,2026-02-01\n", 1, ["ragged_row"]),
    ("ragged-long", "{good}E-{n}-x,2026-02-01,1.5,manual,more\n", 1, ["ragged_row"]),
    ("open-quote", '{good}"E-{n}-x,2026-02-01,1.5,manual\n{other}', 2, ["ragged_row"]),
    ("quote-in-cell", '{good}E-{n}"x,2026-02-01,1.5,manual\n{other}', 2, ["ragged_row"]),
    ("formula", "{good}=E-{n}-x,2026-02-01,1.5,manual\n", 2, []),
    ("rounded-date", "{good}E-{n}-x,2026-02-30,1.5,manual\n", 1, ["bad_timestamp"]),
    ("far-date", "{good}E-{n}-x,99999-01-01,1.5,manual\n", 1, ["bad_timestamp"]),
    ("infinite-date", "{good}E-{n}-x,infinity,1.5,manual\n", 1, ["bad_timestamp"]),
    ("offset", "{good}E-{n}-x,2026-02-01T00:00:00+25:00,1.5,manual\n", 1, ["bad_timestamp"]),
    ("underscore", "{good}E-{n}-x,2026-02-01,1_000,manual\n", 1, ["bad_number"]),
    ("hexadecimal", "{good}E-{n}-x,2026-02-01,0x10,manual\n", 1, ["bad_number"]),
    ("comma-number", '{good}E-{n}-x,2026-02-01,"1,5",manual\n', 1, ["bad_number"]),
    ("nan", "{good}E-{n}-x,2026-02-01,NaN,manual\n", 1, ["nan_or_infinity"]),
    ("infinity", "{good}E-{n}-x,2026-02-01,-Infinity,manual\n", 1, ["nan_or_infinity"]),
    ("overflow", "{good}E-{n}-x,2026-02-01,1e400,manual\n", 1, ["nan_or_infinity"]),
    ("negative", "{good}E-{n}-x,2026-02-01,-1,manual\n", 1, ["negative_number"]),
    ("negative-small", "{good}E-{n}-x,2026-02-01,-0.001,manual\n", 1, ["negative_number"]),
    ("unknown-mode", "{good}E-{n}-x,2026-02-01,1,by hand\n", 1, ["unknown_value"]),
    ("case-of-mode", "{good}E-{n}-x,2026-02-01,1,MANUAL\n", 1, ["unknown_value"]),
    ("missing", "{good},2026-02-01,1,manual\n", 1, ["missing_value"]),
    ("missing-hours", "{good}E-{n}-x,2026-02-01,,manual\n", 1, ["missing_value"]),
    ("bad-utf8", b"{good}E-{n}-\xff,2026-02-01,1,manual\n", 1, ["bad_utf8"]),
    ("surrogate", b"{good}E-{n}-\xed\xa0\x80,2026-02-01,1,manual\n", 1, ["bad_utf8"]),
    ("bom", "\ufeff", 1, []),
    ("crlf", "{crlf}", 2, []),
]

_LINES: Final[Rows] = [
    ("plain", "{good}{other}", 2, []),
    ("blank-lines", "\n{good}\n   \n{other}", 2, []),
    ("no-final-newline", '{good}{"run_id": "L{n}"', 1, ["not_json"]),
    ("trailing", '{good}{"run_id": "x"} more\n', 1, ["trailing_text"]),
    ("two-on-a-line", '{good}{"run_id": "x"}{"run_id": "y"}\n', 1, ["trailing_text"]),
    ("a-list", "{good}[1, 2]\n", 1, ["not_object"]),
    ("a-number", "{good}42\n", 1, ["not_object"]),
    ("single-quotes", "{good}{'run_id': 'x'}\n", 1, ["not_json"]),
    ("words", "{good}hello\n{other}", 2, ["not_json"]),
    ("nan", '{good}{"run_id": "x", "more": NaN}\n', 1, ["nan_or_infinity"]),
    ("infinity", '{good}{"run_id": "x", "more": -Infinity}\n', 1, ["nan_or_infinity"]),
    ("huge-float", '{good}{"run_id": "x", "more": 1e400}\n', 1, ["number_range"]),
    ("huge-int", '{good}{"run_id": "x", "more": ' + "9" * 5000 + "}\n", 1, ["number_range"]),
    ("deep", '{good}{"run_id": "x", "more": ' + "[" * 65 + "]" * 65 + "}\n", 1, ["too_deep"]),
    ("deeper", '{good}{"more": ' + "[" * 20_000 + "]" * 20_000 + "}\n", 1, ["too_deep"]),
    ("nul", '{good}{"run_id": "x\\u0000"}\n', 1, ["nul_byte"]),
    ("raw-nul", b'{good}{"run_id": "x\0"}\n', 1, ["nul_byte"]),
    ("lone-surrogate", '{good}{"run_id": "\\ud800"}\n', 1, ["lone_surrogate"]),
    ("lone-low-surrogate", '{good}{"run_id": "\\udc00x"}\n', 1, ["lone_surrogate"]),
    ("bad-utf8", b'{good}{"run_id": "\xff"}\n', 1, ["bad_utf8"]),
    ("raw-surrogate", b'{good}{"run_id": "\xed\xa0\x80"}\n', 1, ["bad_utf8"]),
    ("missing-key", '{good}{"run_id": "x"}\n', 1, ["missing_key"]),
    (
        "missing-outcome",
        '{good}{"run_id": "x", "target_name": "a", "attack": "b"}\n',
        1,
        ["missing_key"],
    ),
    ("wrong-type", "{good}{typed}", 1, ["bad_boolean"]),
    ("wrong-type-list", "{good}{listed}", 1, ["wrong_type"]),
    ("unknown-outcome", "{good}{graded}", 1, ["unknown_value"]),
    ("escape-sequences", "{good}{terminal}", 2, []),
    ("unknown-key", "{good}{extended}", 2, []),
    ("control-byte", b'{good}{"run_id": "\x1b[2J"}\n', 1, ["not_json"]),
    ("lone-cr", '{good}{"run_id":\r"x"}\n', 1, ["missing_key"]),
]


def _filled(pattern: bytes | str, words: dict[str, str]) -> bytes:
    data = pattern.encode() if isinstance(pattern, str) else pattern
    for name, text in words.items():
        data = data.replace(b"{" + name.encode() + b"}", text.encode())
    return data


def cases() -> Iterator[Case]:
    """Yield every file with what must come of it."""
    yield from _registers()
    yield from _attempts()
    yield from _whole_files()


def _registers() -> Iterator[Case]:
    for number, (name, pattern, rows, reasons) in enumerate(_CSV, 1):
        good = effort(f"E-{number}-a")
        other = effort(f"E-{number}-b")
        words = {"good": good, "other": other, "n": str(number)}
        body = EFFORT.encode() + _filled(pattern, words)
        if name == "bom":
            body = ("\ufeff" + EFFORT + good).encode()
        if name == "crlf":
            body = (EFFORT + good + other).replace("\n", "\r\n").encode()
        yield Case(f"program/effort-{name}.csv", body, rows, tuple(reasons))


def _attempts() -> Iterator[Case]:
    for number, (name, pattern, rows, reasons) in enumerate(_LINES, 1):
        words = {
            "good": attempt(f"L{number}"),
            "other": attempt(f"L{number}", attack="other"),
            "typed": attempt("x", is_control="perhaps"),
            "listed": attempt("x", attack=["dan"]),
            "graded": attempt("x", outcome="perhaps"),
            "terminal": attempt(f"L{number}", attack="\x1b]8;;http://x\x07\u202e"),
            "extended": attempt(f"L{number}", extra={"a": 1}),
            "n": str(number),
        }
        yield Case(f"attempts/{name}.jsonl", _filled(pattern, words), rows, tuple(reasons))


def _whole_files() -> Iterator[Case]:
    lines = (attempt("G1") + attempt("G1", attack="b")).encode()
    packed = gzip.compress(lines, mtime=0)
    refused: Callable[[str, bytes, str], Case] = lambda name, data, reason: Case(  # noqa: E731
        name, data, 0, (reason,), is_readable=False
    )
    yield Case("attempts/packed.jsonl.gz", packed, 2, ())
    yield refused("attempts/cut.jsonl.gz", packed[:-9], "bad_gzip")
    yield refused("attempts/not-packed.jsonl.gz", b"hello\n", "bad_gzip")
    yield refused("attempts/bomb.jsonl.gz", gzip.compress(b"0" * 50_000_000, mtime=0), "too_large")
    yield refused("attempts/not-parquet.parquet", b"PAR1" + b"\0" * 40 + b"PAR1", "unreadable_file")
    yield refused("program/costs-no-header.csv", b"C1,2026-01-01,5,EUR,people\n", "bad_header")
    yield refused("program/costs-twice.csv", b"cost_id,cost_id,amount\nC1,C1,5\n", "bad_header")
    yield refused("jira/cut.json", b'{"issues": [{"id": "1"', "not_json")
    yield refused("promptfoo/words.json", b"hello", "not_json")
    yield refused("inspect/not-a-zip.eval", b"PK\x03\x04" + b"\0" * 60, "unreadable_file")
    # Files that may hold several documents: what is none is held back as a row of its file.
    deep = b"[" * 3000 + b"]" * 3000
    yield Case("jira/list-of-lists.json", deep, 0, ("too_deep",))
    yield Case("pyrit/nul.json", b'[{"a": "\\u0000"}]', 0, ("missing_key",))
    yield Case("defectdojo/trailing.json", b'{"results": []} more', 0, ("not_json",))
    utf16 = "[]".encode("utf-16")
    yield Case("github/utf16.json", utf16, 0, ("not_json", "nul_byte", "nul_byte"))
