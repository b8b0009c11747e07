"""What holds for every page: it opens calmly, also with nothing to show, and text stays text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.components.listings import LISTINGS
from app.components.text import plain
from app.data import STATEMENTS, behind
from app.navigation import PAGES
from tests.python.app.conftest import MARKUP, OpenPage

MODULES = [module for module, _, _ in PAGES if module != "overview"]


def prose(page: AppTest) -> str:
    """Return everything that Streamlit reads as markdown."""
    return "\n".join(
        [element.value for element in [*page.markdown, *page.info, *page.subheader, *page.title]]
        + [button.label for button in page.button]
        + [metric.label for metric in page.metric]
    )


@pytest.mark.parametrize("module", MODULES)
def test_a_page_opens(open_page: OpenPage, module: str) -> None:
    page = open_page(page_module=module)
    assert not page.exception
    assert not page.error
    assert len(page.title) == 1
    assert "Demo mode" in prose(page)
    assert not re.search(r"\b(nan|NaT|None|inf)\b", prose(page))


@pytest.mark.parametrize("module", MODULES)
def test_a_page_says_what_is_missing(
    open_page: OpenPage, unfed_warehouse: Path, tmp_path: Path, module: str
) -> None:
    page = open_page(unfed_warehouse, module)
    assert not page.exception
    assert not page.error
    assert ".csv`" in prose(page), "it names a file that would fill it"
    assert "aism build" in prose(open_page(tmp_path / "none", module))


@pytest.mark.parametrize("module", MODULES)
def test_text_from_outside_stays_text(
    open_page: OpenPage, hostile_warehouse: Path, module: str
) -> None:
    page = open_page(hostile_warehouse, module)
    assert not page.exception
    assert MARKUP not in prose(page)
    assert "](http" not in prose(page)


def test_the_markup_reaches_the_pages(open_page: OpenPage, hostile_warehouse: Path) -> None:
    """Positive control of the test above: it would pass if the pages showed none of the texts."""
    seen = [plain(MARKUP) in prose(open_page(hostile_warehouse, module)) for module in MODULES]
    assert any(seen)


def test_every_list_has_its_statement() -> None:
    assert LISTINGS.keys() <= STATEMENTS.keys()


@pytest.mark.parametrize("name", sorted(LISTINGS))
def test_a_link_opens_a_list(open_page: OpenPage, name: str) -> None:
    page = open_page(page_module="trust", rows=name)
    assert not page.exception
    assert page.subheader[0].value == LISTINGS[name].title
    assert page.dataframe or page.info[0].value == LISTINGS[name].empty
    page.button(key="close_rows").click().run()
    assert not page.subheader


def test_pages_have_addresses_of_their_own() -> None:
    addresses = [address for _, _, address in PAGES]
    assert len(set(addresses)) == len(addresses)
    assert PAGES[0][0] == "overview"


def test_a_number_of_many_rows_lists_the_latest_and_sums_all(
    open_page: OpenPage, alarmed_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack success may count a million rows. The copy is a file of which nothing is kept."""
    asked = {"page_module": "overview", "rows": "attack_success_rate"}
    whole = open_page(**asked).dataframe[0].value
    monkeypatch.setattr(behind, "MOST_ROWS", 7)
    page = open_page(alarmed_warehouse, **asked)
    assert not page.exception
    listed = page.dataframe[0].value
    assert list(listed["entity_id"]) == list(whole["entity_id"])[:7]
    assert f"The latest 7 of {len(whole):,} rows; the sums are of all." in prose(page)
    assert f"sum of denominators {whole['denominator'].sum():,.0f}" in prose(page)
