"""The roles of people who sign in, and the pages of the app that each may open."""

from __future__ import annotations

from typing import Final

EVERYONE: Final = ("explorer", "trust")
"""Pages of every role."""

PRODUCT: Final = "product"
"""The one role that belongs to a team and reads that team's file; all others read the whole."""

ROLES: Final = {
    "executive": ("overview", "security", "board"),
    "security": ("overview", "security", "engineering", "product", "attacks"),
    "engineering": ("engineering", "product"),
    PRODUCT: ("product", "attacks"),
    "board": ("board", "overview"),
    "red_team": ("attacks", "product"),
    "analyst": ("overview", "security", "engineering", "product", "board", "attacks"),
}
"""Pages by role, beside those of everyone; the first is where a person of the role starts."""


def pages_of(role: str) -> tuple[str, ...]:
    """Return the pages that a role may open, the page it starts on first."""
    return (*ROLES[role], *EVERYONE)
