"""What people do with the app, in a browser: open, filter, drill down, download, pass a link on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from app.navigation import PAGES
from tests.trust.conftest import Measure
from tests.trust.security.conftest import PATIENCE, Served, open_page, settle, visit


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    with visit(browser, served.url) as found:
        yield found.page
        assert found.foreign == []


def query_of(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_open_and_walk_through_all_pages(page: Page, served: Served, measure: Measure) -> None:
    open_page(page, served.url)
    for _, title, address in PAGES[1:]:
        page.get_by_role("link", name=title, exact=True).first.click()
        page.wait_for_url(re.compile(rf"/{address}(\?|$)"))
        settle(page)
        expect(page.locator("h1")).to_be_visible(timeout=PATIENCE)
        assert page.locator("[data-testid=stException]").count() == 0
    measure("journeys", journeys=1)


def test_filter_drill_to_rows_and_download(
    page: Page, served: Served, tmp_path: Path, measure: Measure
) -> None:
    open_page(page, served.url)
    page.get_by_role("combobox", name="Length of the period").click()
    page.get_by_role("option", name="Quarter").click()
    page.wait_for_url(re.compile(r"grain=quarter"))
    settle(page)

    open_page(page, f"{served.url}/?rows=oldest_findings")
    expect(page.get_by_text("Open critical and high findings, oldest first")).to_be_visible(
        timeout=PATIENCE
    )
    with page.expect_download() as waiting:
        page.get_by_test_id("stDownloadButton").get_by_role("button").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.name == "oldest_findings.csv"
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    told = page.locator("[data-testid=stMainBlockContainer]").inner_text()
    assert rows
    assert f"{len(rows)} rows" in told.replace("\u00a0", " ") or len(rows) == 1
    assert {"finding_id", "title", "system_name"} <= rows[0].keys()

    page.get_by_role("button", name=re.compile("←")).click()
    page.wait_for_function("() => !location.search.includes('rows=')")
    settle(page)
    measure("journeys", journeys=1)


def test_a_link_opens_the_same_view_for_the_next(
    page: Page, browser: Browser, served: Served, measure: Measure
) -> None:
    address = "explorer?metric=finding_acceptance_rate&grain=quarter"
    open_page(page, f"{served.url}/{address}")
    here = page.locator("[data-testid=stMainBlockContainer]").inner_text()
    assert query_of(page)["grain"] == ["quarter"]
    with visit(browser, served.url) as other:
        open_page(other.page, page.url)
        assert query_of(other.page) == query_of(page)
        there = other.page.locator("[data-testid=stMainBlockContainer]").inner_text()
    assert there == here
    measure("journeys", journeys=1)


def test_back_returns_to_the_view_before(page: Page, served: Served, measure: Measure) -> None:
    open_page(page, f"{served.url}/trust")
    open_page(page, f"{served.url}/trust?rows=source_files")
    page.go_back()
    page.wait_for_function("() => !location.search.includes('rows=')")
    settle(page)
    expect(page.get_by_role("button", name=re.compile("←"))).to_have_count(0)
    measure("journeys", journeys=1)
