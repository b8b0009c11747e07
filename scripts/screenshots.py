"""Take the pictures of the app's pages for the documentation.

Usage: python scripts/screenshots.py [--output docs/images] [--chromium /usr/bin/chromium]

Serves the published generation (AISM_WAREHOUSE_DIR) on a free port of this machine, opens every
page in Chromium at desktop and phone width, light and dark, and writes
<page>-<width>-<theme>.png; <page>.png is the light desktop picture.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, get_args

from playwright.sync_api import Browser, sync_playwright

from aism.duck import current_file
from aism.settings import Settings
from app.navigation import PAGES as NAVIGATION

PROJECT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = {
    module: "/" if number == 0 else f"/{address}"
    for number, (module, _, address) in enumerate(NAVIGATION)
}
"""The start page has no address of its own."""

SIZES: Final = {1280: 800, 390: 844}
Theme = Literal["light", "dark"]
START_SECONDS: Final = 30
LOAD_MILLISECONDS: Final = 30_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=PROJECT / "docs" / "images")
    parser.add_argument("--chromium", type=Path, default=Path("/usr/bin/chromium"))
    parser.add_argument("--url", help="Picture an app that is already running.")
    parser.add_argument("--page", choices=PAGES, action="append", help="Only this page.")
    parser.add_argument("--main", action="store_true", help="Only the light desktop pictures.")
    parser.add_argument("--query", default="", help="Picture this view, such as '?grain=quarter'.")
    parser.add_argument("--full", action="store_true", help="The whole page, not the first screen.")
    options = parser.parse_args()
    if options.url is None and current_file(Settings.from_environment().warehouse) is None:
        raise SystemExit("Nothing to picture: run `aism build` first.")
    options.output.mkdir(parents=True, exist_ok=True)
    with served(options.url) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(options.chromium),
            args=["--disable-gpu", "--disable-background-networking"]
            # Chromium has no sandbox for root, as in a container.
            + (["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        )
        for page, path in PAGES.items():
            if options.page and page not in options.page:
                continue
            for width in SIZES:
                for theme in get_args(Theme):
                    is_main = width == max(SIZES) and theme == "light"
                    if options.main and not is_main:
                        continue
                    name = page if is_main else f"{page}-{width}-{theme}"
                    file = options.output / f"{name}.png"
                    take(browser, address + path + options.query, width, theme, file, options.full)
                    print(f"{file} ({file.stat().st_size // 1024} kB)")
        browser.close()


def take(
    browser: Browser, address: str, width: int, theme: Theme, file: Path, full: bool = False
) -> None:
    """Write one picture, once the page has stopped drawing."""
    context = browser.new_context(
        viewport={"width": width, "height": SIZES[width]},
        color_scheme=theme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(LOAD_MILLISECONDS)
    page.goto(address)
    page.wait_for_selector("h1")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_function(
        "() => !document.querySelector('[data-testid=stSkeleton]')"
        " && [...document.querySelectorAll('[data-testid=stVegaLiteChart]')]"
        ".every(chart => chart.querySelector('canvas, svg'))"
    )
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)  # charts settle to their column's width
    if full:
        main_area = page.locator("[data-testid=stMainBlockContainer]").bounding_box()
        if main_area is not None:
            page.set_viewport_size({"width": width, "height": int(main_area["height"]) + 60})
            page.wait_for_timeout(500)
    page.screenshot(path=file)
    context.close()


@contextmanager
def served(address: str | None) -> Iterator[str]:
    """Yield the address of the app: the one given, else one served for as long as needed."""
    if address is not None:
        yield address.rstrip("/")
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(  # noqa: S603  # fixed arguments, no shell
        [
            *(sys.executable, "-m", "streamlit", "run", "app/streamlit_app.py"),
            *("--server.port", str(port), "--server.fileWatcherType", "none"),
        ],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/_stcore/health", server)
        yield address
    finally:
        server.terminate()
        server.wait()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=1).close()  # noqa: S310  # http, this machine
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The app did not start.")


if __name__ == "__main__":
    main()
