"""The dbt of the checks puts the rows of a unit test where dbt itself would."""

from __future__ import annotations

import pytest
from dbt import compilation
from dbt.artifacts.resources.v1.components import InjectedCTE

from scripts.quick_dbt import HeadsOnly

GIVEN = [
    InjectedCTE(id="one", sql="one as (select 1 as x)"),
    InjectedCTE(id="two", sql="two as (select ';' as y)"),
]


@pytest.mark.parametrize(
    "model",
    [
        "with a as (select x from one), b as (select y from two)\n\nselect * from a, b\n",
        "\n\n-- why; with a word\n/* and\nmore */\nWith\n    a as (select 1)\nselect * from a",
        "with recursive a as (select x from one union all select x + 1 from a) select * from a",
        "select x, 'with' as word from one where x in (with b as (select 1 as x) select x from b)",
        "-- no rows\nselect x from one",
        "(with a as (select x from one) select * from a)",
        "with\tä as (select 'ßé' as x)\r\nselect * from ä",
    ],
    ids=["with", "comments", "recursive", "inner with", "no with", "brackets", "other characters"],
)
def test_common_table_expressions_stand_where_dbt_puts_them(
    monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    expected = compilation.inject_ctes_into_sql(model, GIVEN)
    monkeypatch.setattr(compilation, "sqlparse", HeadsOnly)
    assert compilation.inject_ctes_into_sql(model, GIVEN) == expected
    assert expected.count("one as (select 1 as x)") == 1
