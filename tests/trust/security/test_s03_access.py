"""S3. People of one team, and whoever is nobody, try every page for another team's rows.

A case is a person, a page, a way, and a team that is not the person's. Pages are drawn by the
whole app, sign-in and navigation with it, in this process: all that a browser would be sent is
searched for whatever belongs to another team.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from aism.duck import open_published
from aism.roles import PRODUCT, pages_of
from app import data, identity
from app.access import SESSION_SECONDS
from app.components.listings import LISTINGS
from app.navigation import PAGES
from tests.python.access.leaks import WORD
from tests.python.access.people import (
    Organisation,
    SignIn,
    claims_of,
    everything,
    foreign,
    named,
    provider,
)
from tests.trust.conftest import Built, Control, Measure
from tests.trust.figures import figure

SCRIPT: Final = str(Path(__file__).parents[3] / "app" / "streamlit_app.py")
SECONDS: Final = 300
MODULES: Final = tuple(module for module, _, _ in PAGES)
ADDRESSES: Final = {module: address for module, _, address in PAGES}
TEAMS: Final = (
    *("payments", "lending-products", "wealth-tech"),
    *("digital-channels", "financial-crime", "knowledge-platform"),
)
TWINS: Final = str.maketrans("aeopc", "\u0430\u0435\u043e\u0440\u0441")
"""Letters of another alphabet that look the same."""


def pairs(module: str, way: str) -> list[tuple[str, str]]:
    """Return who tries it, and for which team: others for each page and way."""
    found = list(permutations(TEAMS, 2))
    return random.Random(f"{module} {way}").sample(found, figure(2, 12))


def persons(module: str, way: str) -> list[str]:
    return random.Random(f"{module} {way}").sample(TEAMS, figure(2, 5))


@pytest.fixture(scope="module")
def organisation(sample: Built) -> Organisation:
    return Organisation.of(sample.warehouse)


@pytest.fixture(scope="module")
def staffed(organisation: Organisation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation.staff(tmp_path_factory.mktemp("staffed"))


@pytest.fixture(scope="module")
def systems(organisation: Organisation) -> dict[str, str]:
    """Return one system of each team, by team."""
    with open_published(organisation.generation) as connection:
        return dict(
            connection.execute(
                "select owner_team, min(system_id) from core.dim_systems group by owner_team"
            ).fetchall()
        )


@pytest.fixture
def sign_in(staffed: Path, monkeypatch: pytest.MonkeyPatch) -> SignIn:
    return provider(staffed, monkeypatch)


def page_at(module: str, query: dict[str, str] | None = None, **session: Any) -> AppTest:
    """Ask the app for a page, as a browser does that sends its address and an old session."""
    page = AppTest.from_file(SCRIPT, default_timeout=SECONDS)
    page._page_hash = calc_hash(ADDRESSES[module])
    for name, value in (query or {}).items():
        page.query_params[name] = value
    for name, value in session.items():
        page.session_state[name] = value
    return page.run()


def shown(page: AppTest) -> str:
    """Return what is shown and offered, without what the address itself says."""
    texts = [str(each.value) for each in [*page.markdown, *page.metric, *page.caption]]
    texts += [str(option) for box in [*page.selectbox, *page.multiselect] for option in box.options]
    return "\n".join([*texts, *(frame.value.to_csv() for frame in page.dataframe)])


def check_shows_only(
    page: AppTest, organisation: Organisation, team: str, module: str, *asked: str
) -> None:
    """Fail unless a page is one of the person's, or says that it is none, and names no other."""
    assert not page.exception
    assert not page.error
    (title,) = page.title
    is_theirs = module in pages_of(PRODUCT)
    assert (title.value == "Not a page of your role") != is_theirs
    others = foreign(organisation, team)
    assert named(everything(page), others - set(asked)) == set()
    assert named(shown(page), others) == set()


def check_is_shut(page: AppTest) -> None:
    """Fail unless there is nothing but the way in."""
    assert not page.exception
    assert [title.value for title in page.title] == ["AI Security Metrics"]
    assert not page.dataframe
    assert not page.metric
    assert "Generation" not in shown(page)
    assert not set(WORD.findall(shown(page))) & set(TEAMS)
    with pytest.raises(data.NotAllowedError):
        data.published()


def by_a_link(module: str, other: str, system: str) -> AppTest:
    query = {"team": other, "system": system, "dimension": "owner_team", "segment": other}
    return page_at(module, query | {"grain": "quarter", "metric": "finding_count"})


