"""Seeded damage to what JSON and CSV files say: sound in form, or nearly, and wrong in sense."""

from __future__ import annotations

import copy
import csv
import io
import json
import random
from collections.abc import Callable
from typing import Any, Final

ODD_TEXTS: Final = (
    *(
        "",
        " ",
        "\ufeff",
        "\u00a0",
        "null",
        "NULL",
        "N/A",
        "None",
        "undefined",
        "-",
        "0",
        "-1",
        "1e3",
    ),
    *(
        "NaN",
        "Infinity",
        "1e400",
        "9" * 400,
        "0x10",
        "1_000",
        "1,5",
        "٣",
        "½",
        "true",
        "TRUE",
        "yes",
    ),
    *(
        "2026-02-30",
        "0000-00-00",
        "10000-01-01",
        "-0001-01-01",
        "2026-13-01",
        "26-01-01",
        "infinity",
    ),
    *("2026-06-30T23:59:60Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00+99:99", "1767225600"),
    *("2026-01-01T00:00:00.0000000001Z", "2026-W01-1", "2026-001", "20260101", "01/02/2026", "now"),
    *(
        "critical ",
        "CRITICAL",
        "Critical",
        "critical\u200b",
        "\u0441ritical",
        "P1",
        "9.8",
        "unknown",
    ),
    *(
        "a\u0301",
        "\u00e1",
        "\u202egnp.exe",
        "\x1b[2J",
        "\x7f",
        "\u2028",
        "\u2029",
        "\x85",
        "\x0b",
        "\x0c",
    ),
    *(
        "a\rb",
        "a\nb",
        "a\r\nb",
        'a"b',
        "a,b",
        "a;b",
        "a\tb",
        "'",
        "\\",
        "\\u0000",
        "\U000e0041",
        "😀",
    ),
    *("=1+1", "../../etc/passwd", "file:///etc/passwd", "C:\\x", "a@b", "a@b@c", "@", "x" * 70_000),
    *("(?P<version>(a+)+)$", "[", "(", "*", "%s", "{}", "{{x}}", "$1", "select 1; --", "__proto__"),
)
"""What people, spreadsheets and tools write where something else is meant."""

ODD_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1.5, -0.0, 5e-324, 1e308, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63)),
    *(
        [],
        {},
        [[]],
        [None],
        [{}],
        {"": None},
        {"a": {"b": [1, "c"]}},
        [[[[[[1]]]]]],
        ["a", 1, None],
    ),
    *(float("nan"), float("inf"), float("-inf"), 10**400, -(10**4000)),
    *("\ud800", "\udfff", "a\ud83d", "\x00", {"\ud800": 1}, {"\x00": 1}),
)
"""Of any type; some of them no JSON, though Python writes and reads them."""

Place = tuple[Any, Any]
"""A container and the key of one value in it."""


def damage_json(chance: random.Random, data: bytes) -> bytes:
    """Damage some values of a document, or of one line of many; what is none gets bytes."""
    document = _loaded(data)
    if document is not None:
        return _dumped(chance, _damaged(chance, document))
    lines = data.splitlines(keepends=True)
    for _ in range(chance.randrange(1, 4) if lines else 0):
        at = chance.randrange(len(lines))
        document = _loaded(lines[at])
        if document is not None:
            lines[at] = _dumped(chance, _damaged(chance, document)) + b"\n"
    return b"".join(lines) or b"null"


