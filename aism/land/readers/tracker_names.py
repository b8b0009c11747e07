"""To which issue a file belongs, where only its address or its name tells."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_DATE = re.compile(
    r"(?<![0-9])(?:19|20)[0-9]{2}(?P<dash>[-_.]?)(?:0[1-9]|1[0-2])(?P=dash)(?:0[1-9]|[12][0-9]|3[01])"
    r"(?:[T_-]?[0-2][0-9][-_.:]?[0-5][0-9](?:[-_.:]?[0-5][0-9])?Z?)?(?![0-9])"
)
_PAGE = re.compile(r"(?i)(?<![a-z])(?:page|part|p|v)[-_ ]?[0-9]+")
_KEY = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9_]+-[0-9]+(?![A-Za-z0-9])")
_NUMBER = re.compile(r"[0-9]+")
_MAX_DIGITS = 18


def issue_in_name(name: str, *, with_keys: bool = False) -> str | None:
    """Return the number of the issue in the name of a landed file, else in its nearest folder's.

    The last integer that is no part of a date and no number of a page; ``with_keys``: before it
    a key such as ``SEC-12``.
    """
    for part in reversed(PurePosixPath(name).parts):
        rest = _PAGE.sub(" ", _DATE.sub(" ", part))
        if with_keys and (keys := _KEY.findall(rest)):
            return str(keys[-1])
        if numbers := [one for one in _NUMBER.findall(rest) if len(one) <= _MAX_DIGITS]:
            return str(int(numbers[-1]))
    return None


def id_in_url(url: str, kind: str) -> str | None:
    """Return what stands after ``/<kind>/`` in an address, None where nothing does."""
    found = re.search(rf"/{kind}/(?P<id>[A-Za-z0-9_-]{{1,200}})(?:[/?#]|\Z)", url)
    return found["id"] if found else None
