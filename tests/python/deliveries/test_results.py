"""Results: where they are kept, when they are due, and what they depend on."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from aism.deliveries import check, check_if_due
from aism.deliveries.policy import POLICY_FILE, PROJECT_FILE
from aism.land.ledger import DELIVERY_CHECKS
from aism.settings import Settings
from tests.python.deliveries.conftest import AS_OF, Deliveries, findings


@pytest.fixture
def times_checked(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    real, days = check.check_deliveries, list[dt.date]()

    def count(settings: Settings, as_of: dt.date) -> None:
        days.append(as_of)
        real(settings, as_of)

    monkeypatch.setattr(check, "check_deliveries", count)
    return lambda: len(days)


def test_same_files_and_day_give_the_same_bytes(deliveries: Deliveries, tmp_path: Path) -> None:
    deliveries.check()
    other = Deliveries(tmp_path / "other")
    other.check()
    assert deliveries.results.read_bytes() == other.results.read_bytes()
    table = pq.read_table(deliveries.results)
    assert table.schema.equals(DELIVERY_CHECKS)
    keys = [(row["source"], row["file_name"], row["check_name"]) for row in table.to_pylist()]
    assert len(keys) == len(set(keys)) > 0


def test_landing_leaves_an_empty_file_and_empties_it_with_every_change(
    deliveries: Deliveries,
) -> None:
    def rows() -> int:
        return pq.read_table(deliveries.results, schema=DELIVERY_CHECKS).num_rows

    deliveries.land()
    assert rows() == 0
    deliveries.check()
    judged = rows()
    assert judged > 0
    deliveries.land()
    assert rows() == judged  # nothing changed
    deliveries.put("program/findings-2026-06.csv", findings("C", month=6))
    deliveries.land()
    assert rows() == 0


def test_due_once_for_a_lake_a_day_and_a_policy(
    deliveries: Deliveries, times_checked: Callable[[], int], tmp_path: Path
) -> None:
    settings = replace(deliveries.settings, project=tmp_path)
    policy = tmp_path / POLICY_FILE
    policy.parent.mkdir(parents=True)
    for file in (POLICY_FILE, PROJECT_FILE):
        shutil.copy(deliveries.settings.project / file, tmp_path / file)
    deliveries.land()

    def check_on(day: dt.date) -> int:
        check_if_due(settings, day)
        return times_checked()

    assert check_on(AS_OF) == 1
    assert check_on(AS_OF) == 1
    assert check_on(AS_OF + dt.timedelta(days=1)) == 2
    policy.write_text(policy.read_text() + "# other words\n")
    assert check_on(AS_OF + dt.timedelta(days=1)) == 3
    deliveries.put("program/findings-2026-07.csv", findings("C", month=7))
    deliveries.land()
    assert check_on(AS_OF + dt.timedelta(days=1)) == 4
    key_dates = tmp_path / PROJECT_FILE
    key_dates.write_text(key_dates.read_text().replace("identified_at", "removed_at"))
    assert check_on(AS_OF + dt.timedelta(days=1)) == 5


def test_a_broken_policy_blocks_nothing(
    deliveries: Deliveries, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    policy = tmp_path / POLICY_FILE
    policy.parent.mkdir(parents=True)
    policy.write_text("files: 7")
    deliveries.land()
    check_if_due(replace(deliveries.settings, project=tmp_path), AS_OF)
    assert "The deliveries were not checked" in caplog.text
    assert pq.read_table(deliveries.results).num_rows == 0
