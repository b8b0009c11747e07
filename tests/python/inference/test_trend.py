"""Mann-Kendall and the slope of Theil and Sen, against pymannkendall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pymannkendall
import pytest

from tests.python.inference.conftest import Rows, Select

WORKED = [31, 29, 30, 27, 28, 26, 27, 24, 25, 22, 23, 21]


def points(*series: Sequence[float | None]) -> pd.DataFrame:
    rows = [
        (name, place, value)
        for name, values in enumerate(series)
        for place, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["series", "position", "value"])


def trends(select: Select, macros: Any, table: pd.DataFrame) -> Rows:
    sql = f"select * from ({macros.mann_kendall('points', ['series'])}) order by series"
    return select(sql, points=table)


def test_100_series(select: Select, macros: Any) -> None:
    random = np.random.default_rng(13)
    drawn: list[Any] = [[4.0] * 12, WORKED]
    while len(drawn) < 100:
        size = int(random.integers(8, 37))
        values = random.normal(0, 2, size) + random.uniform(-0.4, 0.4) * np.arange(size)
        drawn.append((np.round(values) if len(drawn) % 2 else values).tolist())

    found = trends(select, macros, points(*drawn))

    assert len(found) == 100
    for row, values in zip(found.itertuples(), drawn, strict=True):
        expected = pymannkendall.original_test(values)
        assert (row.points, row.score) == (len(values), expected.s)
        assert row.score_variance == pytest.approx(expected.var_s, rel=1e-10)
        assert row.z == pytest.approx(expected.z, abs=1e-10)
        assert row.slope == pytest.approx(expected.slope, abs=1e-10)
        assert row.p == pytest.approx(expected.p, abs=1e-9)


def test_as_worked_by_hand(select: Select, macros: Any) -> None:
    (found,) = trends(select, macros, points(WORKED)).itertuples()

    assert (found.score, round(found.score_variance, 4)) == (-55, 211.6667)
    assert round(found.z, 6) == -3.711654
    assert round(found.p, 6) == 0.000206
    assert round(found.slope, 4) == -0.8333


def test_all_alike_is_no_trend(select: Select, macros: Any) -> None:
    (found,) = trends(select, macros, points([7.0] * 10)).itertuples()

    assert (found.score, found.score_variance, found.z, found.slope) == (0, 0, 0, 0)
    assert found.p == pytest.approx(1, abs=1e-12)


def test_a_gap_takes_its_place(select: Select, macros: Any) -> None:
    gaps: list[float | None] = [1, 2, None, 4, 5, 6, None, None, 9, 10]
    (found,) = trends(select, macros, points(gaps)).itertuples()

    assert found.points == 7
    assert found.z is None or np.isnan(found.z)

    (longer,) = trends(select, macros, points([*gaps, 11])).itertuples()
    assert (longer.points, longer.score, longer.slope) == (8, 28, 1)


def test_seven_points_show_no_trend(select: Select, macros: Any) -> None:
    found = trends(select, macros, points([1, 2, 3, 4, 5, 6, 7], [3], [1, 2, 3, 4, 5, 6, 7, 8]))

    assert found.points.tolist() == [7, 1, 8]
    assert found[["z", "p", "slope"]].isna().all(axis=1).tolist() == [True, True, False]
    assert found.score.tolist() == [21, 0, 28]
