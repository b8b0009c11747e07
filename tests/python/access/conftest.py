"""A published warehouse of the sample with the files of its teams."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.python.access.people import Organisation


@pytest.fixture(scope="session")
def warehouse(request: pytest.FixtureRequest) -> Path:
    """Return the sample's warehouse: AISM_TEST_WAREHOUSE where given, else built for the tests."""
    given = os.environ.get("AISM_TEST_WAREHOUSE")
    built: Path = Path(given).absolute() if given else request.getfixturevalue("sample_warehouse")
    return built


@pytest.fixture(scope="session")
def organisation(warehouse: Path) -> Organisation:
    return Organisation.of(warehouse)


@pytest.fixture(scope="session")
def staffed(organisation: Organisation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the warehouse with people in it: one of each team, one of each other role."""
    return organisation.staff(tmp_path_factory.mktemp("staffed"))
