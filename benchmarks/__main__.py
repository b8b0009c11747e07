"""Measure everything, or what is named, and write it into docs/benchmarks.md.

    python -m benchmarks [NAME ...] [--folder DIR] [--only-print] [--small]
        [--without PEER ...]

Each benchmark works in a temporary folder of its own and keeps nothing. Pages are drawn on what is
published (AISM_WAREHOUSE_DIR); all others make their data.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks import again, findings, flat_attempts, garak_landing, nodes, one_more_day
from benchmarks.costs import PEERS, say
from benchmarks.results import Report, circumstances, load, write

BENCHMARKS: Final[dict[str, Callable[[Path, bool, list[str]], Report]]] = {
    garak_landing.NAME: lambda folder, small, without: garak_landing.measure_all(
        folder, garak_landing.SIZES[:1] if small else garak_landing.SIZES, without
    ),
    flat_attempts.NAME: lambda folder, small, _: flat_attempts.measure_all(
        folder, flat_attempts.SIZES[:2] if small else flat_attempts.SIZES
    ),
    one_more_day.NAME: lambda folder, small, _: one_more_day.measure_all(
        folder, (5, 20, 80) if small else one_more_day.DAYS
    ),
    again.NAME: lambda folder, small, _: again.measure_all(folder),
    nodes.NAME: lambda folder, small, _: nodes.measure_all(folder),
    findings.NAME: lambda folder, small, _: findings.measure_all(folder),
}
"""What is measured, in this order; ``small`` leaves out the largest sizes."""


def main() -> None:
    """Run the benchmarks; see the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--folder", type=Path, help="where the temporary folders are made")
    parser.add_argument("--only-print", action="store_true", help="leave the page as it is")
    parser.add_argument("--small", action="store_true", help="without the largest sizes")
    parser.add_argument("--without", nargs="+", default=[], help="peers to leave out, for garak")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(
            f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}"
        )
    if not (PEERS / "bin" / "python").is_file():
        raise SystemExit("What to compare with is not installed: run it by `make bench`.")
    for name in options.names or BENCHMARKS:
        say(f"== {name}")
        before = load()
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            report = BENCHMARKS[name](Path(folder), options.small, options.without)
        measured = circumstances(before, load())
        print("\n\n".join([f"## {name}", measured, *report.tables]))
        print("\n".join(goal.row() for goal in report.goals), flush=True)
        if not options.only_print:
            write(name, report, measured)


if __name__ == "__main__":
    main()
