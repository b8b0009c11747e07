"""How much of each check: `TRUST_FIGURES=ci` (every push) or `full`."""

from __future__ import annotations

import os
from typing import Final

FIGURES: Final = os.environ.get("TRUST_FIGURES", "ci")
assert FIGURES in ("ci", "full"), "TRUST_FIGURES is ci or full"


def figure(ci: int, full: int) -> int:
    """Return the count for this run."""
    return full if FIGURES == "full" else ci
