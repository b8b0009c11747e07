"""What holds for every input: order, replays, monotony; and how often an interval is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from scipy import stats

from tests.python.inference.conftest import Rows, Select

# The same examples in every run: what fails today failed yesterday.
EXAMPLES = settings(
    max_examples=50,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

THINGS = some.lists(some.tuples(some.integers(0, 12), some.integers(0, 1)), min_size=1, max_size=25)
SERIES = some.lists(some.integers(-4, 4), min_size=2, max_size=14)
CHANCES = some.lists(some.sampled_from([0, 0.001, 0.01, 0.04, 0.2, 1]), min_size=1, max_size=12)


def every_count(largest: int) -> pd.DataFrame:
    rows = [(k, n) for n in range(1, largest + 1) for k in range(n + 1)]
    return pd.DataFrame(rows, columns=["k", "n"])


def bounds(select: Select, macros: Any) -> Rows:
    low, high = (macros.wilson_bound("k / n", "n", side) for side in "-+")
    return select(
        f"""
        select exact.*, {low} as wilson_low, {high} as wilson_high
        from ({macros.exact_bounds("counts")}) as exact
        order by n, k
        """,
        counts=every_count(80),
    )


def test_bounds_enclose_the_rate_and_stay_within_0_and_1(select: Select, macros: Any) -> None:
    found = bounds(select, macros)
    rate = found.k / found.n

    for low, high in [("exact_lower", "exact_upper"), ("wilson_low", "wilson_high")]:
        assert ((found[low] >= 0) & (found[high] <= 1)).all()
        assert ((found[low] <= rate + 1e-12) & (found[high] >= rate - 1e-12)).all()


def test_one_more_success_raises_every_bound(select: Select, macros: Any) -> None:
    found = bounds(select, macros)

    for bound in ("exact_lower", "exact_upper", "wilson_low", "wilson_high"):
        assert (found.groupby("n")[bound].diff().dropna() > 0).all()


def test_failures_mirror_successes(select: Select, macros: Any) -> None:
    found = bounds(select, macros)
    mirrored = found.assign(k=found.n - found.k).sort_values(["n", "k"])

    np.testing.assert_allclose(found.exact_upper, 1 - mirrored.exact_lower.to_numpy(), atol=1e-12)


def medians(select: Select, macros: Any, *sets: list[tuple[int, int]]) -> Rows:
    rows = [(place, *thing) for place, things in enumerate(sets) for thing in things]
    sql = f"select * from ({macros.kaplan_meier_median('things', ['place'], 6)}) order by place"
    found = select(sql, things=pd.DataFrame(rows, columns=["place", "time", "event"]))
    return found.drop(columns="place")


@EXAMPLES
@given(things=THINGS, later=some.integers(0, 12), data=some.data())
def test_an_open_thing_never_shortens_the_median_and_order_makes_no_difference(
    select: Select, macros: Any, things: list[tuple[int, int]], later: int, data: Any
) -> None:
    open_thing = (max(time for time, _ in things) + later, 0)
    shuffled = data.draw(some.permutations(things))
    found = medians(select, macros, things, shuffled, [*things, open_thing])

    half = found["median"].fillna(np.inf)
    assert half[2] >= half[0]
    pd.testing.assert_series_equal(found.loc[0], found.loc[1], check_names=False)


@EXAMPLES
@given(values=SERIES, data=some.data())
def test_the_order_of_points_makes_no_difference_and_a_mirror_turns_the_trend(
    select: Select, macros: Any, values: list[int], data: Any
) -> None:
    order = data.draw(some.permutations(range(len(values))))
    rows = [
        (series, place, sign * values[place])
        for place in order
        for series, sign in ((0, 1), (1, -1))
    ]
    rows += [(2, place, value) for place, value in enumerate(values)]
    points = pd.DataFrame(rows, columns=["series", "position", "value"])
    found = select(
        f"select * from ({macros.mann_kendall('points', ['series'], 2)}) order by series",
        points=points,
    )
    shuffled, mirrored, plain = (found.drop(columns="series").loc[place] for place in range(3))

    pd.testing.assert_series_equal(shuffled, plain, check_names=False)
    assert (mirrored.score, mirrored.z, mirrored.slope) == (-plain.score, -plain.z, -plain.slope)
    assert mirrored.p == plain.p
    assert 0 <= plain.p <= 1 + 1e-12


@EXAMPLES
@given(chances=CHANCES)
def test_q_is_no_smaller_than_p_and_keeps_its_order(
    select: Select, macros: Any, chances: list[float]
) -> None:
    tests = pd.DataFrame({"test": range(len(chances)), "family": 0, "p": chances})
    found = select(
        f"select * from ({macros.benjamini_hochberg('tests', ['test'], ['family'])}) order by p",
        tests=tests,
    )

    assert ((found.q >= found.p - 1e-15) & (found.q <= 1)).all()
    assert (found.q.diff().dropna() >= 0).all()
    assert found.groupby("p").q.nunique().eq(1).all()


@EXAMPLES
@given(
    tables=some.lists(
        some.tuples(
            some.integers(0, 30), some.integers(1, 30), some.integers(0, 30), some.integers(1, 30)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_a_rise_from_one_side_is_a_fall_from_the_other(
    select: Select, macros: Any, tables: list[tuple[int, int, int, int]]
) -> None:
    rows = {(min(k1, n1), n1, min(k2, n2), n2) for k1, n1, k2, n2 in tables}
    compared = pd.DataFrame(sorted(rows), columns=["k1", "n1", "k2", "n2"])
    turned = compared.rename(columns={"k1": "k2", "n1": "n2", "k2": "k1", "n2": "n1"})
    order = ["k1", "n1", "k2", "n2"]
    found = select(macros.fisher_exact("t"), t=compared).sort_values(order)
    other = select(macros.fisher_exact("t"), t=turned).sort_values(["k2", "n2", "k1", "n1"])

    assert found[["p_greater", "p_less", "p_two_sided"]].le(1).all(axis=None)
    np.testing.assert_allclose(found.p_greater, other.p_less, rtol=0, atol=1e-11)
    np.testing.assert_allclose(found.p_two_sided, other.p_two_sided, rtol=0, atol=1e-11)


def coverage(low: Any, high: Any, n: int) -> Any:
    """For every true rate from 0.01 to 0.50 the chance that the interval of k holds it."""
    rates = np.arange(1, 51) / 100
    chance = stats.binom.pmf(np.arange(n + 1)[None, :], n, rates[:, None])
    held = (np.asarray(low)[None, :] <= rates[:, None]) & (rates[:, None] <= np.asarray(high))
    return (chance * held).sum(axis=1)


def test_wilson_is_right_as_often_as_it_says_and_wald_is_not(select: Select, macros: Any) -> None:
    low, high = (macros.wilson_bound("k / 20", "20", side) for side in "-+")
    found = select(
        f"select {low} as low, {high} as high from counts order by k", counts={"k": range(21)}
    )
    rate = np.arange(21) / 20
    margin = 1.959963984540054 * np.sqrt(rate * (1 - rate) / 20)

    assert coverage(found.low, found.high, 20).min() >= 0.91
    assert coverage(rate - margin, rate + margin, 20).min() < 0.91


def test_the_exact_upper_bound_is_never_too_low_too_often(select: Select, macros: Any) -> None:
    table = pd.DataFrame({"k": range(21), "n": 20})
    found = select(f"select * from ({macros.exact_bounds('t')}) order by k", t=table)

    assert coverage(found.exact_lower * 0, found.exact_upper, 20).min() >= 0.95
    assert coverage(found.exact_lower, found.exact_upper * 0 + 1, 20).min() >= 0.95
