"""Seeded damage to files: what a disk, a transfer, an editor or another version does."""

from __future__ import annotations

import bz2
import gzip
import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Final

from aism.land.streams import MAX_LINE_BYTES
from tests.trust.mutations_of_stores import (
    break_a_page,
    change_rows_of_duckdb,
    change_rows_of_sqlite,
    change_the_version,
    lose_the_end,
    repack,
    retype_a_column,
)
from tests.trust.mutations_of_values import (
    damage_cells,
    damage_json,
    damage_the_header,
    loosen_json,
    repeat_a_key,
    respell_a_table,
)

Mutation = Callable[[random.Random, bytes], bytes]


def flip_bits(chance: random.Random, data: bytes) -> bytes:
    damaged = bytearray(data)
    for _ in range(chance.randrange(1, 9)):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def truncate(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def lose_the_beginning(chance: random.Random, data: bytes) -> bytes:
    return data[chance.randrange(1, len(data)) :]


def swap_lines(chance: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def delete_a_line(chance: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def repeat_a_line(chance: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return b"".join([*lines[:at], lines[at], *lines[at:]])


def rename_a_key(chance: random.Random, data: bytes) -> bytes:
    keys = sorted(set(re.findall(rb'"\w+"\s*:', data))) or sorted(set(re.findall(rb"\w{4,}", data)))
    if not keys:
        return flip_bits(chance, data)
    key = chance.choice(keys)
    count = chance.choice((1, -1))
    return data.replace(key, key.replace(key[1:3], b"zz", 1), count)


def change_a_type(chance: random.Random, data: bytes) -> bytes:
    values = list(
        re.finditer(rb':\s*("[^"]{0,60}"|-?\d[\d.eE+-]*|true|false|null|\[\]|\{\})', data)
    )
    values = values or list(re.finditer(rb",([^,\n]{1,40})(?=,|\n)", data))
    if not values:
        return flip_bits(chance, data)
    value = chance.choice(values)
    others = (b"null", b'"text"', b"[]", b"{}", b"true", b"-1", b"1.5", b'["a", {"b": 1}]', b'""')
    return data[: value.start(1)] + chance.choice(others) + data[value.end(1) :]


def break_the_encoding(chance: random.Random, data: bytes) -> bytes:
    match chance.randrange(4):
        case 0:
            return b"\xef\xbb\xbf" + data
        case 1:
            return data.decode("utf-8", "replace").encode("utf-16")
        case 2:
            return insert(chance, data, b"\xff\xfe\xe9")
        case _:
            return insert(chance, data, chance.choice((rb"\ud800", rb"\u0000", b"\0", b"\x1b[2J")))


def grow_a_number(chance: random.Random, data: bytes) -> bytes:
    numbers = list(re.finditer(rb"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", data))
    huge = chance.choice((b"9" * 400, b"1e400", b"NaN", b"-Infinity", b"9" * 19, b"0x10", b"1_000"))
    if not numbers:
        return insert(chance, data, huge)
    number = chance.choice(numbers)
    return data[: number.start()] + huge + data[number.end() :]


def nest_deeply(chance: random.Random, data: bytes) -> bytes:
    depth = chance.choice((65, 200, 5_000))
    values = list(re.finditer(rb':\s*("[^"]{0,60}"|-?\d+)', data))
    deep = b"[" * depth + b"]" * depth
    if not values:
        return insert(chance, data, deep)
    value = chance.choice(values)
    return data[: value.start(1)] + deep + data[value.end(1) :]


def concatenate(chance: random.Random, data: bytes) -> bytes:
    return data + chance.choice((b"", b"\n", b"\r\n\r\n")) + data


def insert(chance: random.Random, data: bytes, what: bytes) -> bytes:
    """Put some bytes anywhere."""
    at = chance.randrange(len(data) + 1)
    return data[:at] + what + data[at:]


def put_marks(chance: random.Random, data: bytes) -> bytes:
    """Put byte order marks, and line ends of other systems, where none belong."""
    mark = chance.choice(
        (
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\xe2\x80\xa8",
            b"\xc2\x85",
            b"\x0b",
            b"\x0c",
            b"\r",
            b"\x1a",
        )
    )
    lines = data.split(b"\n")
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(lines))
        lines[at] = mark + lines[at] if chance.random() < 0.5 else lines[at] + mark
    return b"\n".join(lines)


def end_lines_with_cr(chance: random.Random, data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(
        b"\n", b"\r" if chance.random() < 0.7 else b"\r\r\n"
    )


def recode(chance: random.Random, data: bytes) -> bytes:
    """Write text in another encoding, or in UTF-8 twice."""
    text = data.decode("utf-8", "replace")
    if chance.random() < 0.3:
        return data.decode("latin-1").encode("utf-8") + "\u00e9".encode("latin-1")
    encoding = chance.choice(("utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp1252", "cp037"))
    return text.encode(encoding, "replace")


def zero_a_block(chance: random.Random, data: bytes) -> bytes:
    """Lose a block to zeros, as a disk does after a crash."""
    size = chance.choice((16, 512, 4096))
    at = chance.randrange(len(data)) // size * size
    return data[:at] + bytes(min(size, len(data) - at)) + data[at + size :]


def put_something_else(chance: random.Random, data: bytes) -> bytes:
    """Put what scripts save under a file's name when they get no file."""
    return chance.choice(
        (
            *(
                b"",
                b"\n",
                b"\0",
                bytes(4096),
                b" ",
                b"\xef\xbb\xbf",
                b"null",
                b"{}",
                b"[]",
                b'""',
                b"0",
            ),
            b"<!DOCTYPE html><html><title>Sign in</title><script>location='/'</script></html>",
            b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
            b'{"message": "Not Found", "documentation_url": "x", "status": "404"}',
            b'{"errorMessages": ["x"], "errors": {}}',
            b'{"detail": "Invalid token."}',
            b'Traceback (most recent call last):\n  File "x", line 1\n',
            b"<<<<<<< HEAD\n" + data[:2000] + b"\n=======\n" + data[:2000] + b"\n>>>>>>> x\n",
            b"PK\x03\x04" + bytes(26),
            b"PAR1PAR1",
            b"SQLite format 3\0",
            bytes(8) + b"DUCK" + bytes(4096),
            b"\x1f\x8b",
            b"{" * 100_000,
            b'{"a":' * 70 + b"1" + b"}" * 70,
        )
    )


def pack(chance: random.Random, data: bytes) -> bytes:
    """Pack a file behind a name that does not say so, or pack it once more."""
    packed = io.BytesIO()
    match chance.randrange(4):
        case 0:
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr("file", data)
        case 1:
            return bz2.compress(data)
        case 2:
            return gzip.compress(gzip.compress(data, mtime=0), mtime=0)
        case _:
            return gzip.compress(data, mtime=0)
    return packed.getvalue()


def stretch_a_line(chance: random.Random, data: bytes) -> bytes:
    """Make one line longer than any line may be."""
    return insert(chance, data, chance.choice((b"x", b" ", b'"', b"[")) * (MAX_LINE_BYTES + 9))


ANY: Final[tuple[Mutation, ...]] = (
    *(flip_bits, truncate, lose_the_beginning, swap_lines, delete_a_line, repeat_a_line),
    *(rename_a_key, change_a_type, break_the_encoding, grow_a_number, nest_deeply, concatenate),
    *(put_marks, end_lines_with_cr, recode, zero_a_block, put_something_else, pack, stretch_a_line),
)
JSON: Final[tuple[Mutation, ...]] = (
    damage_json,
    damage_json,
    damage_json,
    repeat_a_key,
    loosen_json,
)
BY_ENDING: Final[dict[str, tuple[Mutation, ...]]] = {
    ".csv": (damage_cells, damage_cells, damage_the_header, respell_a_table),
    ".json": JSON,
    ".jsonl": JSON,
    ".parquet": (retype_a_column, retype_a_column, lose_the_end),
    ".db": (change_rows_of_sqlite, change_rows_of_sqlite, break_a_page, change_the_version),
    ".duckdb": (change_rows_of_duckdb, change_rows_of_duckdb, break_a_page, change_the_version),
    ".eval": (repack, repack, lose_the_end),
}
"""What knows the format, in half of all cases; else any of the others."""


def mutate(chance: random.Random, name: str, data: bytes) -> tuple[str, bytes]:
    """Damage the bytes of a file, or what they hold when unpacked; return what was done, too."""
    is_packed = name.endswith(".gz")
    ending = PurePosixPath(name.removesuffix(".gz")).suffix
    is_known = chance.random() < 0.5 and ending in BY_ENDING
    mutation = chance.choice(BY_ENDING[ending] if is_known else ANY)
    if is_packed and (is_known or chance.random() < 0.7):
        inside = mutation(chance, gzip.decompress(data))
        return f"{mutation.__name__} inside", gzip.compress(inside, mtime=0)
    return mutation.__name__, mutation(chance, data)
