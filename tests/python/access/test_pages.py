"""Each team's person over the pages: no other team in what is shown, picked, said or downloaded."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import data
from app.access import SESSION_SECONDS
from app.components.listings import LISTINGS
from app.components.text import plain
from tests.python.access.leaks import WORD
from tests.python.access.people import (
    Organisation,
    SignIn,
    everything,
    foreign,
    named,
    provider,
)

SCRIPT = str(Path(__file__).parents[3] / "app" / "streamlit_app.py")
SECONDS = 60
TEAM, OTHER, THEIR_SYSTEM = "payments", "lending-products", "loan-advisor"
MODULES = ("product", "attacks", "explorer", "trust")


@pytest.fixture
def sign_in(staffed: Path, monkeypatch: pytest.MonkeyPatch) -> SignIn:
    """Have the provider vouch for somebody, from the next rerun on; None: signed out."""
    return provider(staffed, monkeypatch)


def open_page(module: str | None = None, **query: str) -> AppTest:
    if module is None:
        page = AppTest.from_file(SCRIPT, default_timeout=SECONDS)
    else:
        page = AppTest.from_string(
            f"from app.app_pages import {module}\n{module}.show()", default_timeout=SECONDS
        )
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


@pytest.mark.parametrize("module", MODULES)
def test_a_page_of_a_team_names_no_other(
    organisation: Organisation, sign_in: SignIn, module: str
) -> None:
    sign_in(f"{TEAM}@example.org")
    page = open_page(module)
    assert not page.exception
    assert not page.error
    assert named(everything(page), foreign(organisation, TEAM)) == set()
    assert len(page.title) == 1


def test_the_same_page_of_an_analyst_does(organisation: Organisation, sign_in: SignIn) -> None:
    sign_in("analyst@example.org")
    for module in ("product", "attacks"):
        page = open_page(module)
        assert named(everything(page), foreign(organisation, TEAM)), module


@pytest.mark.parametrize(
    ("module", "query"),
    [
        ("product", {"team": OTHER}),
        ("product", {"system": THEIR_SYSTEM}),
        ("attacks", {"system": THEIR_SYSTEM}),
        ("attacks", {"rows": "retests", "of": THEIR_SYSTEM}),
        ("explorer", {"dimension": "owner_team", "segment": OTHER}),
        ("explorer", {"dimension": "system", "segment": THEIR_SYSTEM}),
        ("explorer", {"dimension": "all"}),
        ("explorer", {"dimension": "system", "segment": THEIR_SYSTEM, "rows": "finding_count"}),
        ("trust", {"rows": "quarantined_rows"}),
        ("trust", {"rows": "source_files"}),
    ],
)
def test_a_link_to_another_teams_data_shows_none_of_it(
    organisation: Organisation, sign_in: SignIn, module: str, query: dict[str, str]
) -> None:
    sign_in(f"{TEAM}@example.org")
    page = open_page(module, **query)
    assert not page.exception
    asked = set(query.values())  # the link itself may be said back
    assert named(everything(page), foreign(organisation, TEAM) - asked) == set()
    shown = "".join(frame.value.to_csv() for frame in page.dataframe)
    assert not asked & {OTHER, THEIR_SYSTEM} & set(WORD.findall(shown))


@pytest.mark.parametrize("listing", sorted(LISTINGS))
def test_no_list_of_the_app_holds_another_teams_rows(
    organisation: Organisation, sign_in: SignIn, listing: str
) -> None:
    sign_in(f"{TEAM}@example.org")
    generation = data.published()
    assert generation is not None
    for of in (None, OTHER, THEIR_SYSTEM):
        shown = data.table(generation, listing, of=of).to_csv()
        assert named(shown, foreign(organisation, TEAM)) == set()


def test_the_explorer_offers_the_team_and_its_systems_only(
    organisation: Organisation, sign_in: SignIn
) -> None:
    sign_in(f"{TEAM}@example.org")
    generation = data.published()
    assert generation is not None
    assert generation.team == TEAM
    offered = data.segment_values(generation)
    assert offered.keys() == {"owner_team", "system"}
    assert offered["owner_team"] == [TEAM]
    page = open_page("explorer")
    assert page.query_params["segment"] in (TEAM, [TEAM])
    assert {"Whole program"} & set(page.selectbox(key="picker_dimension").options) == set()


def test_the_rows_behind_a_number_of_a_team_are_its_own(
    organisation: Organisation, sign_in: SignIn
) -> None:
    sign_in(f"{TEAM}@example.org")
    page = open_page("explorer", rows="finding_acceptance_rate", grain="trailing_12_months")
    assert not page.exception
    assert page.dataframe
    assert named(everything(page), foreign(organisation, TEAM)) == set()


def test_what_was_kept_for_one_team_is_not_shown_to_the_next(
    organisation: Organisation, sign_in: SignIn
) -> None:
    """The same process, the same page, one person after the other, as the app serves them."""
    for team in (OTHER, TEAM, "wealth-tech", OTHER):
        sign_in(f"{team}@example.org")
        for module in ("product", "explorer"):
            text = everything(open_page(module))
            assert named(text, foreign(organisation, team)) == set(), (team, module)
            assert team in text


def test_a_session_does_not_outlive_the_sign_in(sign_in: SignIn) -> None:
    sign_in(f"{TEAM}@example.org")
    page = open_page()
    assert TEAM in everything(page)
    sign_in(f"{TEAM}@example.org", iat=time.time() - SESSION_SECONDS - 1)
    page.run()
    assert not page.dataframe
    assert TEAM not in "".join(element.value for element in page.markdown)
    assert [button.label for button in page.button] == ["Sign in again", "Sign out"]


def test_a_session_follows_the_person_not_the_session_state(
    organisation: Organisation, sign_in: SignIn
) -> None:
    sign_in(f"{TEAM}@example.org")
    page = open_page("product")
    for name in ("role", "team", "email", "access", "generation"):
        page.session_state[name] = OTHER
    page.query_params["role"] = "analyst"
    page.query_params["email"] = f"{OTHER}@example.org"
    page.run()
    shown = "".join(element.value for element in [*page.markdown, *page.metric])
    assert named(shown, foreign(organisation, TEAM)) == set()


@pytest.mark.parametrize(
    ("email", "more", "says"),
    [
        (None, {}, "Sign in to see"),
        ("nobody@example.org", {}, "given you a role"),
        ("analyst@example.org", {"email_verified": False}, "vouch"),
        ("\u0430nalyst@example.org", {}, "given you a role"),
        ("analy\u017ft@example.org", {}, "without doubt"),
        ("analyst@example.org", {"iat": 0}, "too old"),
    ],
)
def test_whoever_has_no_role_gets_the_gate_and_no_data(
    sign_in: SignIn, email: str | None, more: dict[str, Any], says: str
) -> None:
    sign_in(email, **more)
    page = open_page(rows="oldest_findings")
    assert not page.exception
    assert not page.dataframe
    assert not page.metric
    assert says in "".join(element.value for element in [*page.markdown, *page.warning])
    with pytest.raises(data.NotAllowedError):
        data.published()


def test_a_team_whose_file_is_gone_gets_no_other(staffed: Path, sign_in: SignIn) -> None:
    sign_in(f"{TEAM}@example.org")
    found = data.published()
    assert found is not None
    file = Path(found.file)
    hidden = file.rename(file.with_suffix(".gone"))
    try:
        page = open_page()
        assert not page.metric
        assert "none is yours" in page.warning[0].value
    finally:
        hidden.rename(file)


def test_the_start_page_is_the_first_of_the_role(sign_in: SignIn) -> None:
    for email, title in (
        (f"{TEAM}@example.org", "AI product teams"),
        ("board@example.org", "Board and audit committee"),
        ("analyst@example.org", "Executive overview"),
    ):
        sign_in(email)
        page = open_page()
        assert page.title[0].value == title
        text = "".join(element.value for element in page.markdown)
        assert f"Signed in as {plain(email)}" in text
        assert "Demo mode" not in text
