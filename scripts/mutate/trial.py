"""Runs mutants against the unit tests of their model as dbt would: expected columns, any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import duckdb
from dbt_common.exceptions import CompilationError

from scripts.mutate.operators import Mutant, mutants
from scripts.mutate.sql import Sql

Render = Callable[[list[str]], list[str]]
"""Turns sources of a model into SQL that reads the test's inputs."""


class Outcome(StrEnum):
    KILLED = "killed"
    SURVIVED = "survived"
    INVALID = "invalid"


@dataclass(frozen=True)
class UnitTest:
    name: str
    inputs: Mapping[str, str]
    """The query that gives each mocked relation."""
    expected: list[dict[str, Any]]
    render: Render


@dataclass
class Trial:
    """One model, its unit tests, and what became of its mutants."""

    file: str
    source: str
    tests: list[UnitTest]
    outcomes: dict[Mutant, Outcome] = field(default_factory=dict)

    def run(self) -> None:
        for test in self.tests:
            with Bench(test) as bench:
                if not self.outcomes:
                    sql = Sql(self.source)
                    found = mutants(sql, bench.dated_columns(sql))
                    self.outcomes = dict.fromkeys(found, Outcome.SURVIVED)
                if bench.outcome(self.source) is not Outcome.SURVIVED:
                    raise ValueError(f"{self.file}: {test.name} fails without any mutation")
                alive = [m for m, outcome in self.outcomes.items() if outcome is Outcome.SURVIVED]
                rendered = test.render([mutant.source for mutant in alive])
                for mutant, statement in zip(alive, rendered, strict=True):
                    self.outcomes[mutant] = bench.judge(statement)


class Bench:
    """A database that holds the inputs of one unit test."""

    def __init__(self, test: UnitTest) -> None:
        self.test = test
        self.columns = list(test.expected[0]) if test.expected else []
        self.expected_rows: dict[tuple[str, ...], Counter[tuple[Any, ...]] | None] = {}

    def __enter__(self) -> Bench:
        self.connection = duckdb.connect(config={"threads": 1})
        for name, query in self.test.inputs.items():
            self.connection.execute(f'create table "{name}" as {query}')
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def dated_columns(self, sql: Sql) -> dict[str, list[str]]:
        """Return the date and time columns of each relation that the model's selects read."""
        relations = {
            relation
            for i, token in enumerate(sql.tokens)
            if token.is_word("select")
            for relation in sql.relations(i).values()
        }
        found: dict[str, list[str]] = {}
        for relation in sorted(relations):
            try:
                [probe] = self.test.render([sql.probe(relation)])
                result = self.connection.sql(probe)
            except (duckdb.Error, CompilationError):
                # A lateral subquery has no columns of its own, nor a relation that a loop names.
                continue
            columns = zip(result.columns, result.types, strict=True)
            found[relation] = [n for n, kind in columns if str(kind).startswith(("DATE", "TIMES"))]
        return found

    def outcome(self, source: str) -> Outcome:
        [statement] = self.test.render([source])
        return self.judge(statement)

    def judge(self, statement: str) -> Outcome:
        try:
            result = self.connection.sql(statement)
            chosen = ", ".join(f'"{name}"' for name in self.columns) or "*"
            actual = result.project(chosen)
            rows = Counter(actual.fetchall())
        except duckdb.Error:
            return Outcome.INVALID
        expected = self._expected(tuple(str(kind) for kind in actual.types))
        return Outcome.SURVIVED if rows == expected else Outcome.KILLED

    def _expected(self, types: tuple[str, ...]) -> Counter[tuple[Any, ...]] | None:
        """Return the expected rows in the types of the actual ones; None where they do not fit."""
        if types not in self.expected_rows:
            casts = ", ".join(f"cast(? as {kind})" for kind in types)
            try:
                rows = [
                    self.connection.execute(f"select {casts}", list(row.values())).fetchall()
                    for row in self.test.expected
                ]
                self.expected_rows[types] = Counter(row for [row] in rows)
            except duckdb.Error:
                self.expected_rows[types] = None
        return self.expected_rows[types]
