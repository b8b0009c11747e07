"""S1. Every page of an organisation that wrote nothing but markup, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page

from app.components.listings import LISTINGS
from app.navigation import PAGES
from tests.trust.conftest import Control, Measure
from tests.trust.figures import figure
from tests.trust.security.conftest import (
    WORDS,
    Beacon,
    Served,
    beacon_served,
    open_page,
    visit,
)
from tests.trust.security.payloads import BEACON, BROWSER, RAN

SYSTEMS: Final = ("support-bot", "wealth-assistant", "card-dispute-agent", "rag-search")
VIEWS: Final = (
    *((module, address, {}) for module, _, address in PAGES),
    *(("product", "product", {"system": system}) for system in SYSTEMS),
    *(("attacks", "attack-success", {"system": system}) for system in SYSTEMS[:2]),
    ("overview", "", {"rows": "oldest_findings"}),
    ("overview", "", {"rows": "untested_launches"}),
    ("explorer", "explorer", {"metric": "system_test_coverage_rate", "grain": "month"}),
    ("explorer", "explorer", {"metric": "finding_acceptance_rate", "dimension": "tool"}),
    ("explorer", "explorer", {"dimension": "owner_team", "segment": BROWSER[0]}),
)
LISTS: Final = sorted(LISTINGS)[: figure(6, 1_000)]
KEYS: Final = ("segment", "of", "metric", "entity", "team")
LINKS_PER_KEY: Final = figure(3, 12)


def seen_text(page: Page) -> str:
    """Return what is on the page, also where it is scrolled away, without what cannot be seen."""
    text: str = page.evaluate(
        "() => document.body.innerText + ' ' + "
        "[...document.querySelectorAll('[title], [aria-label], canvas')].map("
        "e => (e.title || '') + ' ' + (e.ariaLabel || '') + ' ' + e.textContent).join(' ')"
    )
    return words_of(text)


def check_is_harmless(page: Page) -> None:
    assert page.evaluate(f"() => window.{RAN} === undefined"), "a script ran"
    hrefs: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('[href], [src], [action]')].map("
        "e => e.getAttribute('href') || e.getAttribute('src') || e.getAttribute('action'))"
    )
    assert [h for h in hrefs if h.lower().startswith(("javascript:", "vbscript:", BEACON))] == []
    assert page.locator("iframe, object, embed, base").count() == 0


SCROLLED: Final = """async (most) => {
    const seen = [];
    for (const grid of document.querySelectorAll('.dvn-scroller')) {
        const table = grid.closest('[data-testid=stDataFrame]').querySelector('canvas');
        const drawn = () => new Promise(done => {
            const watch = new MutationObserver(() => { watch.disconnect(); done(); });
            watch.observe(table, {childList: true, subtree: true, characterData: true});
            setTimeout(() => { watch.disconnect(); done(); }, 1000);
        });
        const high = grid.clientHeight * 0.8, wide = grid.clientWidth * 0.8;
        const down = Math.min(most, Math.ceil(grid.scrollHeight / high));
        for (let y = 0; y < down; y++) {
            for (let x = 0; x < Math.ceil(grid.scrollWidth / wide); x++) {
                const before = [grid.scrollLeft, grid.scrollTop].join();
                const ready = drawn();
                grid.scrollTo(x * wide, y * high);
                if ([grid.scrollLeft, grid.scrollTop].join() !== before) await ready;
                seen.push(table.textContent);
            }
        }
    }
    return seen.join(' ');
}"""
"""A table holds the cells in view and no others: scroll through it, and it has drawn them all."""
SCREENS: Final = 40
"""Of a table at most."""


def words_of(text: str) -> str:
    """Return text without what cannot be seen, and one blank where there are some."""
    return " ".join(text.replace("\u200b", "").split())


class Look(Protocol):
    def __call__(self, address: str, *, is_scrolled: bool = False) -> str: ...


@pytest.fixture
def look(browser: Browser, served: Served, beacon: Beacon) -> Iterator[Look]:
    """Open an address of the app, fail if anything hostile worked; return what is to be read."""
    with visit(browser, served.url) as found:

        def at(address: str, *, is_scrolled: bool = False) -> str:
            open_page(found.page, f"{served.url}/{address}")
            text = seen_text(found.page)
            if is_scrolled:
                text += f" {words_of(found.page.evaluate(SCROLLED, SCREENS))}"
            check_is_harmless(found.page)
            assert found.dialogs == []
            assert found.foreign == [], "something was asked for elsewhere"
            assert beacon.asked == []
            return text

        yield at


def test_every_page_and_list_shows_it_and_does_nothing(look: Look, measure: Measure) -> None:
    seen: set[str] = set()
    for _, address, query in VIEWS:
        text = look(f"{address}?{urlencode(query)}")
        assert "cannot be read" not in text, address
        seen |= {payload for payload in BROWSER if words_of(payload) in text}
    for name in LISTS:
        text = look(f"trust?rows={name}", is_scrolled=True)
        seen |= {payload for payload in BROWSER if words_of(payload) in text}
    missed = set(BROWSER) - seen
    assert not missed, "text that nobody gets to read was not put to the test"
    views = len(VIEWS) + len(LISTS)
    measure("S1", payloads=len(BROWSER), views=views, dialogs=0, scripts=0, beacon_hits=0)


@pytest.mark.parametrize("key", KEYS)
def test_a_link_that_says_it_does_nothing(look: Look, key: str, measure: Measure) -> None:
    """Between them the keys of an address take all payloads."""
    payloads = BROWSER[KEYS.index(key) :: len(KEYS)][:LINKS_PER_KEY]
    for payload in payloads:
        query = {"rows": "source_files" if key == "of" else "oldest_findings", key: payload}
        query |= {"dimension": "owner_team"} if key == "segment" else {}
        look(f"{'trust' if key == 'of' else ''}?{urlencode(query)}")
    measure("S1", views=len(payloads))


def test_s09_no_page_and_no_log_of_the_app_holds_secrets(
    browser: Browser, served: Served, measure: Measure
) -> None:
    with visit(browser, served.url) as found:
        for _, _, address in PAGES:
            open_page(found.page, f"{served.url}/{address if address != 'overview' else ''}")
            content = found.page.content()
            assert [word for word in WORDS if word in content] == []
    assert [word for word in WORDS if word in served.log.read_text(encoding="utf-8")] == []
    measure("S9", checks=2 * len(WORDS), pages=len(PAGES), logs=1)


def test_a_page_that_shows_markup_as_markup_is_noticed(browser: Browser, control: Control) -> None:
    # Of the first: later ones lead the page elsewhere before anything else is done.
    page_of = "".join(p for p in BROWSER[:15] if "<script" not in p and "<style" not in p)
    with beacon_served(f"<h1>x</h1>{page_of}".encode()) as unsafe:
        url = f"http://127.0.0.1:{unsafe.port}"
        with visit(browser, url) as found:
            found.page.goto(url)
            found.page.wait_for_function(f"() => window.{RAN} === 1")
            with pytest.raises(AssertionError):
                check_is_harmless(found.page)
            control("a script that runs is noticed", True)
            control("a dialog is noticed", found.dialogs != [])
            control("a request to elsewhere is noticed", any(BEACON in u for u in found.foreign))


def test_the_beacon_works(browser: Browser, beacon: Beacon, control: Control) -> None:
    with visit(browser, BEACON) as found:
        found.page.goto(f"{BEACON}/control")
    hit = "/control" in beacon.asked
    beacon.asked.clear()
    control("the beacon is reached by its name", hit)
