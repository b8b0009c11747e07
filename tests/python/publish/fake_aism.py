"""The real command line over a fake lander and a fake dbt, for tests of what lies around them.

FAKE_MARKER is the content of the landing folder; FAKE_DBT is what dbt does: fail or raise.
FAKE_HOLD is a named pipe: the build goes on when someone has written into it.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aism.build
import aism.land
from aism import cli
from aism.errors import BuildFailedError
from tests.python.publish.bench import write_build_file, write_run

MARKER = os.environ.get("FAKE_MARKER", "1.0")


def fake_land(landing: Path, home: Path, on_progress: object = None) -> SimpleNamespace:
    as_of = dt.date(2026, 6, 30)
    return SimpleNamespace(
        files=1,
        changed=True,
        rows_loaded=1,
        rows_quarantined=0,
        landing_sha256=MARKER,
        as_of=as_of,
        notes=[],
    )


def fake_run(self: aism.build.PrivateBuild, as_of: dt.date, on_progress: Any) -> None:
    match os.environ.get("FAKE_DBT"):
        case "fail":
            raise BuildFailedError("1 of 8 dbt nodes failed:\n  test not_null_\x1b[31mred")
        case "raise":
            raise ZeroDivisionError("unforeseen")
        case "interrupt":
            raise KeyboardInterrupt
    on_progress(1, 1, "metric_values")
    if "FAKE_HOLD" in os.environ:
        Path(os.environ["FAKE_HOLD"]).read_bytes()
    write_build_file(self.file, float(MARKER))
    write_run(self.run_results, exclude_resource_types=["unit_test"])


if __name__ == "__main__":
    vars(aism.land)["land"] = fake_land
    aism.build.PrivateBuild.run = fake_run  # type: ignore[method-assign]
    cli.main()
