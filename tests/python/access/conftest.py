"""A published warehouse of the sample with the files of its teams."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from aism.roles import PRODUCT, ROLES
from aism.warehouse import Warehouse


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


@pytest.fixture(scope="session")
def staffed(organisation: Organisation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the warehouse with people in it: one of each team, one of each other role."""
    folder = tmp_path_factory.mktemp("staffed")
    generation = organisation.generation
    for file in (generation, generation.with_suffix(".json"), *organisation.teams.values()):
        shutil.copy(file, folder / file.name)
    (folder / "CURRENT").write_text(generation.name, encoding="ascii")
    people: list[dict[str, str | None]] = [
        {"email": f"{team}@example.org", "role": "product", "team": team}
        for team in organisation.teams
    ]
    others = sorted(set(ROLES) - {PRODUCT})
    people += [{"email": f"{role}@example.org", "role": role, "team": None} for role in others]
    number = int(generation.stem.removeprefix("generation-"))
    Warehouse(folder).members_file(number).write_text(json.dumps(people), encoding="utf-8")
    return folder
