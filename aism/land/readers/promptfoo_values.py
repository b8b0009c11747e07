"""Single values of promptfoo files: names that may be told, and hashes of what may not."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import msgspec

from aism.land.json_lines import LineFault
from aism.land.model import Reason

Raw = msgspec.Raw

_MAX_NAME = 500
_HASH_DIGITS = 32
_decode_text = msgspec.json.Decoder(str).decode
_decode_any = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def checked_name(text: str | None, column_name: str) -> str | None:
    """Return a name that may enter the lake, None for an empty one.

    What is too long to be a name is cut and told apart by a hash.

    Raises:
        LineFault: ``nul_byte``.

    """
    if not text:
        return None
    if "\0" in text:
        raise LineFault(Reason.NUL_BYTE, column_name)
    if len(text) > _MAX_NAME:
        tail = short_hash(text.encode())
        return f"{text[: _MAX_NAME - len(tail) - 1]}~{tail}"
    return text


name_of = lru_cache(maxsize=4096)(checked_name)
"""``checked_name``, for names that come back: equal texts become one object in memory."""


def safe_name(text: str | None) -> str | None:
    """Return ``checked_name``, and None for a name that may not enter the lake."""
    try:
        return checked_name(text, "")
    except LineFault:
        return None


def text_of(raw: Raw) -> str | None:
    """Decode a JSON text; None for anything else that stands there."""
    return _decode_text(raw) if first_byte(raw) == b'"' else None


def text_hash(raw: Raw) -> str | None:
    """Hash any JSON value: equal values have equal hashes however they are spelt; null has none."""
    return short_hash(canonical(bytes(raw))) if is_there(raw) else None


def canonical(data: bytes) -> bytes:
    """Spell a JSON value in the one way that it shares with all equal values."""
    try:
        return _encode(_decode_any(data))
    except (msgspec.MsgspecError, RecursionError, OverflowError):
        return data  # half a character, or a number that Python does not hold


def short_hash(data: bytes) -> str:
    """Hash bytes to 32 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()[:_HASH_DIGITS]


def first_byte(raw: Raw) -> bytes:
    """Return the byte that tells what kind of JSON value this is; empty where there is none."""
    return bytes(memoryview(raw)[:1])


def is_there(raw: Raw) -> bool:
    """Tell whether the key was there with a value besides null."""
    return first_byte(raw) not in (b"", b"n")


def has_value(raw: Raw) -> bool:
    """Tell whether the key was there with more than null, an empty text or an empty object."""
    return bytes(raw) not in (b"", b"null", b'""', b"{}")
