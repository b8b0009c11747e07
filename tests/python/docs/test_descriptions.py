"""A description says more than the name it describes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.yaml_files import read_yaml

ROOT = Path(__file__).parents[3]
FILES = sorted([*(ROOT / "models").rglob("*.yml"), *(ROOT / "seeds").rglob("*.yml")])
FILLER = {"a", "an", "and", "for", "in", "is", "it", "its", "of", "on", "the", "this", "to"}


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower().replace("_", " ")))


def says_nothing(name: str, description: str | None) -> bool:
    """Tell whether the description has no word that the name does not have already."""
    return not description or not (words(description) - FILLER - words(name))


def described() -> list[tuple[str, str, str | None]]:
    found = []
    for file in FILES:
        document = read_yaml(file)
        for kind in ("models", "seeds"):
            for node in document.get(kind, []):
                found.append(
                    (f"{file.stem}: {node['name']}", node["name"], node.get("description"))
                )
                for column in node.get("columns", []):
                    where = f"{file.stem}: {node['name']}.{column['name']}"
                    found.append((where, column["name"], column.get("description")))
    return found


def test_every_description_says_something() -> None:
    assert [where for where, name, text in described() if says_nothing(name, text)] == []


@pytest.mark.parametrize(
    ("name", "description", "empty"),
    [
        ("owner_team", "The owner team.", True),
        ("owner_team", "", True),
        ("owner_team", None, True),
        ("owner_team", "Team that owns the system.", False),
    ],
)
def test_restating_the_name_counts_as_missing(
    name: str, description: str | None, empty: bool
) -> None:
    assert says_nothing(name, description) is empty
