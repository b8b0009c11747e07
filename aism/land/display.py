"""Text of other people, made safe to show: nothing invisible, nothing that turns a line around."""

from __future__ import annotations

import re

MAX_DISPLAY = 500
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # controls, ESC among them
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # zero width, bidi, separators
    "\ud800-\udfff"  # lone surrogates, which stand for bytes that are not UTF-8
    "\U000e0000-\U000e007f]"  # tags
)


def make_visible(text: str, limit: int = MAX_DISPLAY) -> str:
    r"""Spell control, bidi, zero-width and tag characters as ``\u{..}``; cut at ``limit``."""
    text = text[:limit]
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", text)[:limit]


def visible_name(name: str) -> str:
    """Spell a file name so that it can be shown; whole, for two files must not become one."""
    return make_visible(name, 100_000)