def _loaded(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _dumped(chance: random.Random, document: Any) -> bytes:
    text = json.dumps(document, ensure_ascii=chance.random() < 0.5)
    return text.encode("utf-8", chance.choice(("surrogatepass", "replace")))


def _damaged(chance: random.Random, document: Any) -> Any:
    for _ in range(chance.choice((1, 1, 2, 8))):
        places = _places(document) if isinstance(document, (dict, list)) else []
        if not places:
            return copy.deepcopy(chance.choice(ODD_VALUES))
        # First a depth, then a place: values near the root are few and decide much.
        depth = chance.randrange(1 + max(depth for depth, _ in places))
        owner, key = chance.choice([place for found, place in places if found == depth])
        _change(chance, owner, key, [place for _, place in places])
    return document


def _places(document: Any) -> list[tuple[int, Place]]:
    found: list[tuple[int, Place]] = []
    pending: list[tuple[int, Any]] = [(0, document)]
    while pending:
        depth, value = pending.pop()
        keys = list(value) if isinstance(value, dict) else range(len(value))
        for key in keys:
            found.append((depth, (value, key)))
            if isinstance(value[key], (dict, list)):
                pending.append((depth + 1, value[key]))
    return found


def _change(chance: random.Random, owner: Any, key: Any, places: list[Place]) -> None:
    value = owner[key]
    match chance.randrange(9):
        case 0 | 1:
            owner[key] = copy.deepcopy(chance.choice(ODD_VALUES))
        case 2 | 3:
            owner[key] = chance.choice(ODD_TEXTS)
        case 4:
            del owner[key]
        case 5:
            owner[key] = chance.choice(([value], {"value": value}, str(value)[:1000]))
        case 6:
            other, at = chance.choice(places)
            owner[key] = copy.deepcopy(other[at])
        case 7 if isinstance(owner, dict):
            owner[chance.choice((str(key).upper(), f" {key}", f"{key}\u200b", ""))] = owner.pop(key)
        case 7:
            owner.extend(owner[:2])
        case _:
            deep: Any = value
            for _ in range(chance.choice((50, 64, 300))):
                deep = [deep]
            owner[key] = deep


def repeat_a_key(chance: random.Random, data: bytes) -> bytes:
    """Write a key of an object twice, with another value the second time."""
    opening = [at for at, byte in enumerate(data[:200_000]) if byte == ord("{")]
    if not opening:
        return data + b"{"
    at = chance.choice(opening) + 1
    key = data[at : at + 80].split(b'"')[1:2] or [b"a"]
    again = json.dumps(chance.choice(ODD_VALUES[:24])).encode()
    return data[:at] + b'"' + key[0] + b'": ' + again + b", " + data[at:]


def loosen_json(chance: random.Random, data: bytes) -> bytes:
    """Write JSON as people and other languages do: comments, single quotes, words of Python."""
    swaps = (
        *((b"}", b",}"), (b"]", b",]"), (b'"', b"'"), (b"true", b"True"), (b"null", b"None")),
        *((b"{", b"/* x */ {"), (b"\n", b" // x\n"), (b":", b"="), (b",", b";"), (b'": ', b'":')),
        *((b"{", b"[{"), (b"}", b"}]"), (b"null", b"undefined"), (b"false", b"FALSE")),
    )
    old, new = chance.choice(swaps)
    return data.replace(old, new, chance.choice((1, 2, -1)))


def damage_cells(chance: random.Random, data: bytes) -> bytes:
    """Put odd texts into some cells of a table."""

    def change(rows: list[list[str]]) -> None:
        for _ in range(chance.randrange(1, 6)):
            row = chance.choice(rows)
            if row:
                row[chance.randrange(len(row))] = chance.choice(ODD_TEXTS)

    return _with_rows(chance, data, change)


def damage_the_header(chance: random.Random, data: bytes) -> bytes:
    """Swap, repeat, drop, rename or move names of columns; cells stay where they are."""

    def change(rows: list[list[str]]) -> None:
        header = rows[0]
        one, other = chance.randrange(len(header)), chance.randrange(len(header))
        match chance.randrange(8):
            case 0 | 1:
                header[one], header[other] = header[other], header[one]
            case 2:
                header[one] = header[other]
            case 3:
                del header[one]
            case 4:
                header[one] = chance.choice(
                    ("", header[one].upper(), f" {header[one]} ", f"{header[one]}\u200b", "\ufeff")
                )
            case 5:
                header.insert(one, chance.choice(("more", "", header[other])))
            case 6:
                rows.insert(chance.randrange(1, len(rows) + 1), list(header))
            case _:
                del rows[0]

    return _with_rows(chance, data, change)


def respell_a_table(chance: random.Random, data: bytes) -> bytes:
    """Write a table as another program does: other separators, quotes, line ends, sums below."""
    match chance.randrange(8):
        case 0:
            return data.replace(b",", chance.choice((b";", b"\t", b"|", b", ")))
        case 1:
            return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r")
        case 2:
            return data.replace(b"\n", b"\r\n") + chance.choice((b"", b"\x1a", b"\r"))
        case 3:
            return b"sep=,\r\n" + data
        case 4:
            return data.replace(b"\n", b"\n\n" if chance.random() < 0.5 else b",,,\n")
        case 5:
            return data + b"Total,,," + str(chance.randrange(100)).encode() + b"\n"
        case 6:
            cells = data.split(b",")
            at = chance.randrange(len(cells))
            cells[at] = chance.choice(
                (b'"' + cells[at], cells[at] + b'"', b'""' + cells[at] + b'"')
            )
            return b",".join(cells)
        case _:
            return b'"' + data.replace(b",", b'","').replace(b"\n", b'"\n"') + b'"'


def _with_rows(
    chance: random.Random, data: bytes, change: Callable[[list[list[str]]], None]
) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    if not rows:
        return data + b"a,b\n1,2\n"
    change(rows)
    told = io.StringIO(newline="")
    ends = chance.choice(("\n", "\n", "\r\n"))
    csv.writer(told, lineterminator=ends, escapechar="\\").writerows(rows)
    return told.getvalue().encode("utf-8", "surrogateescape")
