"""People of the sample's organisation who sign in, and all that a page sends them."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from aism.roles import PRODUCT, ROLES
from aism.warehouse import Warehouse
from app import identity
from tests.python.access.leaks import WORD, names_by_team

SignIn = Callable[..., None]


@dataclass(frozen=True)
class Organisation:
    """A published generation and its teams' files."""

    generation: Path
    teams: dict[str, Path]

    @classmethod
    def of(cls, warehouse: Path) -> Organisation:
        """Return what a warehouse has published."""
        generation = warehouse / (warehouse / "CURRENT").read_text(encoding="ascii").strip()
        record = json.loads(generation.with_suffix(".json").read_text(encoding="utf-8"))
        return cls(generation, {team: warehouse / name for team, name in record["teams"].items()})

    def staff(self, folder: Path) -> Path:
        """Copy the warehouse with people in it: one of each team, one of each other role."""
        for file in (self.generation, self.generation.with_suffix(".json"), *self.teams.values()):
            shutil.copy(file, folder / file.name)
        (folder / "CURRENT").write_text(self.generation.name, encoding="ascii")
        people: list[dict[str, str | None]] = [
            {"email": f"{team}@example.org", "role": "product", "team": team} for team in self.teams
        ]
        others = sorted(set(ROLES) - {PRODUCT})
        people += [{"email": f"{role}@example.org", "role": role, "team": None} for role in others]
        number = int(self.generation.stem.removeprefix("generation-"))
        members = Warehouse(folder).members_file(number)
        members.write_text(json.dumps(people), encoding="utf-8")
        return folder


def claims_of(email: str, **more: Any) -> dict[str, Any]:
    """Return what a provider says of somebody who signed in a minute ago."""
    return {"email": email, "email_verified": True, "iat": time.time() - 60} | more


def provider(staffed: Path, monkeypatch: pytest.MonkeyPatch) -> SignIn:
    """Return what has the provider vouch for somebody, from the next rerun on; None: signed out."""
    monkeypatch.setenv("AISM_WAREHOUSE_DIR", str(staffed))
    monkeypatch.setattr(identity, "_is_configured", lambda: True)

    def vouch(email: str | None, **more: Any) -> None:
        told: Mapping[str, Any] | None = None if email is None else claims_of(email, **more)
        monkeypatch.setattr(identity, "claims", lambda: told)

    vouch(None)
    return vouch


def everything(page: AppTest) -> str:
    """Return all that a browser is sent for a page: texts, tables, charts, options, addresses."""
    return "\n".join([str(page.main), str(page.query_params), str(page.session_state)]) + "\n".join(
        frame.value.to_csv() for frame in page.dataframe
    )


def foreign(organisation: Organisation, team: str) -> set[str]:
    """Return what gives other teams away, but for words that are also plain English."""
    told = names_by_team(organisation.generation)
    return set().union(*(names for other, names in told.items() if other != team)) - {"unknown"}


def named(text: str, names: set[str]) -> set[str]:
    """Return which of the names are in a text, as words or with the spaces in them."""
    return (set(WORD.findall(text)) & names) | {n for n in names if " " in n and n in text}
