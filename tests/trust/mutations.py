"""Seeded damage to files: what a disk, a transfer, an editor or another version does."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable
from typing import Final

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


MUTATIONS: Final[tuple[Mutation, ...]] = (
    *(flip_bits, truncate, lose_the_beginning, swap_lines, delete_a_line, repeat_a_line),
    *(rename_a_key, change_a_type, break_the_encoding, grow_a_number, nest_deeply, concatenate),
)


def mutate(chance: random.Random, name: str, data: bytes) -> tuple[str, bytes]:
    """Damage the bytes of a file, or what they hold when unpacked; return what was done, too."""
    mutation = chance.choice(MUTATIONS)
    if name.endswith(".gz") and chance.random() < 0.7:
        inside = mutation(chance, gzip.decompress(data))
        return f"{mutation.__name__} inside", gzip.compress(inside, mtime=0)
    return mutation.__name__, mutation(chance, data)
