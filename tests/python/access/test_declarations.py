"""Every published model says what teams get of it, and says what its table has."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from aism.errors import AuditError
from aism.team_files import Rows, Share, parse_share
from scripts.yaml_files import read_yaml

MODELS = Path(__file__).parents[3] / "models"
PUBLISHED = ("core", "marts")


@cache
def described() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for folder in PUBLISHED:
        for file in sorted((MODELS / folder).glob("*.yml")):
            found |= {model["name"]: model for model in read_yaml(file).get("models", [])}
    return found


def declared(model: dict[str, Any]) -> Any:
    return model.get("config", {}).get("meta", {}).get("team_file")


def test_every_published_model_declares_it() -> None:
    models = {file.stem for folder in PUBLISHED for file in (MODELS / folder).glob("*.sql")}
    silent = {name for name in models if not declared(described().get(name, {}))}
    assert silent == set()


def test_declarations_fit_their_columns() -> None:
    known = described()
    columns = {name: {c["name"] for c in model["columns"]} for name, model in known.items()}
    for name, model in known.items():
        share = parse_share(name, declared(model))
        needed = {*share.by, *share.blank, *(share.own or {})}
        if share.condition:
            needed.add(share.condition)
        if share.rows is Rows.SYSTEMS:
            needed.add("system_id")
        assert needed <= columns[name], name
        for table, key in (share.own or {}).values():
            assert {key, "system_id"} <= columns[table], name


def test_what_has_a_system_is_never_given_whole() -> None:
    """A table with systems, teams or segments in it is no team's as a whole."""
    telling = {"system_id", "system_name", "owner_team", "segment_value", "raw_text", "file_name"}
    whole = {
        name
        for name, model in described().items()
        if parse_share(name, declared(model)).rows is Rows.ALL
        and telling & {column["name"] for column in model["columns"]}
    }
    assert whole == set()


def test_ledgers_and_aggregates_of_all_teams_stay_empty() -> None:
    known = described()
    for name in (
        *("landing_files", "quarantined_rows", "delivery_checks", "unmapped_values"),
        *("program_context", "resource_summary", "companion_signals", "year_over_year"),
        *("compliance_coverage", "emerging_threats", "dispute_patterns", "fct_costs"),
    ):
        assert parse_share(name, declared(known[name])).rows is Rows.NONE, name


@pytest.mark.parametrize(
    "text",
    [
        "systems",
        "{}",
        "{rows: everything}",
        "{rows: systems, without: [title]}",
        "{rows: findings}",
        "{rows: systems, by: [finding_id]}",
        "{rows: systems, own: {finding_id: fct_findings}}",
        "{rows: systems, own: [finding_id]}",
    ],
)
def test_a_declaration_that_says_something_else_is_refused(text: str) -> None:
    with pytest.raises(AuditError, match="a_model declares"):
        parse_share("a_model", yaml.safe_load(text))


def test_a_declaration_is_read() -> None:
    text = "{rows: findings, by: [a], if: b, blank: [c], own: {d: fct_findings.finding_id}}"
    assert parse_share("a_model", yaml.safe_load(text)) == Share(
        Rows.FINDINGS, "b", ("a",), frozenset({"c"}), {"d": ("fct_findings", "finding_id")}
    )
