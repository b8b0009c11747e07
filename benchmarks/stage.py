"""Run one function of a benchmark by name, in this process: see benchmarks.costs.stage."""

from __future__ import annotations

import importlib
import json
import sys


def main() -> None:
    """Print what the function returns as one JSON object."""
    module, function, *arguments = sys.argv[1:]
    print(json.dumps(getattr(importlib.import_module(module), function)(*arguments) or {}))


if __name__ == "__main__":
    main()
