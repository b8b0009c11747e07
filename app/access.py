"""Who a signed-in person is to the app: a role and perhaps a team, or the reason why neither.

Everything here is decided from the claims that the sign-in provider vouched for and from the
register of members, never from anything a person can type. What is not plain is refused.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from aism.members import Member
from aism.roles import PRODUCT, ROLES

SESSION_SECONDS: Final = 8 * 3600
"""How long a sign-in counts, from the time the provider says it was; the cookie lives longer."""

CLOCK_SKEW_SECONDS: Final = 300
"""How far ahead the clock of a provider may be."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a person may see. ``team`` is that of the role product, None for all others."""

    role: str
    team: str | None
    email: str


class Refusal(Enum):
    """Why a person sees nothing, in words for that person."""

    UNVERIFIED = "The sign-in provider does not vouch for your e-mail address."
    NO_EMAIL = "The sign-in provider tells no e-mail address that can be read without doubt."
    EXPIRED = "Your sign-in is too old, or its time is not known. Sign in again."
    NO_ROLE = "Nobody has given you a role here yet."
    AMBIGUOUS = "You have several roles or teams here, and only one can count."
    NO_TEAM = "Your role reads the file of one team, and none is yours in the published numbers."


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Names of claims that hold the role and the team; None: the provider has no such claim."""

    role: str | None = None
    team: str | None = None


def decide(
    claims: Mapping[str, Any],
    names: ClaimNames,
    members: Sequence[Member],
    teams: Collection[str],
    now: float,
) -> Access | Refusal:
    """Return what the bearer of verified claims may see.

    Args:
        claims: of the ID token, whose signature, issuer, audience and nonce were checked.
        names: where the role and the team are among them.
        members: the register; it counts where a claim is not there.
        teams: those that have a file.
        now: seconds since 1970.
    """
    if not _is_recent(claims, now):
        return Refusal.EXPIRED
    if claims.get("email_verified") is not True:
        return Refusal.UNVERIFIED
    email = fold_email(claims.get("email"))
    if email is None:
        return Refusal.NO_EMAIL
    own = {(m.role, _same(m.team)) for m in members if fold_email(m.email) == email}
    roles = _values(claims, names.role)
    if roles is None:
        roles = {role for role, _ in own}
    roles &= ROLES.keys()
    if len(roles) != 1:
        return Refusal.AMBIGUOUS if roles else Refusal.NO_ROLE
    role = roles.pop()
    if role != PRODUCT:
        return Access(role, None, email)
    claimed = _values(claims, names.team)
    found = {team for _, team in own if team} if claimed is None else {_same(t) for t in claimed}
    mine = [team for team in teams if _same(team) in found]
    if len(mine) != 1:
        return Refusal.AMBIGUOUS if mine else Refusal.NO_TEAM
    return Access(role, mine[0], email)


def fold_email(text: object) -> str | None:
    """Return the one spelling under which an address is compared, None for what is no address.

    Case and composition do not count. A letter that only looks like, or folds into, an ASCII one
    (the long s, the Kelvin sign) makes another address, which is nobody's.
    """
    if not isinstance(text, str):
        return None
    name, at, domain = text.partition("@")
    if not (name and at and domain) or "@" in domain:
        return None
    if any(unicodedata.category(character)[0] in "CZ" for character in text):
        return None
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return None if folded.isascii() and not text.isascii() else folded


def _is_recent(claims: Mapping[str, Any], now: float) -> bool:
    issued = claims.get("iat", claims.get("auth_time"))
    if isinstance(issued, bool) or not isinstance(issued, (int, float)):
        return False
    return bool(-CLOCK_SKEW_SECONDS <= now - issued <= SESSION_SECONDS)


def _values(claims: Mapping[str, Any], name: str | None) -> set[str] | None:
    """Return the texts of a claim, one or a list; None where there is no such claim."""
    if name is None or claims.get(name) is None:
        return None
    told = claims[name]
    return {text for text in (told if isinstance(told, list) else [told]) if isinstance(text, str)}


def _same(text: str | None) -> str:
    return unicodedata.normalize("NFC", text or "").strip()
