"""What a person sees who may not see anything: how to sign in, or whom to ask."""

from __future__ import annotations

import streamlit as st

from app import identity
from app.access import Access, Refusal
from app.components.text import plain
from app.components.typography import muted

WHOM_TO_ASK = (
    "Ask whoever runs this app: a role comes from a claim of the sign-in provider or from the "
    "register `program/team_members.csv`, and counts once a build was published."
)


def show_gate(state: Refusal | str) -> None:
    """Draw the page in place of every other."""
    st.title("AI Security Metrics", anchor=False)
    if state == identity.CLOSED:
        st.error(
            "Nothing is shown: no sign-in is set up, and this app may be reached from other "
            "machines. Start it with `aism app`."
        )
        return
    if isinstance(state, Refusal):
        st.warning(state.value)
        st.markdown(WHOM_TO_ASK)
        if state is Refusal.EXPIRED:
            st.button("Sign in again", on_click=st.login, type="primary")
        st.button("Sign out", on_click=st.logout)
        return
    st.markdown("Sign in to see the numbers that your role has.")
    st.button("Sign in", on_click=st.login, type="primary")


def show_other_page() -> None:
    """Draw a page that the role does not have."""
    st.title("Not a page of your role", anchor=False)
    st.info("Your role does not have this page. The pages that it has are listed above.")


def show_person(access: Access) -> None:
    """Draw who is signed in, and the way out."""
    role = access.role.replace("_", " ")
    team = "" if access.team is None else f", team {plain(access.team)}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        muted(f"Signed in as {plain(access.email)}, {role}{team}.")
        st.button("Sign out", on_click=st.logout, type="tertiary", key="sign_out")
