"""The chances behind the p values, against scipy; and the forms for engines other than DuckDB."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from tests.python.inference.conftest import Select, rendered


def test_normal(select: Select, macros: Any) -> None:
    cases = pd.DataFrame({"z": [*np.linspace(-9, 36, 400), 0, 1.959963984540054]})
    found = select(f"select z, {macros.normal_upper('z')} as p from cases", cases=cases)

    expected = stats.norm.sf(found.z)
    np.testing.assert_allclose(found.p, expected, rtol=1e-9, atol=0)
    np.testing.assert_allclose(found.p, expected, rtol=0, atol=1e-13)


def test_student(select: Select, macros: Any) -> None:
    freedom = [1, 2, 3, 4, 9, 19, 49, 199, 1_000, 20_000]
    cases = pd.DataFrame(
        [(t, df) for df in freedom for t in [*np.linspace(-40, 40, 120), 0, 0.01, 2.262157]],
        columns=["t", "df"],
    )
    found = select(
        f"select t, df, {macros.student_t_upper('t', 'df')} as p from cases", cases=cases
    )

    np.testing.assert_allclose(found.p, stats.t.sf(found.t, found.df), rtol=1e-9, atol=1e-300)


def test_unknown_in_unknown_out(select: Select, macros: Any) -> None:
    normal, student = macros.normal_upper("x"), macros.student_t_upper("x", "df")
    found = select(
        f"select {normal} as normal, {student} as student from (values (null, 3.0)) as v (x, df)"
    )

    assert found.isna().all(axis=None)


def test_an_expression_may_stand_in_any_other(select: Select, macros: Any) -> None:
    expressions = [
        macros.normal_upper("x"),
        macros.student_t_upper("x", "n"),
        macros.success_within("x / 4", "n"),
        macros.success_within_tries("1", "n", "2"),
        macros.wilson_bound("x / 4", "n", "+"),
        macros.newcombe_bound("x / 9", "n", "x / 4", "n", "-"),
        macros.ln_choose("n", "x"),
    ]
    for expression in expressions:
        sql = f"select {expression} as plain, 10 * {expression} / 2.0 as more from cases"
        found = select(sql, cases={"x": [1.0], "n": [9.0]})
        assert found.more[0] == pytest.approx(5 * found.plain[0])


def test_ln_gamma_of_any_engine(select: Select, macros: Any) -> None:
    cases = pd.DataFrame({"x": [0.5, 1, 1.5, 2, 3, 7.5, 20, 171, 20_001, 1e6]})
    stirling = rendered("postgres").ln_gamma("x")
    found = select(
        f"select x, {stirling} as stirling, {macros.ln_gamma('x')} as engine from cases",
        cases=cases,
    )

    expected = special.gammaln(found.x)
    assert "lgamma" not in stirling
    assert (abs(found.stirling - expected) <= 1e-12 * np.maximum(1, expected)).all()
    assert (abs(found.engine - expected) <= 1e-12 * np.maximum(1, expected)).all()


def test_default_forms_give_the_same_numbers(select: Select, macros: Any) -> None:
    compared = pd.DataFrame(
        [(1, 20, 4, 20), (300, 900, 350, 900)], columns=["k1", "n1", "k2", "n2"]
    )
    counts = pd.DataFrame([(1, 20), (0, 5), (40, 900)], columns=["k", "n"])
    for name, table, key in [("fisher_exact", compared, "k1"), ("exact_bounds", counts, "k")]:
        found = [
            select(f"select * from ({getattr(form, name)('cases')}) order by {key}", cases=table)
            for form in (macros, rendered("postgres"))
        ]
        np.testing.assert_allclose(found[0], found[1], rtol=0, atol=1e-11)
