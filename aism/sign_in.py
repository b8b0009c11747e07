"""Whether people have to sign in to the app, and to whom it may be served."""

from __future__ import annotations

import ipaddress
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from aism.errors import UsageError

MODE: Final = "AISM_SIGN_IN"
"""Tells the app what its command found: `required`, or `demo`."""
REQUIRED: Final = "required"
DEMO: Final = "demo"

AUTH_FILE: Final = "AISM_AUTH_FILE"
ROLE_CLAIM: Final = "AISM_OIDC_ROLE_CLAIM"
TEAM_CLAIM: Final = "AISM_OIDC_TEAM_CLAIM"

NEEDED: Final = (
    *("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url"),
)
SHORTEST_SECRET: Final = 32


def is_signed_in_app(file: Path, *, is_asked_for: bool) -> bool:
    """Return whether the file sets up sign-in; False where there is no file or no section `auth`.

    Args:
        file: in Streamlit's format of secrets.
        is_asked_for: somebody named the file, so that it has to be there and have the section.

    Raises:
        UsageError: it cannot be read, or something is missing: then nothing is served.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if is_asked_for:
            raise UsageError(f"{AUTH_FILE} names {file}, which is not there.") from None
        return False
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot read {file}: {type(error).__name__}.") from error
    auth = content.get("auth")
    if auth is None and not is_asked_for:
        return False
    if not isinstance(auth, dict):
        raise UsageError(f"{file} has no section [auth]: see docs/access.md.")
    missing = [key for key in NEEDED if not isinstance(auth.get(key), str) or not auth[key]]
    if missing:
        raise UsageError(f"The section [auth] of {file} lacks {', '.join(missing)}.")
    if len(auth["cookie_secret"]) < SHORTEST_SECRET:
        raise UsageError(
            f"The cookie_secret of {file} is shorter than {SHORTEST_SECRET} characters: who "
            "guesses it can be anybody."
        )
    if find_spec("authlib") is None:
        raise UsageError("Sign-in needs Authlib: pip install 'ai-security-metrics[auth]'.")
    return True


def is_loopback(address: object) -> bool:
    """Return whether a server at this address is reached from this machine only."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(address)).is_loopback
    except ValueError:
        return False


def check_address(address: str, *, is_signed_in: bool) -> None:
    """Refuse to serve everything to everybody.

    Raises:
        UsageError: without sign-in the address must be of this machine alone.
    """
    if not is_signed_in and not is_loopback(address):
        raise UsageError(
            f"Without sign-in the app is served to this machine only (127.0.0.1), not at "
            f"{address!r}. Set sign-in up first: docs/access.md."
        )
