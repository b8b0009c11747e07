"""Every page and a list of rows, as axe-core judges them: nothing serious, nothing critical."""

from __future__ import annotations

from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from app.navigation import PAGES
from tests.trust.conftest import Control, Measure
from tests.trust.figures import figure
from tests.trust.security.conftest import Served, open_page, visit

GRAVE: Final = {"serious", "critical"}
VIEWS: Final = (*(address for _, _, address in PAGES[1:]), "", "?rows=oldest_findings")
THEMES: Final = ("light", "dark")[: figure(1, 2)]


def violations(page: Page) -> list[str]:
    """Return what is grave, each with its rule and the first places."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']} ({len(one['nodes'])}): "
        + " | ".join(node["html"][:200] for node in one["nodes"][:3])
        for one in found
        if one["impact"] in GRAVE
    ]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view or "start")
def test_a_page(browser: Browser, served: Served, view: str, theme: str, measure: Measure) -> None:
    with visit(browser, served.url, theme=theme) as found:
        open_page(found.page, f"{served.url}/{view}")
        assert violations(found.page) == []
    measure("accessibility", pages=1)


def test_a_page_that_nobody_can_use_is_noticed(browser: Browser, control: Control) -> None:
    with visit(browser, "about:blank") as found:
        found.page.set_content(
            "<html lang='en'><title>x</title><img src='data:,'><button></button>"
        )
        rules = {text.partition(":")[0] for text in violations(found.page)}
    control("a picture without words is noticed", "image-alt" in rules)
    control("a button without a name is noticed", "button-name" in rules)
