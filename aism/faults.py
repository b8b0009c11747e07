"""Named places where a test may kill the process, to prove that a reader never notices."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

STEPS: Final = (
    *("lock", "land", "build", "copy", "teams"),
    *("rename", "history", "pointer", "links", "prune"),
)
POINTS: Final = tuple(f"{when}_{step}" for step in STEPS for when in ("before", "after"))


def fault_point(name: str) -> None:
    """Die here, without clean-up, when AISM_TESTING=1 and AISM_FAULT_AT says so."""
    if os.environ.get("AISM_TESTING") == "1" and os.environ.get("AISM_FAULT_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def fault_step(step: str) -> Iterator[None]:
    """Mark one step: a fault point before it and one after it."""
    fault_point(f"before_{step}")
    yield
    fault_point(f"after_{step}")
