"""Compare a built warehouse with the reference implementation, and say every difference.

python tests/python/oracle/compare.py DATABASE LANDING AS_OF [metric_id ...]
"""

from __future__ import annotations

if __name__ == "__main__" and not __package__:
    import runpy
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    runpy.run_module("tests.python.oracle.compare", run_name="__main__", alter_sys=True)
    raise SystemExit(0)

import math
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from .landing import ROW_REASONS, Landing, Quarantined, read_landing, read_rates
from .metrics import METRICS, World, observe
from .rollup import Key, MetricValue, RollUp, adjacent

ROOT = Path(__file__).resolve().parents[3]
TOLERANCE = 1e-9
COLUMNS = (
    "numerator",
    "denominator",
    "value",
    "sample_size",
    "interval_low",
    "interval_high",
    "median",
    "p90",
    "target_low",
    "target_high",
)
EXACT = ("period_end", "is_partial_period", "unit", "target_status")


def same(ours: Any, theirs: Any) -> bool:
    """Equal, or doubles within the tolerance; NaN equals nothing."""
    if ours is None or theirs is None:
        return ours is None and theirs is None
    if isinstance(ours, (int, float)) and not isinstance(ours, bool):
        return math.isclose(ours, float(theirs), rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(ours == theirs)


def load(landing: Path) -> Landing:
    return read_landing(landing, read_rates(ROOT / "seeds" / "policy" / "exchange_rates.csv"))


def query(database: Path, sql: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        result = connection.execute(sql)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def published(database: Path, metric_ids: Iterable[str]) -> dict[str, dict[Key, dict[str, Any]]]:
    """Return the rows of marts.metric_values by metric."""
    wanted = ", ".join(f"'{metric_id}'" for metric_id in metric_ids)
    rows: dict[str, dict[Key, dict[str, Any]]] = {}
    sql = f"select * from marts.metric_values where metric_id in ({wanted})"
    for row in query(database, sql):
        start = row["period_start"]
        row["period_start"] = start.date() if isinstance(start, datetime) else start
        key = Key(*(row[name] for name in Key._fields))
        rows.setdefault(row["metric_id"], {})[key] = row
    return rows


def name_of(key: Key) -> str:
    return (
        f"{key.metric_id} {key.period_grain} {key.period_start} "
        f"{key.segment_dimension}={key.segment_value!r}"
    )


def differences(database: Path, landing: Path, as_of: date) -> list[str]:
    """Say every difference of metrics, quarantine and files; nothing where all are equal."""
    return [
        *compare(database, landing, as_of, list(METRICS)),
        *compare_quarantine(database, landing),
        *compare_files(database, landing),
    ]


def compare(
    database: Path, landing: Path, as_of: date, metric_ids: Iterable[str] | None = None
) -> list[str]:
    """Return a line for each difference in marts.metric_values; none means equal."""
    names = list(metric_ids or METRICS)
    theirs = published(database, names)
    world = World(load(landing), as_of)
    differences: list[str] = []
    for metric_id in names:
        roll_up = RollUp(metric_id, observe(world, metric_id), as_of)
        differences += compare_metric(roll_up, theirs.get(metric_id, {}))
    return differences


def compare_metric(roll_up: RollUp, theirs: dict[Key, dict[str, Any]]) -> list[str]:
    ours = roll_up.rows()
    if ours and not theirs:
        return [f"{roll_up.metric_id}: no rows, expected {len(ours)}"]
    differences = [f"{name_of(key)}: missing" for key in sorted(ours.keys() - theirs.keys())]
    seen = {(key.segment_dimension, key.segment_value) for key in ours}
    periods = {(grain, start.date()): (start, end) for grain, start, end in roll_up.periods()}
    for key, row in sorted(theirs.items()):
        expected = ours.get(key)
        if expected is None:
            period = periods.get((key.period_grain, key.period_start))
            if period is None or (key.segment_dimension, key.segment_value) not in seen:
                differences.append(f"{name_of(key)}: unexpected")
                continue
            # A segment value of other periods: here it has the broadcast side only.
            expected = roll_up.row(
                key.period_grain, *period, key.segment_dimension, key.segment_value
            )
        differences += [
            f"{name_of(key)}: {column} is {row[column]!r}, expected {getattr(expected, column)!r}"
            for column in (*COLUMNS, *EXACT)
            if not same_column(key, column, getattr(expected, column), row[column])
        ]
        differences += compare_change(key, expected, row, ours, theirs)
    return differences


def same_column(key: Key, column: str, ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, datetime):
        theirs = theirs.date()
    if key.metric_id == "attack_success_rate" and column == "target_status" and theirs is None:
        return True  # nothing unlike is compared
    return same(ours, theirs)


def compare_change(
    key: Key,
    expected: MetricValue,
    row: dict[str, Any],
    ours: dict[Key, MetricValue],
    theirs: dict[Key, dict[str, Any]],
) -> list[str]:
    """Compare previous_value with the adjacent row, change with the difference of the two."""
    before = adjacent(key)
    previous: float | None = None
    if before in ours:
        previous = ours[before].value
    elif before in theirs:
        previous = theirs[before]["value"]
        if row["previous_value"] is None:
            previous = None  # a row of an unseen segment value may or may not be looked at
    if key.metric_id == "attack_success_rate" and row["previous_value"] is None:
        previous = None  # the comparability of scanner runs is judged elsewhere
    change = None
    if previous is not None and expected.value is not None:
        change = expected.value - previous
    return [
        f"{name_of(key)}: {column} is {row[column]!r}, expected {wanted!r}"
        for column, wanted in (("previous_value", previous), ("change", change))
        if not same(wanted, row[column])
    ]


# --- quarantine and reconciliation --------------------------------------------------------------


def is_known(file_name: str, landing: Landing) -> bool:
    """Only registers and generic attempts are read here."""
    return file_name in landing.files


def without_row_columns(entries: Iterable[Quarantined]) -> Counter[Quarantined]:
    return Counter(
        entry._replace(column_name="") if entry.reason in ROW_REASONS else entry
        for entry in entries
    )


def compare_quarantine(database: Path, landing: Path) -> list[str]:
    """Return a line for each row that only one of the two holds back, or for another reason."""
    known = load(landing)
    held = query(
        database,
        "select file_name, line_number, column_name, reason from marts.quarantined_rows",
    )
    theirs = without_row_columns(
        Quarantined(
            row["file_name"], row["line_number"] or 0, row["column_name"] or "", row["reason"]
        )
        for row in held
        if is_known(row["file_name"], known)
    )
    ours = without_row_columns(known.quarantine)
    return [
        *(f"not held back: {entry}" for entry in sorted((ours - theirs).elements())),
        *(f"held back without cause: {entry}" for entry in sorted((theirs - ours).elements())),
    ]


def compare_files(database: Path, landing: Path) -> list[str]:
    """Return a line for each file whose counts differ or do not add up."""
    known = load(landing)
    counted = {
        row["file_name"]: row
        for row in query(
            database,
            "select file_name, rows_read, rows_loaded, rows_superseded, rows_quarantined "
            "from marts.landing_files",
        )
    }
    differences = []
    for file_name, row in sorted(counted.items()):
        sum_of = row["rows_loaded"] + row["rows_superseded"] + row["rows_quarantined"]
        if row["rows_read"] != sum_of:
            differences.append(f"{file_name}: {row['rows_read']} rows read, {sum_of} explained")
    for file_name, counts in sorted(known.files.items()):
        if file_name not in counted:
            differences.append(f"{file_name}: not in landing_files")
            continue
        for column, wanted in vars(counts).items():
            found = counted[file_name][column]
            if found != wanted:
                differences.append(f"{file_name}: {column} is {found}, expected {wanted}")
    return differences


def main(arguments: list[str]) -> int:
    database, landing, as_of = Path(arguments[0]), Path(arguments[1]), arguments[2]
    differences = compare(database, landing, date.fromisoformat(as_of), arguments[3:] or None)
    if not arguments[3:]:
        differences += compare_quarantine(database, landing)
        differences += compare_files(database, landing)
    for difference in differences:
        print(difference)
    print(f"{len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
