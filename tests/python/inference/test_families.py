"""q values of families of tests, and success within several tries."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.python.inference.conftest import Select


def families() -> pd.DataFrame:
    """Twenty families: the worked one, one test, all alike, ties, and drawn at random."""
    random = np.random.default_rng(3)
    drawn = [
        [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216],
        [0.03],
        [1.0] * 6,
        [0.0, 0.0, 0.02, 0.02, 0.02, 1.0],
        *(random.choice([0.001, 0.01, 0.02, 0.3, 1.0], 15).tolist() for _ in range(4)),
        *(random.uniform(0, 1, n) ** 2 for n in range(2, 14)),
    ]
    rows = [(family, test, p) for family, ps in enumerate(drawn) for test, p in enumerate(ps)]
    shuffled = random.permutation(len(rows))
    return pd.DataFrame([rows[place] for place in shuffled], columns=["family", "test", "p"])


def test_benjamini_hochberg_of_20_families(select: Select, macros: Any) -> None:
    found = select(macros.benjamini_hochberg("tests", ["test"], ["family"]), tests=families())

    assert found.family.nunique() == 20
    for _, family in found.groupby("family"):
        expected = stats.false_discovery_control(family.p.to_numpy())
        np.testing.assert_allclose(family.q, expected, rtol=0, atol=1e-9)


def test_what_was_not_tested_does_not_count(select: Select, macros: Any) -> None:
    tests = pd.DataFrame({"test": ["a", "b", "c"], "family": ["f"] * 3, "p": [0.01, None, 0.5]})
    found = select(macros.benjamini_hochberg("tests", ["test"], ["family"]), tests=tests)

    q = dict(zip(found.test, found.q, strict=True))
    assert q["a"] == pytest.approx(0.02)
    assert q["c"] == pytest.approx(0.5)
    assert np.isnan(q["b"])


def test_success_within_k_independent_tries(select: Select, macros: Any) -> None:
    found = select(
        f"select {macros.success_within('0.05', 'k')} as p from tries", tries={"k": [10, 20, 100]}
    )

    assert found.p.round(3).tolist() == [0.401, 0.642, 0.994]


def test_success_within_tries_is_the_share_of_choices_that_hold_one(
    select: Select, macros: Any
) -> None:
    cases = pd.DataFrame(
        [(c, n, k) for n in range(1, 8) for c in range(n + 1) for k in range(1, n + 1)],
        columns=["c", "n", "k"],
    )
    found = select(
        f"select c, n, k, {macros.success_within_tries('c', 'n', 'k')} as p from cases", cases=cases
    )

    def share(c: int, n: int, k: int) -> float:
        choices = list(combinations([1] * c + [0] * (n - c), k))
        return sum(any(choice) for choice in choices) / len(choices)

    expected = [share(row.c, row.n, row.k) for row in found.itertuples()]
    np.testing.assert_allclose(found.p, expected, rtol=0, atol=1e-12)
    assert found.p[found.c == 0].eq(0).all()
    assert found.p[found.c == found.n].eq(1).all()


def test_fewer_tries_than_k_cannot_say(select: Select, macros: Any) -> None:
    cases = {"c": [4, 0, 1], "n": [4, 0, 5], "k": [5, 1, 0]}
    found = select(
        f"select {macros.success_within_tries('c', 'n', 'k')} as p from cases", cases=cases
    )

    assert found.p.isna().all()
