"""Who looks at the app just now, from Streamlit's sign-in. Asked anew on every rerun."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import streamlit as st

from aism.duck import current_file
from aism.members import read_members
from aism.settings import Settings
from aism.sign_in import DEMO, MODE, REQUIRED, ROLE_CLAIM, TEAM_CLAIM, is_loopback
from aism.warehouse import Warehouse, number_in
from app.access import Access, ClaimNames, Refusal, decide

SIGNED_OUT: Final = "signed out"
"""In place of an access: nobody has signed in."""

CLOSED: Final = "closed"
"""In place of an access: no sign-in is set up, and this is not served to this machine alone."""


def is_demo() -> bool:
    """Whether nobody has to sign in: none is configured, and only this machine is served."""
    return (
        not _is_configured()
        and os.environ.get(MODE, DEMO) != REQUIRED
        and is_loopback(st.get_option("server.address"))
    )


def claims() -> Mapping[str, Any] | None:
    """Return the verified claims of the person who signed in, None when nobody did."""
    told: Mapping[str, Any] = st.user.to_dict()
    return told if told.get("is_logged_in") is True else None


def current() -> Access | Refusal | str | None:
    """Return what the person may see; None in demo mode, which shows everything."""
    if _is_configured():
        told = claims()
        if told is None:
            return SIGNED_OUT
        folder = Settings.from_environment().warehouse
        file = current_file(folder)
        teams = {} if file is None else team_files(file)
        number = None if file is None else number_in(file.name)
        members = [] if number is None else read_members(Warehouse(folder).members_file(number))
        return decide(told, _claim_names(), members, teams, time.time())
    return None if is_demo() else CLOSED


def team_files(generation: Path) -> dict[str, Path]:
    """Return the files of a generation's teams that are there."""
    number = number_in(generation.name)
    if number is None:
        return {}
    warehouse = Warehouse(generation.parent)
    told = warehouse.record(number).get("teams")
    there = {file.name: file for file in warehouse.team_files(number)}
    named = told if isinstance(told, dict) else {}
    return {team: there[name] for team, name in named.items() if name in there}


def _is_configured() -> bool:
    return bool(st.secrets.load_if_toml_exists()) and "auth" in st.secrets


def _claim_names() -> ClaimNames:
    return ClaimNames(os.environ.get(ROLE_CLAIM) or None, os.environ.get(TEAM_CLAIM) or None)
