"""The mutator on a toy model: what a good test kills, what a weak one lets live, what is no SQL."""

from __future__ import annotations

import re
from typing import Any

import pytest

from scripts.mutate.__main__ import complaints, rate
from scripts.mutate.explained import as_row, explained, survivor
from scripts.mutate.operators import mutants
from scripts.mutate.sql import Sql
from scripts.mutate.trial import Outcome, Trial, UnitTest

MODEL = """\
with findings as (
    select * from {{ ref('findings') }}
    where not is_excluded and severity in ('high', 'low')
),

-- Fixed in time: the day it is due, it's still in time.
measured as (
    select
        findings.finding_id,
        reported_at,
        case when findings.fixed_at <= findings.due_at or false then 1 else 0 end as numerator,
        row_number() over (
            partition by severity, tool order by reported_at, finding_id desc
        ) as place,
        max(tool) over () as last_tool,
        sum(hours) over (order by reported_at rows unbounded preceding) as hours
    from findings
)

select * from measured
"""
FINDINGS = """
select * from (values
    ('early', 'high', 'a', timestamp '2026-01-01', timestamp '2026-01-05', timestamp '2026-01-09', 1, false),
    ('last_moment', 'high', 'a', '2026-01-02', '2026-01-09', '2026-01-09', 2, false),
    ('late', 'low', 'a', '2026-01-03', '2026-01-10', '2026-01-09', 3, false),
    ('open', 'low', 'b', '2026-01-03', null, '2026-01-09', 4, false),
    ('copy', 'low', 'b', '2026-01-03', null, '2026-01-09', 5, true),
    ('remark', 'none', 'b', '2026-01-03', null, '2026-01-09', 6, false)
) as rows (finding_id, severity, tool, reported_at, fixed_at, due_at, hours, is_excluded)
"""  # noqa: E501
EXPECTED = [
    {"finding_id": "early", "numerator": "1"},
    {"finding_id": "late", "numerator": "0"},
    {"finding_id": "last_moment", "numerator": "1"},
    {"finding_id": "open", "numerator": "0"},
]


def render(sources: list[str]) -> list[str]:
    return [re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r'"\1"', source) for source in sources]


def trial(expected: list[dict[str, Any]], inputs: str = FINDINGS) -> Trial:
    test = UnitTest("a_test", {"findings": inputs}, expected, render)
    toy = Trial("models/metrics/toy.sql", MODEL, [test])
    toy.run()
    return toy


def outcomes(toy: Trial) -> dict[str, Outcome]:
    return {mutant.after: outcome for mutant, outcome in toy.outcomes.items()}


def test_a_test_with_the_telling_rows_kills() -> None:
    found = outcomes(trial(EXPECTED))

    case = "case when findings.fixed_at {} findings.{} or false then 1 else 0 end as numerator,"
    assert found[case.format("<", "due_at")] is Outcome.KILLED
    assert found[case.format("<=", "reported_at")] is Outcome.KILLED
    assert found["where not is_excluded"] is Outcome.KILLED
    assert found["where is_excluded and severity in ('high', 'low')"] is Outcome.KILLED


def test_a_weak_test_leaves_a_survivor() -> None:
    without_the_last_moment = FINDINGS.replace(
        "('last_moment', 'high', 'a', '2026-01-02', '2026-01-09', '2026-01-09', 2, false),", ""
    )
    expected = [row for row in EXPECTED if row["finding_id"] != "last_moment"]

    found = outcomes(trial(expected, without_the_last_moment))

    strictly_earlier = (
        "case when findings.fixed_at < findings.due_at or false then 1 else 0 end as numerator,"
    )
    assert found[strictly_earlier] is Outcome.SURVIVED


def test_a_column_that_nobody_expects_survives_and_what_is_no_sql_is_invalid() -> None:
    found = outcomes(trial(EXPECTED))

    assert found["due_at as reported_at,"] is Outcome.SURVIVED
    assert found["sum(tool) over () as last_tool,"] is Outcome.INVALID


def test_a_test_that_fails_anyway_is_an_error_not_a_kill() -> None:
    with pytest.raises(ValueError, match="a_test fails without any mutation"):
        trial(EXPECTED[:2])


def test_each_kind_of_mistake_is_made_where_it_fits() -> None:
    dated = {"findings": ["reported_at", "fixed_at", "due_at"]}
    found = {(mutant.operator, mutant.after) for mutant in mutants(Sql(MODEL), dated)}

    assert ("filter", "") in found
    assert ("comparison", "where not is_excluded and severity not in ('high', 'low')") in found
    assert ("and / or", "where not is_excluded or severity in ('high', 'low')") in found
    assert ("literal", "where not is_excluded and severity in ('low', 'low')") in found
    assert ("order", "partition by severity, tool order by reported_at") in found
    assert ("order", "partition by severity, tool order by reported_at, finding_id asc") in found
    assert ("window", "partition by tool order by reported_at, finding_id desc") in found
    assert ("date", "fixed_at as reported_at,") in found
    whole = "max(hours) over (order by reported_at rows unbounded preceding) as hours"
    assert ("aggregate", whole) in found


def test_joins_null_tests_and_months_are_mutated() -> None:
    source = (
        "select a.x, count(distinct b.y) as n, {{ add_months('a.day', -11) }} as start\n"
        "from a\n"
        "left join b on a.x = b.x and b.y is not null\n"
        "inner join c on a.x = c.x\n"
        "group by 1, 3\n"
    )

    found = {(mutant.operator, mutant.after) for mutant in mutants(Sql(source), {})}

    assert ("join", "inner join b on a.x = b.x and b.y is not null") in found
    assert ("join", "left join c on a.x = c.x") in found
    assert ("join condition", "left join b on a.x = b.x") in found
    assert ("join condition", "inner join c on true") in found
    assert ("null test", "left join b on a.x = b.x and b.y is null") in found
    assert not any("group by 0" in after for _, after in found)
    assert any("add_months('a.day', -10)" in after for _, after in found)
    assert any("count(b.y)" in after for _, after in found)


def test_a_survivor_needs_a_reason_and_a_reason_a_survivor() -> None:
    toy = trial(EXPECTED)
    alive = [m for m, outcome in toy.outcomes.items() if outcome is Outcome.SURVIVED]
    rows = [as_row(survivor(toy.file, mutant)) for mutant in alive]
    reasons = "\n".join(row.removesuffix(" |") + " equivalent |" for row in rows)
    stale = "| toy | measured | `a` | `b` | was equivalent |"

    assert 0 < rate([toy]) < 1
    assert "not" in " ".join(complaints([toy], explained("\n".join(rows)))).lower()
    assert not [c for c in complaints([toy], explained(reasons)) if c.startswith("| toy")]
    assert as_row(next(iter(explained(stale)))) in complaints([toy], explained(stale))
