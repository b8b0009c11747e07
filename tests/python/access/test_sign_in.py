"""A real sign-in: the app as people start it, a provider, a browser."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, Page, expect, sync_playwright

from aism.roles import ROLES
from app.access import SESSION_SECONDS
from app.navigation import PAGES
from tests.python.access.provider import CLIENT, CLIENT_SECRET, Provider, serve
from tests.python.serving import app_started, free_port

PROJECT = Path(__file__).parents[3]
CHROMIUM = shutil.which("chromium")
PATIENCE = 60_000

# Where a browser must be there, one that is missing fails.
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("AISM_REQUIRE_BROWSER") != "1",
    reason="no chromium to sign in with",
)


@dataclass(frozen=True)
class Served:
    """The app at its address, and the provider that it trusts."""

    url: str
    provider: Provider


@pytest.fixture(scope="module")
def served(staffed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with serve() as provider:
        folder = tmp_path_factory.mktemp("auth")
        file = folder / "auth.toml"
        file.write_text(
            f"""
            [auth]
            redirect_uri = "{url}/oauth2callback"
            cookie_secret = "{"s" * 40}"
            client_id = "{CLIENT}"
            client_secret = "{CLIENT_SECRET}"
            server_metadata_url = "{provider.url}/.well-known/openid-configuration"
            """,
            encoding="utf-8",
        )
        variables = {"AISM_AUTH_FILE": str(file), "AISM_WAREHOUSE_DIR": str(staffed)}
        with app_started(port, folder / "log", **variables):
            yield Served(url, provider)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def sign_in(page: Page, served: Served, email: str, **claims: Any) -> None:
    served.provider.claims = {"email": email, "email_verified": True} | claims
    page.goto(served.url)
    # What is on the page is that of before, until the provider has sent the browser back.
    with page.expect_response(lambda response: "/oauth2callback" in response.url):
        page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{served.url}/")
    page.wait_for_load_state("load")


@pytest.fixture(autouse=True)
def honest(served: Served) -> None:
    served.provider.wrong = {}
    served.provider.signs_with = None


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"product"}))
def test_a_role_signs_in_and_starts_at_its_page(page: Page, served: Served, role: str) -> None:
    sign_in(page, served, f"{role}@example.org")
    expect(page.get_by_text("Signed in as")).to_be_visible(timeout=PATIENCE)
    titles = {module: title for module, title, _ in PAGES}
    for module, title in titles.items():
        link = page.get_by_role("link", name=title, exact=True)
        has_it = module in ROLES[role] or module in ("explorer", "trust")
        expect(link).to_have_count(1 if has_it else 0)


def test_a_product_person_reads_the_file_of_the_team(page: Page, served: Served) -> None:
    sign_in(page, served, "payments@example.org")
    expect(page.get_by_text("Signed in as")).to_be_visible(timeout=PATIENCE)
    text = page.locator("body").inner_text()
    assert "card-dispute-agent" in text or "payments" in text
    assert "lending-products" not in text
    page.goto(f"{served.url}/security")
    expect(page.get_by_text("Not a page of your role")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Sign in to see")).to_be_visible(timeout=PATIENCE)


def test_nothing_without_signing_in_wherever_a_link_leads(page: Page, served: Served) -> None:
    for address in ("", "security", "explorer?rows=finding_acceptance_rate", "trust"):
        page.goto(f"{served.url}/{address}")
        expect(page.get_by_text("Sign in to see")).to_be_visible(timeout=PATIENCE)
        assert "Generation" not in page.locator("body").inner_text()


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"aud": "another-app"},
        {"iss": "https://id.example.com"},
        {"exp": 1_700_000_000, "iat": 1_699_999_000},
    ],
    ids=["nonce", "audience", "issuer", "expired"],
)
def test_a_token_that_is_not_for_this_sign_in_is_none(
    page: Page, served: Served, wrong: dict[str, Any]
) -> None:
    served.provider.wrong = wrong
    before = served.provider.tokens_given
    sign_in(page, served, "analyst@example.org")
    expect(page.get_by_text("Sign in to see")).to_be_visible(timeout=PATIENCE)
    assert served.provider.tokens_given == before + 1, "the token was given, and refused"
    assert "_streamlit_user" not in {cookie["name"] for cookie in page.context.cookies()}


def test_a_token_that_another_signed_is_none(page: Page, served: Served) -> None:
    served.provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    before = served.provider.tokens_given
    sign_in(page, served, "analyst@example.org")
    expect(page.get_by_text("Sign in to see")).to_be_visible(timeout=PATIENCE)
    assert served.provider.tokens_given == before + 1


@pytest.mark.parametrize(
    ("email", "claims", "says"),
    [
        ("analyst@example.org", {"email_verified": False}, "does not vouch"),
        ("\u0430nalyst@example.org", {}, "given you a role"),
        ("analy\u017ft@example.org", {}, "without doubt"),
        ("nobody@example.org", {"role": "analyst"}, "given you a role"),
        ("analyst@example.org", {"iat": int(time.time()) - SESSION_SECONDS - 60}, "too old"),
    ],
    ids=["unverified", "cyrillic", "long_s", "unasked_claim", "old"],
)
def test_a_true_token_of_nobody_here_shows_nothing(
    page: Page, served: Served, email: str, claims: dict[str, Any], says: str
) -> None:
    sign_in(page, served, email, **claims)
    expect(page.get_by_text(says)).to_be_visible(timeout=PATIENCE)
    assert "Generation" not in page.locator("body").inner_text()
