"""A published warehouse of the sample, built once, and how tests open what was published."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from aism.duck import open_published
from app import data


@pytest.fixture(scope="session")
def warehouse(request: pytest.FixtureRequest) -> Path:
    """Return the sample's warehouse: AISM_TEST_WAREHOUSE where given, else built for the tests."""
    given = os.environ.get("AISM_TEST_WAREHOUSE")
    built: Path = Path(given).absolute() if given else request.getfixturevalue("sample_warehouse")
    return built


@pytest.fixture
def generation(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> data.Generation:
    return published_in(warehouse, monkeypatch)


@pytest.fixture
def marts(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file itself, to check against."""
    name = (warehouse / "CURRENT").read_text(encoding="ascii").strip()
    with open_published(warehouse / name) as connection, connection.cursor() as cursor:
        cursor.execute("use marts")
        yield cursor


def published_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> data.Generation:
    """Have the app read a warehouse, and return the generation that it finds there."""
    monkeypatch.setenv("AISM_WAREHOUSE_DIR", str(folder))
    found = data.published()
    assert found is not None
    return found
