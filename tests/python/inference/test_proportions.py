"""Bounds of one proportion and of the difference of two, against scipy and statsmodels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from tests.python.inference.conftest import Select

Z90 = "1.6448536269514722"

WORKED = [(1, 20), (0, 20), (20, 20), (0, 1), (3, 5), (12, 100), (0, 100), (0, 300), (50, 1000)]
LARGE = [(0, 20_000), (1, 20_000), (40, 20_000), (10_000, 20_000), (19_999, 20_000)]


def counts() -> pd.DataFrame:
    """Sixty of k and n: worked by hand, both ends, large, and drawn at random."""
    random = np.random.default_rng(20_261_122)
    drawn: dict[tuple[int, int], None] = dict.fromkeys([*WORKED, *LARGE, (1, 1), (19_998, 20_000)])
    while len(drawn) < 60:
        n = int(random.integers(1, 5_000))
        drawn[(int(random.integers(0, n + 1)), n)] = None
    return pd.DataFrame(list(drawn), columns=["k", "n"])


def exact(k: Any, n: Any, alpha: float = 0.05) -> tuple[Any, Any]:
    with np.errstate(all="ignore"):
        lower = np.where(k == 0, 0, stats.beta.ppf(alpha, k, n - k + 1))
        upper = np.where(k == n, 1, stats.beta.ppf(1 - alpha, k + 1, n - k))
    return lower, upper


def test_wilson_of_60_counts(select: Select, macros: Any) -> None:
    low, high = (macros.wilson_bound("k / n", "n", side) for side in "-+")
    found = select(f"select k, n, {low} as low, {high} as high from counts", counts=counts())

    expected = proportion_confint(found.k.to_numpy(), found.n.to_numpy(), method="wilson")
    assert len(found) == 60
    np.testing.assert_allclose(found.low, expected[0], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.high, expected[1], rtol=0, atol=1e-9)


def test_exact_bounds_of_60_counts(select: Select, macros: Any) -> None:
    found = select(macros.exact_bounds("counts"), counts=counts())

    lower, upper = exact(found.k.to_numpy(), found.n.to_numpy())
    assert len(found) == 60
    np.testing.assert_allclose(found.exact_lower, lower, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.exact_upper, upper, rtol=0, atol=1e-9)


def test_exact_bounds_of_every_small_count(select: Select, macros: Any) -> None:
    every = [(k, n) for n in range(1, 61) for k in range(n + 1)]
    found = select(
        macros.exact_bounds("counts", "0.025"), counts=pd.DataFrame(every, columns=["k", "n"])
    )

    lower, upper = exact(found.k.to_numpy(), found.n.to_numpy(), 0.025)
    assert len(found) == len(every)
    np.testing.assert_allclose(found.exact_lower, lower, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.exact_upper, upper, rtol=0, atol=1e-9)


def test_exact_bounds_at_the_ends_are_their_closed_forms(select: Select, macros: Any) -> None:
    ends = pd.DataFrame([(0, 20), (20, 20), (0, 1)], columns=["k", "n"])
    found = select(f"select * from ({macros.exact_bounds('ends')}) order by n, k", ends=ends)

    bounds = found[["exact_lower", "exact_upper"]].to_numpy().tolist()
    assert bounds[0] == [0, 0.95]
    assert bounds[1] == [0, 1 - 0.05 ** (1 / 20)]
    assert bounds[2] == [0.05 ** (1 / 20), 1]


def test_what_cannot_be_counted_has_no_bounds(select: Select, macros: Any) -> None:
    odd = pd.DataFrame([(0, 0), (3, 2), (-1, 5), (None, 5), (1, None)], columns=["k", "n"])
    found = select(macros.exact_bounds("odd"), odd=odd)

    assert len(found) == 5
    assert found[["exact_lower", "exact_upper"]].isna().all(axis=None)


def test_every_distinct_count_comes_back_once(select: Select, macros: Any) -> None:
    twice = pd.DataFrame([(1, 20)] * 3 + [(19, 20)] * 2, columns=["k", "n"])
    found = select(macros.exact_bounds("twice"), twice=twice)

    assert sorted(zip(found.k, found.n, strict=True)) == [(1, 20), (19, 20)]


def compared() -> pd.DataFrame:
    """Forty comparisons: worked by hand, nothing and everything, large, and drawn at random."""
    random = np.random.default_rng(7)
    rows = [
        *[(1, 20, 4, 20), (0, 20, 3, 20), (0, 20, 5, 20), (2, 100, 9, 100), (10, 200, 22, 200)],
        *[(0, 20, 0, 20), (20, 20, 20, 20), (0, 7, 9, 9), (9, 9, 0, 7), (3, 4, 5, 9)],
        *[(190, 20_000, 230, 20_000), (400, 20_000, 380, 20_000), (0, 20_000, 20_000, 20_000)],
        *[(10_000, 20_000, 10_080, 20_000), (1, 20_000, 1, 50), (50, 50, 19_990, 20_000)],
    ]
    while len(rows) < 40:
        n1, n2 = (int(n) for n in random.integers(1, 800, 2))
        rate = random.beta(0.6, 2)
        k1, k2 = random.binomial(n1, rate), random.binomial(n2, min(1, 1.3 * rate))
        rows.append((n1 if k1 > n1 else int(k1), n1, int(k2), n2))
    return pd.DataFrame(rows, columns=["k1", "n1", "k2", "n2"])


@pytest.mark.parametrize(("z", "alpha"), [("1.959963984540054", 0.05), (Z90, 0.1)])
def test_newcombe_of_40_pairs(select: Select, macros: Any, z: str, alpha: float) -> None:
    low, high = (macros.newcombe_bound("p1", "n1", "p2", "n2", side, z) for side in "-+")
    pairs = compared().assign(p1=lambda row: row.k1 / row.n1, p2=lambda row: row.k2 / row.n2)
    found = select(f"select *, {low} as low, {high} as high from pairs", pairs=pairs)

    expected = [
        confint_proportions_2indep(
            row.k2, row.n2, row.k1, row.n1, compare="diff", method="newcomb", alpha=alpha
        )
        for row in found.itertuples()
    ]
    assert len(found) == 40
    np.testing.assert_allclose(found[["low", "high"]], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("before", "after", "upper"),
    [
        ((4, 200), (8, 200), 0.05157),
        ((4, 200), (5, 200), 0.03273),
        ((10, 400), (14, 400), 0.03104),
        ((0, 100), (0, 100), 0.02634),
    ],
)
def test_non_inferiority_as_worked_by_hand(
    select: Select, macros: Any, before: tuple[int, int], after: tuple[int, int], upper: float
) -> None:
    (k1, n1), (k2, n2) = before, after
    bound = macros.newcombe_bound(f"{k1} / {n1}", n1, f"{k2} / {n2}", n2, "+", Z90)

    assert select(f"select {bound} as upper").upper[0] == pytest.approx(upper, abs=5e-6)


def test_no_trials_no_difference(select: Select, macros: Any) -> None:
    bound = macros.newcombe_bound("k1 / nullif(n1, 0)", "n1", "k2 / nullif(n2, 0)", "n2", "-")
    empty = pd.DataFrame([(0, 0, 1, 5), (1, 5, 0, 0)], columns=["k1", "n1", "k2", "n2"])

    assert select(f"select {bound} as low from empty", empty=empty).low.isna().all()


def test_fisher_of_40_pairs(select: Select, macros: Any) -> None:
    found = select(macros.fisher_exact("compared"), compared=compared())

    def scipy(alternative: str) -> list[float]:
        tables = [
            [[row.k2, row.k1], [row.n2 - row.k2, row.n1 - row.k1]] for row in found.itertuples()
        ]
        return [stats.fisher_exact(table, alternative=alternative)[1] for table in tables]

    assert len(found) == 40
    np.testing.assert_allclose(found.p_greater, scipy("greater"), rtol=0, atol=1e-8)
    np.testing.assert_allclose(found.p_less, scipy("less"), rtol=0, atol=1e-8)
    # Small chances are right in their digits too, not only near 0.
    np.testing.assert_allclose(found.p_greater, scipy("greater"), rtol=1e-7, atol=1e-300)
    np.testing.assert_allclose(found.p_less, scipy("less"), rtol=1e-7, atol=1e-300)
    np.testing.assert_allclose(found.p_two_sided, scipy("two-sided"), rtol=0, atol=1e-8)


def test_fisher_of_nothing_against_nothing_is_1(select: Select, macros: Any) -> None:
    nothing = pd.DataFrame([(0, 20, 0, 20), (0, 3, 0, 500)], columns=["k1", "n1", "k2", "n2"])
    found = select(macros.fisher_exact("nothing"), nothing=nothing)

    np.testing.assert_allclose(found[["p_greater", "p_less", "p_two_sided"]], 1, atol=1e-12)
    assert (found[["p_greater", "p_less", "p_two_sided"]] <= 1).all(axis=None)


def test_fisher_of_no_trials_is_unknown(select: Select, macros: Any) -> None:
    odd = pd.DataFrame(
        [(0, 0, 1, 5), (1, 5, 0, 0), (6, 5, 1, 5), (1, 5, -1, 5)], columns=["k1", "n1", "k2", "n2"]
    )
    found = select(macros.fisher_exact("odd"), odd=odd)

    assert len(found) == 4
    assert found[["p_greater", "p_less", "p_two_sided"]].isna().all(axis=None)
