"""A published warehouse of the sample with the files of its teams."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.python.access.people import Organisation
from tests.python.published import warehouse as warehouse


@pytest.fixture(scope="session")
def organisation(warehouse: Path) -> Organisation:
    return Organisation.of(warehouse)


@pytest.fixture(scope="session")
def staffed(organisation: Organisation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the warehouse with people in it: one of each team, one of each other role."""
    return organisation.staff(tmp_path_factory.mktemp("staffed"))
