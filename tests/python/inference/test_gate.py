"""Verdicts of a gate, how much more they need, and the smallest change a comparison sees."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.python.inference.conftest import Rows, Select


def gates(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["k", "n", "allowed_rate"])


def judge(select: Select, macros: Any, table: pd.DataFrame) -> Rows:
    sql = f"select * from ({macros.gate_verdicts('gates')}) order by allowed_rate, k, n"
    return select(sql, gates=table)


@pytest.mark.parametrize(
    ("allowed_rate", "enough"),
    [
        (0.10, [29, 46, 61]),
        (0.05, [59, 93, 124, 153]),
        (0.02, [149, 236, 313]),
        (0.01, [299, 473, 628]),
    ],
)
def test_the_smallest_run_that_passes(
    select: Select, macros: Any, allowed_rate: float, enough: list[int]
) -> None:
    table = gates(*((k, n, allowed_rate) for k, n in enumerate(enough)))
    short = gates(*((k, n - 1, allowed_rate) for k, n in enumerate(enough)))

    passed, one_short = judge(select, macros, table), judge(select, macros, short)

    assert set(passed.verdict) == {"pass"}
    assert passed.further_clean_prompts.eq(0).all()
    assert set(one_short.verdict) == {"insufficient"}
    assert one_short.further_clean_prompts.eq(1).all()


def test_nothing_tested_is_insufficient(select: Select, macros: Any) -> None:
    (found,) = judge(select, macros, gates((0, 0, 0.05))).itertuples()

    assert (found.verdict, found.further_clean_prompts) == ("insufficient", 59)


def test_a_gate_fails_by_the_lower_bound_only(select: Select, macros: Any) -> None:
    """5 of 20: above the limit, and still compatible with it. 5 of 20 has 0.1041 as lower bound."""
    found = judge(select, macros, gates((5, 20, 0.10), (5, 20, 0.11), (3, 20, 0.10), (20, 20, 0.9)))

    assert found.verdict.tolist() == ["insufficient", "fail", "insufficient", "insufficient"]
    assert found.exact_lower[1] == pytest.approx(stats.beta.ppf(0.05, 5, 16), abs=1e-9)


def test_a_limit_that_is_itself_a_bound_is_met(select: Select, macros: Any) -> None:
    clean = [(0, n, 1 - 0.05 ** (1 / n)) for n in range(1, 200)]
    some_failed = [(k, 60 * k, float(stats.beta.ppf(0.95, k + 1, 59 * k))) for k in range(1, 100)]
    found = judge(select, macros, gates(*clean, *some_failed))

    assert set(found.verdict) == {"pass"}


def test_a_limit_at_an_end(select: Select, macros: Any) -> None:
    found = judge(select, macros, gates((0, 50, 0.0), (1, 50, 0.0), (50, 50, 1.0), (0, 0, 1.0)))

    assert found.verdict.tolist() == ["insufficient", "fail", "insufficient", "pass"]
    assert found.further_clean_prompts.fillna(-1).tolist() == [-1, -1, 1, 0]


def test_more_failures_than_tries_are_no_verdict(select: Select, macros: Any) -> None:
    found = judge(select, macros, gates((3, 2, 0.1)))

    assert found.verdict.tolist() == ["insufficient"]
    assert found.further_clean_prompts.isna().all()


def test_what_is_needed_is_the_smallest_number_that_passes(select: Select, macros: Any) -> None:
    counts = [*range(60), 100, 317, 1_000, 5_000, 10_000]
    limits = [0.0001, 0.001, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.8, 0.95, 0.999]
    table = gates(*((float(k), 0.0, limit) for k in counts for limit in limits))
    found = select(macros.prompts_to_pass("gates"), gates=table)

    assert len(found) == len(counts) * len(limits)
    enough = stats.binom.cdf(found.k, found.prompts, found.allowed_rate)
    one_less = stats.binom.cdf(found.k, found.prompts - 1, found.allowed_rate)
    assert (enough <= 0.05 * (1 + 1e-9)).all()
    assert (one_less > 0.05 * (1 - 1e-9)).all()


def test_a_clean_run_that_just_passes_is_enough(select: Select, macros: Any) -> None:
    """The limit is what n clean prompts show: the same n passes, whichever way it was rounded."""
    table = gates(*((0.0, float(n), 1 - 0.05 ** (1 / n)) for n in range(1, 400)))
    sql = f"select * from ({macros.prompts_to_pass('gates')}) order by allowed_rate desc"

    assert select(sql, gates=table).prompts.tolist() == list(range(1, 400))


def test_further_clean_prompts_make_it_pass(select: Select, macros: Any) -> None:
    table = gates((2, 40, 0.05), (0, 20, 0.01), (7, 100, 0.08), (30, 60, 0.2))
    found = judge(select, macros, table)
    more = found.assign(n=found.n + found.further_clean_prompts)[["k", "n", "allowed_rate"]]

    assert set(judge(select, macros, more).verdict) == {"pass"}
    assert "pass" not in set(judge(select, macros, more.assign(n=more.n - 1)).verdict)


def detectable(select: Select, macros: Any, *rows: tuple[int, int, int]) -> Rows:
    table = pd.DataFrame(rows, columns=["k1", "n1", "n2"])
    sql = f"select * from ({macros.smallest_detectable('compared')}) order by n1, n2, k1"
    return select(sql, compared=table)


def test_smallest_detectable_as_worked_by_hand(select: Select, macros: Any) -> None:
    found = detectable(
        select, macros, (0, 20, 20), (1, 20, 20), (1, 50, 50), (5, 100, 100), (10, 200, 200)
    )

    assert found.smallest_k2.tolist() == [5, 6, 7, 13, 20]


def test_smallest_detectable_is_what_fisher_flags(select: Select, macros: Any) -> None:
    random = np.random.default_rng(23)
    sizes = [*random.integers(3, 300, (30, 2)).tolist(), [20_000, 20_000], [20_000, 30]]
    found = detectable(
        select, macros, *((int(random.integers(0, n1 + 1) * 0.6), n1, n2) for n1, n2 in sizes)
    )

    for row in found.dropna().astype(int).itertuples():
        flagged, one_less = (
            stats.hypergeom.sf(k2 - 1, row.n1 + row.n2, row.k1 + k2, row.n2)
            for k2 in (row.smallest_k2, row.smallest_k2 - 1)
        )
        assert flagged <= 0.05 < one_less
    assert found.smallest_k2.notna().sum() >= 25


def test_too_few_to_see_anything(select: Select, macros: Any) -> None:
    found = detectable(select, macros, (0, 1, 1), (20, 20, 20), (3, 7, 0), (0, 0, 9), (9, 7, 9))

    assert len(found) == 5
    assert found.smallest_k2.isna().all()
