"""The policy as shipped fits the contract of the lake, and a wrong one is named."""

from __future__ import annotations

import msgspec
import pytest

from aism.deliveries.figures import Figures, measure
from aism.deliveries.policy import Policy, SourcePolicy, read_policy
from aism.errors import UsageError
from aism.land.files import PROGRAM
from aism.land.registers import PARSED_TABLES
from aism.land.schemas import TABLES
from tests.python.deliveries.conftest import AS_OF, PROJECT, Deliveries


@pytest.fixture(scope="module")
def policy() -> Policy:
    return read_policy(PROJECT)


def test_sources_and_columns_of_the_policy_exist(policy: Policy) -> None:
    tables = PARSED_TABLES | TABLES
    for source, expected in policy.by_source.items():
        table = tables[expected.table or f"parsed/{source.removeprefix(PROGRAM)}"]
        assert {expected.dated_by, *expected.labels} <= {*table.names}, source


def test_a_register_is_dated_by_its_key_date(policy: Policy) -> None:
    assert policy.by_source["program/findings"].dated_by == "reported_at"
    assert policy.by_source["program/findings"].every_days is not None
    assert policy.by_source["program/input_vectors"].dated_by == "identified_at"


def test_the_mart_knows_every_check(policy: Policy) -> None:
    model = msgspec.yaml.decode((PROJECT / "models/marts/delivery_checks.yml").read_bytes())
    columns = {column["name"]: column for column in model["models"][0]["columns"]}
    accepted = columns["check_name"]["data_tests"][0]["accepted_values"]["arguments"]["values"]
    assert {e.check_name for e in (*policy.files, *policy.sources)} == set(accepted)


def test_a_column_that_does_not_exist_is_named(deliveries: Deliveries, policy: Policy) -> None:
    deliveries.land()
    wrong = msgspec.structs.replace(
        policy, by_source={"program/findings": SourcePolicy(dated_by="found_at")}
    )
    with pytest.raises(UsageError, match="found_at"):
        measure(deliveries.settings.home / "lake", wrong, AS_OF)


def test_an_expectation_that_cannot_be_tested_is_named(
    deliveries: Deliveries, policy: Policy
) -> None:
    # Imports Great Expectations: not while every worker collects the tests.
    from aism.deliveries.judge import JudgeError, judge

    deliveries.land()
    figures: Figures = measure(deliveries.settings.home / "lake", policy, AS_OF)
    mistyped = msgspec.structs.replace(policy.files[0], kwargs={"column": "sate", "value_set": []})
    wrong = msgspec.structs.replace(policy, files=(mistyped,))
    with pytest.raises(JudgeError, match="completeness"):
        judge(figures, wrong, AS_OF)
