"""Repeats of one prompt are alike: the effective number of trials, against statsmodels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tests.python.inference.conftest import Rows, Select

WORKED = [0, 0, 0, 0, 0, 0, 1, 2, 7, 14]

CLUSTERED = """
with runs as (
    select
        run,
        sum(k)::double as k,
        sum(m)::double as n,
        count(*) as clusters,
        sum(k) / sum(m)::double as p
    from prompts
    group by run
),

residuals as (
    select
        runs.run,
        sum(power(prompts.k - prompts.m * runs.p, 2)) as squared_residuals
    from runs
    inner join prompts on runs.run = prompts.run
    group by runs.run
),

sized as (
    select
        runs.*,
        {effective_n} as effective_n,
        {z} as z
    from runs
    inner join residuals on runs.run = residuals.run
    left join t_critical_values on runs.clusters = t_critical_values.clusters
)

select
    run,
    k,
    n,
    effective_n,
    {low} as low,
    {high} as high,
    {naive_low} as naive_low,
    {naive_high} as naive_high
from sized
order by run
"""


def clustered(select: Select, macros: Any, prompts: pd.DataFrame) -> Rows:
    sql = CLUSTERED.format(
        effective_n=macros.effective_n("k", "n", "runs.clusters", "squared_residuals"),
        z=macros.clustered_z("k", "n", "t_975"),
        low=macros.wilson_bound("p", "effective_n", "-", "z"),
        high=macros.wilson_bound("p", "effective_n", "+", "z"),
        naive_low=macros.wilson_bound("p", "n", "-"),
        naive_high=macros.wilson_bound("p", "n", "+"),
    )
    return select(sql, prompts=prompts)


def prompts(run: int, k: Any, m: Any) -> Rows:
    return pd.DataFrame({"run": run, "k": k, "m": m})


def standard_error(k: Any, m: Any) -> float:
    """Of the rate of all tries, prompts being the clusters."""
    tries = np.concatenate(
        [np.r_[np.ones(done), np.zeros(made - done)] for done, made in zip(k, m, strict=True)]
    )
    fitted = sm.OLS(tries, np.ones(len(tries))).fit(
        cov_type="cluster",
        cov_kwds={"groups": np.repeat(np.arange(len(m)), m), "use_correction": True},
    )
    # The fitted correction has the tries too, (N - 1) / (N - 1) for a single mean.
    return float(fitted.bse[0])


def test_100_clustered_runs(select: Select, macros: Any) -> None:
    random = np.random.default_rng(17)
    drawn: list[tuple[Any, Any]] = []
    while len(drawn) < 100:
        m = random.integers(1, 25, int(random.integers(2, 60)))
        k = random.binomial(m, random.beta(0.3, 1, len(m)))
        if 0 < k.sum() < m.sum():
            drawn.append((k, m))

    found = clustered(
        select, macros, pd.concat([prompts(run, k, m) for run, (k, m) in enumerate(drawn)])
    )

    narrower = 0
    for row, (k, m) in zip(found.itertuples(), drawn, strict=True):
        p = row.k / row.n
        # The effect of the design is never taken below 1: as if the tries were independent.
        expected = max(standard_error(k, m), (p * (1 - p) / row.n) ** 0.5)
        narrower += expected > standard_error(k, m)
        assert (p * (1 - p) / row.effective_n) ** 0.5 == pytest.approx(expected, abs=1e-10)
    assert narrower < 30


def test_as_worked_by_hand(select: Select, macros: Any) -> None:
    (found,) = clustered(select, macros, prompts(1, WORKED, 20)).itertuples()

    assert found.effective_n == pytest.approx(19.76, abs=5e-3)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0313, 0.3650)
    assert (round(found.naive_low, 4), round(found.naive_high, 4)) == (0.0820, 0.1723)


def test_nothing_succeeded_counts_prompts_and_one_prompt_is_one(
    select: Select, macros: Any
) -> None:
    found = clustered(
        select,
        macros,
        pd.concat([prompts(1, [0] * 10, 20), prompts(2, [20] * 10, 20), prompts(3, [7], 20)]),
    )

    assert found.effective_n.tolist() == [10, 10, 1]
    assert round(found.high[0], 4) == 0.2775


def test_twenty_prompts_of_twenty_tries_are_covered(select: Select, macros: Any) -> None:
    """Coverage of the nominal 95 % in 4,000 runs; the naive interval shows what it costs."""
    random = np.random.default_rng(20)
    for spread, naive_below in [((0.2, 1.8), 0.6), ((1, 9), 0.8)]:
        rates = random.beta(*spread, (4_000, 20))
        table = pd.DataFrame(
            {
                "run": np.repeat(np.arange(4_000), 20),
                "k": random.binomial(20, rates).ravel(),
                "m": 20,
            }
        )
        found = clustered(select, macros, table)

        covered = ((found.low <= 0.1) & (found.high >= 0.1)).mean()
        naive = ((found.naive_low <= 0.1) & (found.naive_high >= 0.1)).mean()
        assert covered >= 0.90
        assert naive < naive_below
