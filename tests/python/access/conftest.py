"""A published warehouse of the sample with the files of its teams."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Organisation:
    """A published generation and its teams' files."""

    generation: Path
    teams: dict[str, Path]


@pytest.fixture(scope="session")
def warehouse(request: pytest.FixtureRequest) -> Path:
    """Return the sample's warehouse: AISM_TEST_WAREHOUSE where given, else built for the tests."""
    given = os.environ.get("AISM_TEST_WAREHOUSE")
    built: Path = Path(given).absolute() if given else request.getfixturevalue("sample_warehouse")
    return built


@pytest.fixture(scope="session")
def organisation(warehouse: Path) -> Organisation:
    generation = warehouse / (warehouse / "CURRENT").read_text(encoding="ascii").strip()
    record = json.loads(generation.with_suffix(".json").read_text(encoding="utf-8"))
    return Organisation(
        generation, {team: warehouse / name for team, name in record["teams"].items()}
    )