def by_a_link_to_rows(module: str, other: str, system: str) -> AppTest:
    rows = "finding_count" if module == "explorer" else "oldest_findings"
    query = {"rows": rows, "dimension": "system", "segment": system, "of": other}
    return page_at(module, query | {"entity": system})


def by_a_session(module: str, other: str, system: str) -> AppTest:
    asked = {"role": "analyst", "email": f"{other}@example.org"}
    claims = {"team": other, "access": other, "generation": other, "user": claims_of(other)}
    picked = {"picker_dimension": "owner_team", "picker_segment": other, "picker_team": other}
    return page_at(module, asked, **claims, **picked, picker_system=system)


WAYS: Final[dict[str, Callable[[str, str, str], AppTest]]] = {
    "link": by_a_link,
    "link to rows": by_a_link_to_rows,
    "session": by_a_session,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("module", MODULES)
def test_asked_for_another_team(
    organisation: Organisation,
    systems: dict[str, str],
    sign_in: SignIn,
    measure: Measure,
    module: str,
    way: str,
) -> None:
    for team, other in pairs(module, way):
        sign_in(f"{team}@example.org")
        page = WAYS[way](module, other, systems[other])
        asked = (other, systems[other], f"{other}@example.org")
        check_shows_only(page, organisation, team, module, *asked)
        measure("S3", cases=1, foreign_names=0)


@pytest.mark.parametrize("module", MODULES)
def test_what_was_kept_for_another(
    organisation: Organisation, sign_in: SignIn, measure: Measure, module: str
) -> None:
    for team, other in pairs(module, "kept"):
        for before in ("analyst", other):
            sign_in(f"{before}@example.org")
            assert not page_at(module).exception
        sign_in(f"{team}@example.org")
        check_shows_only(page_at(module), organisation, team, module)
        measure("S3", cases=1, foreign_names=0)


@pytest.mark.parametrize("number", range(len(MODULES)), ids=MODULES)
def test_downloads(
    organisation: Organisation,
    systems: dict[str, str],
    sign_in: SignIn,
    measure: Measure,
    number: int,
) -> None:
    """Each list that the app offers, of the person's file, asked for another team's part."""
    for team, other in pairs(MODULES[number], "download"):
        sign_in(f"{team}@example.org")
        generation = data.published()
        assert generation is not None
        for listing in sorted(LISTINGS)[number :: len(MODULES)]:
            for of in (other, systems[other]):
                rows = data.table(generation, listing, of=of).to_csv()
                assert named(rows, foreign(organisation, team)) == set(), listing
        measure("S3", cases=1, foreign_names=0)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("way", ["signed out", "expired", "twin"])
def test_nobody(sign_in: SignIn, measure: Measure, module: str, way: str) -> None:
    """A session in which somebody saw the page before."""
    for team in persons(module, way):
        sign_in(f"{team}@example.org")
        page = page_at(module)
        assert data.published() is not None
        match way:
            case "signed out":
                sign_in(None)
            case "expired":
                sign_in(f"{team}@example.org", iat=time.time() - SESSION_SECONDS - 1)
            case _:
                sign_in(f"{team.translate(TWINS)}@example.org")
        check_is_shut(page.run())
        measure("S3", cases=1)


def test_no_byte_of_a_teams_file_names_anothers_system(
    organisation: Organisation, measure: Measure
) -> None:
    with open_published(organisation.generation) as connection:
        owners = connection.execute(
            "select system_id, owner_team from core.dim_systems where system_id <> 'unknown'"
        ).fetchall()
    for team, file in organisation.teams.items():
        content = file.read_bytes()
        held = {system for system, _ in owners if system.encode() in content}
        assert held == {system for system, owner in owners if owner == team} != set()
    measure("S3", team_files=len(organisation.teams))


def test_another_teams_rows_would_be_noticed(
    organisation: Organisation,
    sign_in: SignIn,
    control: Control,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    team, other = TEAMS[:2]
    sign_in("analyst@example.org")
    for module in ("product", "attacks"):
        seen = named(everything(page_at(module)), foreign(organisation, team))
        control(f"other teams are found where an analyst reads: {module}", seen != set())
    sign_in(f"{team}@example.org")
    files = identity.team_files
    monkeypatch.setattr(
        identity, "team_files", lambda file: {each: files(file)[other] for each in files(file)}
    )
    with pytest.raises(AssertionError):
        check_shows_only(page_at("product"), organisation, team, "product")
    control("another team's file is noticed", True)
