"""Claims and members in, a role and a team out, or a reason: what is not plain is refused."""

from __future__ import annotations

from typing import Any

import pytest

from aism.members import Member
from aism.roles import EVERYONE, ROLES, pages_of
from app.access import SESSION_SECONDS, Access, ClaimNames, Refusal, decide, fold_email
from app.navigation import PAGES

NOW = 1_800_000_000.0
TEAMS = ("payments", "lending", "Zahlungen & Caf\u00e9")
NAMES = ClaimNames("role", "groups")
NO_CLAIMS = ClaimNames()
MEMBERS = (
    Member("ann@example.org", "analyst", None),
    Member("pat@example.org", "product", "payments"),
    Member("stray@example.org", "product", None),
    Member("gone@example.org", "product", "dissolved"),
    Member("twice@example.org", "board", None),
    Member("Twice@example.org", "analyst", None),
    Member("odd@example.org", "owner", None),
    Member("mike@example.org", "executive", None),
    Member("m\u00fcller@example.org", "security", None),
)


def judge(
    email: object = "ann@example.org", names: ClaimNames = NO_CLAIMS, **claims: Any
) -> Access | Refusal:
    told = {"iat": NOW - 60, "email_verified": True, "email": email} | claims
    return decide({k: v for k, v in told.items() if v is not ...}, names, MEMBERS, TEAMS, NOW)


def test_members_have_the_role_and_team_of_the_register() -> None:
    assert judge() == Access("analyst", None, "ann@example.org")
    assert judge("pat@example.org") == Access("product", "payments", "pat@example.org")


@pytest.mark.parametrize("email", ["nobody@example.org", "ann@example.com", "odd@example.org"])
def test_without_a_role_there_is_nothing(email: str) -> None:
    assert judge(email) is Refusal.NO_ROLE


@pytest.mark.parametrize("verified", [False, None, "true", 1, "yes", ...])
def test_only_a_verified_address_counts(verified: object) -> None:
    assert judge(email_verified=verified) is Refusal.UNVERIFIED


@pytest.mark.parametrize(
    "email",
    [
        *("", "ann", "@example.org", "ann@", "a@b@example.org", "ann @example.org", None, 7),
        *(
            "ann@example.org\n",
            "ann@example.org\u200b",
            "\u202eann@example.org",
            ["ann@example.org"],
        ),
        *("mi\u212ae@example.org", "tw\u0131ce@example\u017f.org\u017f", "\u017ftray@example.org"),
    ],
)
def test_an_address_that_is_none_or_a_twin_is_nobodys(email: object) -> None:
    assert judge(email) in (Refusal.NO_EMAIL, Refusal.NO_ROLE)
    assert fold_email(email) not in {fold_email(member.email) for member in MEMBERS}


@pytest.mark.parametrize(
    "email",
    [
        "\u0430nn@example.org",  # Cyrillic
        "\uff41nn@example.org",  # full width
        "ann@ex\u00e4mple.org",
        "ann+x@example.org",
    ],
)
def test_what_looks_alike_is_another_person(email: str) -> None:
    assert judge(email) is Refusal.NO_ROLE


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("ANN@Example.Org", "analyst"),
        ("M\u00dcLLER@example.org", "security"),
        ("mu\u0308ller@example.org", "security"),
    ],
)
def test_case_and_composition_do_not_count(email: str, role: str) -> None:
    found = judge(email)
    assert isinstance(found, Access)
    assert found.role == role


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": NOW - SESSION_SECONDS - 1},
        {"iat": NOW + 3600},
        {"iat": ...},
        {"iat": None},
        {"iat": "1800000000"},
        {"iat": True},
        {"iat": float("nan")},
        {"iat": ..., "auth_time": NOW - SESSION_SECONDS - 1},
    ],
)
def test_a_sign_in_counts_for_eight_hours(claims: dict[str, Any]) -> None:
    assert judge(**claims) is Refusal.EXPIRED


@pytest.mark.parametrize(
    "claims",
    [{"iat": NOW - SESSION_SECONDS}, {"iat": NOW + 60}, {"iat": ..., "auth_time": NOW - 60}],
)
def test_a_sign_in_within_them_counts(claims: dict[str, Any]) -> None:
    assert isinstance(judge(**claims), Access)


def test_two_lines_of_one_person_are_no_answer() -> None:
    assert judge("twice@example.org") is Refusal.AMBIGUOUS


@pytest.mark.parametrize("email", ["stray@example.org", "gone@example.org"])
def test_a_product_person_without_a_file_sees_nothing(email: str) -> None:
    assert judge(email) is Refusal.NO_TEAM


def test_a_role_claim_goes_before_the_register() -> None:
    assert judge(names=NAMES, role="board") == Access("board", None, "ann@example.org")
    assert judge(names=NAMES, role=["staff", "board"]) == Access("board", None, "ann@example.org")
    assert judge(names=NAMES, role="owner") is Refusal.NO_ROLE
    assert judge(names=NAMES, role=[]) is Refusal.NO_ROLE
    assert judge(names=NAMES, role=["board", "analyst"]) is Refusal.AMBIGUOUS
    assert judge(names=NAMES) == Access("analyst", None, "ann@example.org")
    assert judge(role="board") == Access("analyst", None, "ann@example.org"), "no such setting"


def test_a_team_claim_goes_before_the_register() -> None:
    def product(**claims: Any) -> Access | Refusal:
        return judge("pat@example.org", NAMES, **claims)

    assert product(groups="lending") == Access("product", "lending", "pat@example.org")
    assert product(groups=["all staff", "lending"]) == Access(
        "product", "lending", "pat@example.org"
    )
    assert product(groups=["lending", "payments"]) is Refusal.AMBIGUOUS
    assert product(groups=["all staff"]) is Refusal.NO_TEAM
    assert product(groups=["Lending"]) is Refusal.NO_TEAM
    assert product(groups={"lending": 1}) is Refusal.NO_TEAM
    assert product(groups=["Zahlungen & Cafe\u0301"]) == Access(
        "product", "Zahlungen & Caf\u00e9", "pat@example.org"
    )
    assert judge(names=NAMES, groups="lending") == Access("analyst", None, "ann@example.org")


def test_every_page_belongs_to_a_role_and_every_role_to_pages() -> None:
    pages = {module for module, _, _ in PAGES}
    for role in ROLES:
        assert set(pages_of(role)) <= pages
        assert set(EVERYONE) <= set(pages_of(role))
    assert set().union(*(pages_of(role) for role in ROLES)) == pages
    assert set(pages_of("product")) == {"product", "attacks", "explorer", "trust"}
