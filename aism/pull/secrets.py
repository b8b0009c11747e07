"""Tokens: read from the environment, sent in one header, and written nowhere."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

from aism.errors import UsageError

_VISIBLE = re.compile(r"[!-~]+\Z")
_SHORTEST = 4
"""A shorter token would be found in every text."""


@dataclass(frozen=True, slots=True)
class Secret:
    """The value of the header ``Authorization``; never part of a ``repr``."""

    variables: str
    """Names of the environment variables that made it, for people."""
    header: str = field(repr=False)
    forms: tuple[str, ...] = field(repr=False)
    """Spellings in which the token could come back: the longest first."""

    def hide_in(self, text: str) -> str:
        """Return ``text`` without the token."""
        for form in self.forms:
            text = text.replace(form, "***")
        return text

    def is_in(self, data: bytes | str) -> bool:
        """Tell whether the token stands in ``data``."""
        text = data.decode("latin-1") if isinstance(data, bytes) else data
        return any(form in text for form in self.forms)


def read_secret(
    environ: Mapping[str, str], token: str, scheme: str = "Bearer", user: str | None = None
) -> Secret:
    """Make the header of the variable named ``token``, and of ``user`` where it is set.

    With a user it is Basic authentication, else ``<scheme> <token>``.

    Raises:
        UsageError: the variable is missing, or holds what cannot be a token.

    """
    value = environ.get(token, "").strip()
    if not value:
        raise UsageError(f"Set {token} in the environment: a token that may read the tracker.")
    if not _VISIBLE.match(value) or len(value) < _SHORTEST:
        raise UsageError(
            f"{token} is no token: it is too short, or holds blanks or signs beyond ASCII."
        )
    name = environ.get(user, "").strip() if user else ""
    if not name.isprintable() or ":" in name:
        raise UsageError(f"{user} is no name of a user: an e-mail address, for Jira Cloud.")
    encoded = base64.b64encode(value.encode()).decode()
    forms = {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], encoded}
    if not name:
        return Secret(token, f"{scheme} {value}", _longest_first(forms))
    pair = base64.b64encode(f"{name}:{value}".encode()).decode()
    return Secret(f"{user} and {token}", f"Basic {pair}", _longest_first({*forms, pair}))


def _longest_first(forms: set[str]) -> tuple[str, ...]:
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))
