"""What keeps models and their tests readable for every engine, seen without running one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.yaml_files import read_yaml
from tests.python.compiled import PROJECT

LONGEST_NAME = 63
"""Of a relation on PostgreSQL; dbt makes one with the name of each unit test."""
ONE_ENGINE = re.compile(
    r"\bas (?:double|varchar)\)|::\w|\bqualify\b"
    r"|\b(?:unnest|try_cast|list_\w+|date_diff|date_add|to_months)\("
    r"|\bgroup by all\b|\border by all\b|\bexclude \(",
    re.IGNORECASE,
)
COMMENT = re.compile(r"--[^\n]*|\{#.*?#\}", re.DOTALL)


def sources() -> list[Path]:
    return sorted(
        path
        for folder in ("models", "macros", "tests/integrity", "tests/generic")
        for path in (PROJECT / folder).rglob("*")
        if path.suffix in (".sql", ".yml") and "cross_db" not in path.parts
    )


def of_one_engine(sql: str) -> list[str]:
    """Return what only some engines understand, but for comments."""
    return ONE_ENGINE.findall(COMMENT.sub("", sql))


@pytest.mark.parametrize(
    "sql",
    [
        "cast(x as double)",
        "x::int",
        "cross join unnest(y)",
        "select * exclude (a)",
        "qualify a = 1",
    ],
)
def test_sql_of_one_engine_is_noticed(sql: str) -> None:
    assert len(of_one_engine(sql)) == 1
    assert of_one_engine(f"-- {sql}\n{{# {sql} #}}") == []


def test_sql_of_one_engine_stands_in_cross_db_only() -> None:
    found = {
        str(path.relative_to(PROJECT)): hits
        for path in sources()
        if (hits := of_one_engine(path.read_text("utf-8")))
    }
    assert found == {}


def test_names_of_unit_tests_are_names_of_tables() -> None:
    long = [
        unit_test["name"]
        for path in (PROJECT / "models").rglob("*.yml")
        for unit_test in read_yaml(path).get("unit_tests", [])
        if len(unit_test["name"]) > LONGEST_NAME
    ]
    assert long == []
