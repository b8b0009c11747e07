"""Untrusted text in places that read markdown, and in files that spreadsheets open."""

from __future__ import annotations

import re
import string
import unicodedata
from typing import Final

import pandas as pd

_UNSEEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PUNCTUATION: Final = re.compile(f"([{re.escape(string.punctuation)}])")

# Some shortcuts are looked for in the text after escapes are undone: :emoji:, :material/x:,
# bare addresses, arrows. A zero-width space between their parts is what keeps them text.
_SHORTCUT_JOINTS: Final = re.compile(
    r"(?<=[:@])(?=\S)|(?<=www)(?=\.)|(?<=[-<>~=])(?=[-<>~=])", re.IGNORECASE
)
_ZERO_WIDTH_SPACE: Final = "\u200b"

_FORMULA_STARTS: Final = "=+-@＝＋－＠"  # noqa: RUF001  # full-width forms are formulas too
_LINE_STARTS: Final = "\t\r\n"


def plain(text: object) -> str:
    """Return markdown that shows ``text`` as it is: no link, image, HTML, math or shortcut."""
    one_line = " ".join(visible(str(text)).split())
    joints = _SHORTCUT_JOINTS.sub(_ZERO_WIDTH_SPACE, one_line)
    return _PUNCTUATION.sub(r"\\\1", joints)


def visible(text: str) -> str:
    r"""Return text with control, direction and zero-width characters written as \u{..}."""
    return "".join(
        f"\\u{{{ord(char):x}}}"
        if unicodedata.category(char) in _UNSEEN_CATEGORIES and char not in "\t\r\n"
        else char
        for char in text
    )


def csv_file(frame: pd.DataFrame) -> bytes:
    """Return a CSV file no cell of which a spreadsheet takes for a formula. Numbers stay so."""
    safe = frame.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = safe[column].map(_unformulated, na_action="ignore")
    safe.columns = pd.Index([_unformulated(str(name)) for name in safe.columns])
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _unformulated(cell: object) -> object:
    if not isinstance(cell, str) or not cell:
        return cell
    first = next((char for char in cell if not _is_blank(char)), "")
    is_risky = cell[0] in _LINE_STARTS or (first and first in _FORMULA_STARTS)
    return f"'{cell}" if is_risky else cell


def _is_blank(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in _UNSEEN_CATEGORIES
