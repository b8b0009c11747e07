"""R13. The same folder and day give the same rows in any time zone and locale."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.python.compiled import PROJECT
from tests.trust import lakes
from tests.trust.conftest import Built, Control, Measure
from tests.trust.figures import figure
from tests.trust.marts import MARTS

DAYS = (
    dt.date(2026, 3, 29),  # clocks go forward in Europe
    dt.date(2028, 2, 29),
    dt.date(2026, 12, 31),
    dt.date(2038, 1, 19),  # seconds since 1970 leave 32 bits
    dt.date(2026, 10, 25),  # and back
    dt.date(2026, 9, 30),
)
ZONES = ("UTC", "Pacific/Kiritimati", "America/St_Johns")
LOCALES = ("C.UTF-8", "tr_TR.UTF-8")


def rows_in(
    built: Path, zone: str, locale: str, root: Path, days: tuple[dt.date, ...]
) -> dict[str, Any]:
    """Return hashes of marts by day, landed and built by a process in a zone and a locale."""
    home = root / f"{zone.replace('/', '-')}-{locale}"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.trust.marts"),
            *map(str, (built, root / "landing", home)),
            *(day.isoformat() for day in days),
        ],
        cwd=PROJECT,
        env=os.environ | {"TZ": zone, "LC_ALL": locale, "LANG": locale},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_zones_and_locales(
    sample: Built, tmp_path: Path, measure: Measure, control: Control
) -> None:
    lakes.small_sample(tmp_path / "landing")
    days = DAYS[: figure(4, 6)]
    locales = LOCALES[: figure(1, 2)]
    told = {
        (zone, locale): rows_in(sample.home, zone, locale, tmp_path, days)
        for zone in ZONES
        for locale in locales
    }
    first = next(iter(told.values()))
    assert first["marts"].keys() == {day.isoformat() for day in days}
    assert all(marts.keys() == set(MARTS) for marts in first["marts"].values())
    for key, rows in told.items():
        assert rows["marts"] == first["marts"], key
    measure(
        "R13",
        cases=len(days) * len(told),
        days=len(days),
        zones=len(ZONES),
        locales=len(locales),
        marts=len(MARTS),
    )

    offsets = {rows["local"] for rows in told.values()}
    control("the zone reaches Python", len(offsets) == len(ZONES))
    control("the zone reaches the engine", {rows["engine"] for rows in told.values()} == set(ZONES))
    by_day = [json.dumps(marts, sort_keys=True) for marts in first["marts"].values()]
    control("another day gives other rows", len(set(by_day)) == len(days))
