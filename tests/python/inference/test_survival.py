"""Kaplan-Meier curves and medians, against lifelines."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times

from tests.python.inference.conftest import Rows, Select

SETS = 200
DAYS = [3, 5, 5, 8, 12, 12, 20, 25, 31, 40, 60, 75]
FIXED = [1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0]


def observations(*sets: tuple[Sequence[float], Sequence[int]]) -> pd.DataFrame:
    rows = [
        (place, time, event)
        for place, (times, events) in enumerate(sets)
        for time, event in zip(times, events, strict=True)
    ]
    return pd.DataFrame(rows, columns=["place", "time", "event"])


def random_sets() -> list[tuple[list[float], list[int]]]:
    """Ties, nothing but ties, time 0, nothing but open ones, everything done, 1 to 500 things."""
    random = np.random.default_rng(5)
    sets = []
    for place in range(SETS):
        size = int(random.choice([1, 2, 4, 8, 30, 120, 500]))
        times = random.exponential(40, size)
        if place % 2:
            times = np.floor(times / random.choice([1, 7, 60]))
        share = 0 if place % 10 == 0 else 1 if place % 10 == 5 else random.uniform(0.2, 1)
        sets.append((times.tolist(), random.binomial(1, share, size).tolist()))
    return sets


def survival(times: list[float], events: list[int]) -> dict[float, Fraction]:
    """Compute the curve in whole numbers: no rounding can blur it."""
    curve, left = {}, Fraction(1)
    for time in sorted(set(times)):
        at_risk = sum(other >= time for other in times)
        done = sum(e for other, e in zip(times, events, strict=True) if other == time)
        left *= 1 - Fraction(done, at_risk)
        curve[time] = left
    return curve


@pytest.fixture(scope="module")
def sets() -> list[tuple[list[float], list[int]]]:
    return random_sets()


@pytest.fixture(scope="module")
def fitted(sets: Any) -> list[KaplanMeierFitter]:
    return [KaplanMeierFitter().fit(times, events) for times, events in sets]


@pytest.fixture(scope="module")
def curves(select: Select, macros: Any, sets: Any) -> Rows:
    sql = f"select * from ({macros.kaplan_meier('things', ['place'])}) order by place, time"
    return select(sql, things=observations(*sets))


@pytest.fixture(scope="module")
def medians(select: Select, macros: Any, sets: Any) -> Rows:
    sql = f"select * from ({macros.kaplan_meier_median('things', ['place'])}) order by place"
    return select(sql, things=observations(*sets))


def test_200_curves(curves: Rows, fitted: Any) -> None:
    compared = 0
    for place, curve in curves.groupby("place"):
        expected = fitted[place].survival_function_.loc[curve.time, "KM_estimate"].to_numpy()
        np.testing.assert_allclose(curve.survival, expected, rtol=0, atol=1e-10)

        # At 0 lifelines draws an interval of no width; here nothing is known of it.
        above = curve.survival.to_numpy() > 0
        interval = fitted[place].confidence_interval_.loc[curve.time].to_numpy()
        found = curve[["interval_low", "interval_high"]].to_numpy()
        np.testing.assert_allclose(found[above], interval[above], rtol=0, atol=1e-8)
        assert np.isnan(found[~above]).all()
        compared += 1
    assert compared == SETS


def test_200_medians(medians: Rows, sets: Any) -> None:
    assert len(medians) == SETS
    for row, (times, events) in zip(medians.itertuples(), sets, strict=True):
        exact = [time for time, left in survival(times, events).items() if left <= Fraction(1, 2)]
        assert (inf if np.isnan(row.median) else row.median) == min(exact, default=inf)
        assert (row.observations, row.events, row.longest) == (len(times), sum(events), max(times))


def test_200_intervals_of_the_median(medians: Rows, fitted: Any) -> None:
    for row, curve in zip(medians.itertuples(), fitted, strict=True):
        # Again without the ends of no width.
        known = curve.confidence_interval_[curve.survival_function_["KM_estimate"] > 0]
        crossed = median_survival_times(known).to_numpy()[0] if len(known) else [inf, inf]
        found = [inf if np.isnan(end) else end for end in (row.median_low, row.median_high)]
        assert found == list(crossed)


def test_a_curve_that_reaches_0_is_exactly_0(curves: Rows, sets: Any) -> None:
    ended = 0
    for place, curve in curves.groupby("place"):
        if list(survival(*sets[place]).values())[-1] == 0:
            ended += 1
            assert curve.survival.iloc[-1] == 0
    assert ended >= 20


def test_as_worked_by_hand(select: Select, macros: Any) -> None:
    things = observations((DAYS, FIXED))
    curve = select(macros.kaplan_meier("things", ["place"]), things=things).set_index("time")
    (median,) = select(
        macros.kaplan_meier_median("things", ["place"], 30), things=things
    ).itertuples()

    assert curve.survival[[3, 5, 8, 12, 20, 31]].round(6).tolist() == [
        *(0.916667, 0.75, 0.666667, 0.583333, 0.486111, 0.364583)
    ]
    interval = curve.loc[20, ["interval_low", "interval_high"]]
    assert interval.round(6).tolist() == [0.191877, 0.729672]
    # What happens and what is last seen at the same time: both were at risk.
    assert curve.loc[12, ["at_risk", "events", "censored"]].tolist() == [8, 1, 1]
    assert (median.median, median.median_low) == (20, 5)
    assert np.isnan(median.median_high)
    assert median.done_by_horizon == pytest.approx(0.513889, abs=5e-7)


def test_the_edges(select: Select, macros: Any) -> None:
    things = observations(
        ([0, 0, 3], [1, 1, 0]),
        ([2, 4, 6, 8], [1, 1, 1, 1]),
        ([5, 6], [0, 0]),
        ([-1, 7, 9], [1, 1, 0]),
        ([-1], [1]),
    )
    things.loc[len(things)] = [3, None, 1]
    found = select(
        f"select * from ({macros.kaplan_meier_median('things', ['place'], 10)}) order by place",
        things=things,
    )

    assert found["median"].fillna(-1).tolist() == [0, 4, -1, 7, -1]
    assert found.longest.fillna(-1).tolist() == [3, 8, 6, 9, -1]
    assert found.excluded.tolist() == [0, 0, 0, 2, 1]
    assert found.observations.tolist() == [3, 4, 2, 2, 0]
    # Nobody was watched for ten days; only where all is done it is known what is done by then.
    assert found.done_by_horizon.fillna(-1).tolist() == [-1, 1, -1, -1, -1]


@pytest.mark.parametrize(("day", "done"), [(2, 0), (3, 1 / 12), (19, 5 / 12), (75, 0.635417)])
def test_what_is_done_by_a_day_has_that_day_in_it(
    select: Select, macros: Any, day: int, done: float
) -> None:
    sql = macros.kaplan_meier_median("things", ["place"], day)
    found = select(sql, things=observations((DAYS, FIXED)))

    assert found.done_by_horizon[0] == pytest.approx(done, abs=5e-7)


def test_nobody_was_watched_for_so_long(select: Select, macros: Any) -> None:
    sql = macros.kaplan_meier_median("things", ["place"], 76)

    assert select(sql, things=observations((DAYS, FIXED))).done_by_horizon.isna().all()
