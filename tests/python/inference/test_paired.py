"""Runs of the same prompts, compared prompt by prompt, against scipy's t test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.python.inference.conftest import Rows, Select

BEFORE = [0, 0, 0, 0, 0, 0, 1, 2, 7, 14]
AFTER = [0, 0, 1, 0, 0, 2, 4, 6, 11, 17]


def pairs(run: int, before: Any, after: Any) -> pd.DataFrame:
    return pd.DataFrame({"run": run, "rate_before": before, "rate_after": after})


def compare(select: Select, macros: Any, *runs: pd.DataFrame) -> Rows:
    sql = f"select * from ({macros.paired_by_prompt('pairs', ['run'])}) order by run"
    return select(sql, pairs=pd.concat(runs))


def test_as_worked_by_hand(select: Select, macros: Any) -> None:
    (found,) = compare(
        select, macros, pairs(1, np.array(BEFORE) / 20, np.array(AFTER) / 20)
    ).itertuples()

    assert found.prompts == 10
    assert found.difference == pytest.approx(0.085)
    assert found.standard_error == pytest.approx(0.026926, abs=5e-7)
    assert found.t == pytest.approx(3.1568, abs=5e-5)
    assert found.p_increase == pytest.approx(0.005805, abs=5e-7)
    assert (round(found.interval_low, 4), round(found.interval_high, 4)) == (0.0241, 0.1459)


def test_60_random_runs(select: Select, macros: Any) -> None:
    random = np.random.default_rng(11)
    runs = []
    for run in range(60):
        prompts = int(random.choice([2, 3, 10, 57, 200]))
        before = random.binomial(20, random.beta(0.5, 2, prompts)) / 20
        after = np.clip(before + random.normal(0.03, 0.1, prompts), 0, 1)
        runs.append(pairs(run, before, after))

    found = compare(select, macros, *runs)

    for row, rates in zip(found.itertuples(), runs, strict=True):
        difference = rates.rate_after - rates.rate_before
        greater = stats.ttest_1samp(difference, 0, alternative="greater")
        two_sided = stats.ttest_1samp(difference, 0)
        interval = two_sided.confidence_interval(0.95)
        assert row.t == pytest.approx(greater.statistic, rel=1e-9)
        assert row.p_increase == pytest.approx(greater.pvalue, abs=1e-9)
        assert row.p_two_sided == pytest.approx(two_sided.pvalue, abs=1e-9)
        assert [row.interval_low, row.interval_high] == pytest.approx(list(interval), abs=1e-9)


def test_more_prompts_than_the_seed_has_take_the_normal_quantile(
    select: Select, macros: Any
) -> None:
    after = np.linspace(0, 1, 201)
    (found,) = compare(select, macros, pairs(1, after * 0, after)).itertuples()

    margin = 1.959963984540054 * stats.sem(after)
    assert found.interval_high == pytest.approx(0.5 + margin, abs=1e-12)
    assert found.p_increase == pytest.approx(stats.t.sf(found.t, 200), abs=1e-12)


def test_a_prompt_of_one_run_only_is_left_out_and_counted(select: Select, macros: Any) -> None:
    rows = pairs(1, [0.0, 0.1, None, 0.3], [0.1, 0.3, 1.0, None])
    (found,) = compare(select, macros, rows).itertuples()

    assert (found.prompts, found.unpaired_prompts) == (2, 2)
    assert found.difference == pytest.approx(0.15)


def test_no_spread_no_judgement(select: Select, macros: Any) -> None:
    found = compare(
        select,
        macros,
        pairs(1, [0.2], [0.6]),
        pairs(2, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        pairs(3, [0.1, 0.15, 0.7], [0.2, 0.25, 0.8]),
        pairs(4, [None, 0.1], [0.3, None]),
    )

    judged = found[["t", "interval_low", "interval_high", "p_increase", "p_two_sided"]]
    assert judged.isna().all(axis=None)
    assert found.difference.round(12).fillna(-1).tolist() == [0.4, 0, 0.1, -1]
    assert found.standard_error.fillna(-1).tolist() == [-1, 0, 0, -1]
