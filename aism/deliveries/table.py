"""What the command line tells people about deliveries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aism.deliveries.results import DeliveryCheck, Status
from aism.report import printable

_STYLES: Final = {"critical": "red", "warning": "yellow", "info": "dim"}


def print_checks(console: Console, checks: Sequence[DeliveryCheck]) -> None:
    """Print the warnings as a table, the most severe first, and how many checks there were."""
    warned = [check for check in checks if check.status is Status.WARNED]
    if warned:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in ("severity", "check"):
            table.add_column(heading, no_wrap=True)
        for heading in ("file or source", "observed", "expected"):
            table.add_column(heading, overflow="fold")  # a name that is cut is no name
        for check in sorted(warned, key=lambda check: list(_STYLES).index(check.severity)):
            table.add_row(
                Text(check.severity, _STYLES[check.severity]),
                check.check_name,
                printable(check.file_name or check.source),
                printable(check.observed or ""),
                printable(check.expected or ""),
            )
        console.print(table)
    counts = Counter(check.status for check in checks)
    console.print(
        Text(
            f"{len(checks):,} checks of deliveries: {counts[Status.WARNED]:,} warned, "
            f"{counts[Status.PASSED]:,} passed, {counts[Status.NOT_APPLICABLE]:,} not applicable"
        )
    )
