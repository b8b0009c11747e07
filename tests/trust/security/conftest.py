"""A hostile organisation, published and served once; a browser; a beacon that stays dark."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, sync_playwright

from tests.python.land.conftest import SYSTEMS, Ground
from tests.python.serving import app_started, free_port
from tests.python.whole import SAMPLE_AS_OF, build_warehouse
from tests.trust.conftest import Built, built_once, shared_folder
from tests.trust.security.landing import SECRETS, write_hostile
from tests.trust.security.payloads import BROWSER

CHROMIUM: Final = shutil.which("chromium")
IS_REQUIRED: Final = os.environ.get("AISM_REQUIRE_BROWSER") == "1"
PATIENCE: Final = 90_000
"""Milliseconds that a page may take on a machine that does much else."""

SECRET_NAMES: Final = ("AISM_JIRA_TOKEN", "AWS_SECRET_ACCESS_KEY", "DBT_ENV_SECRET_CANARY")
CANARIES: Final = {name: f"CANARY-ENV-{name}-8c41b2" for name in SECRET_NAMES}

WORDS: Final = (*CANARIES.values(), *SECRETS)
"""Of the environment and of prompts: nobody may get to read one."""


@pytest.fixture
def with_systems(tmp_path: Path) -> Ground:
    """Return a landing folder with one system in it."""
    ground = Ground(tmp_path)
    ground.put("program/systems.csv", SYSTEMS)
    return ground


@dataclass(frozen=True)
class Hostile:
    """A landing folder full of hostile text, and what was made of it."""

    landing: Path
    home: Path
    warehouse: Path
    calls: Path
    """What other machines its build asked for (shut_in/sitecustomize.py)."""


def watched(calls: Path) -> dict[str, str]:
    """Return the variables that shut a process in, and have it record what it asked for."""
    paths = (str(Path(__file__).parent / "shut_in"), os.environ.get("PYTHONPATH", ""))
    return {
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "AISM_TEST_CALLS": str(calls),
    }


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    """Return the hostile organisation, built once for all workers.

    AISM_TEST_HOSTILE names a folder that keeps it from one run to the next.
    """
    given = os.environ.get("AISM_TEST_HOSTILE")
    folder = Path(given).absolute() if given else shared_folder(tmp_path_factory, "hostile")
    calls = folder / "calls"

    def build(into: Built) -> None:
        shutil.rmtree(into.landing, ignore_errors=True)
        write_hostile(into.landing, BROWSER)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (CANARIES | watched(calls)).items():
                patch.setenv(name, value)
            build_warehouse(into.landing, into.home, into.warehouse, SAMPLE_AS_OF, is_tested=False)

    built = built_once(folder, build)
    return Hostile(built.landing, built.home, built.warehouse, calls)


@dataclass
class Beacon:
    """A server that nobody may ever ask for anything."""

    port: int = 0
    asked: list[str] = field(default_factory=list)


@contextmanager
def beacon_served(page: bytes = b"") -> Iterator[Beacon]:
    """Serve a beacon at a free port of this machine; ``page`` is what it answers with."""
    beacon = Beacon()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            beacon.asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        beacon.port = server.server_address[1]
        Thread(target=server.serve_forever, daemon=True).start()
        yield beacon
        server.shutdown()


@pytest.fixture(scope="module")
def beacon() -> Iterator[Beacon]:
    with beacon_served() as beacon:
        yield beacon


@pytest.fixture(scope="module")
def browser(beacon: Beacon) -> Iterator[Browser]:
    """Return Chromium, to which the beacon's name is an address of this machine."""
    if CHROMIUM is None:
        assert not IS_REQUIRED, "AISM_REQUIRE_BROWSER is set, and there is no chromium"
        pytest.skip("no chromium to open the pages with")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
                f"--host-resolver-rules=MAP beacon.test 127.0.0.1:{beacon.port}",
            ],
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page in the browser, and what it did that it should not."""

    page: Page
    dialogs: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


@contextmanager
def visit(
    browser: Browser, url: str, *, width: int = 1280, theme: str = "light"
) -> Iterator[Visit]:
    """Open an address and watch for dialogs, and for requests to any other host."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    found = Visit(context.new_page())

    def on_dialog(dialog: Dialog) -> None:
        found.dialogs.append(dialog.message)
        dialog.dismiss()

    def on_request(request: Request) -> None:
        if not request.url.startswith((url, "data:", "blob:")):
            found.foreign.append(request.url)

    found.page.on("dialog", on_dialog)
    found.page.on("request", on_request)
    try:
        yield found
    finally:
        context.close()


def open_page(page: Page, url: str) -> None:
    """Open a page of the app and wait until it has stopped drawing."""
    page.goto(url)
    page.wait_for_selector("h1")
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page has stopped drawing, its charts with it."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_function(
        "() => !document.querySelector('[data-testid=stSkeleton]')"
        " && [...document.querySelectorAll('[data-testid=stVegaLiteChart]')]"
        ".every(chart => chart.querySelector('canvas, svg'))"
    )


@dataclass(frozen=True)
class Served:
    """The app as `aism app` starts it: where, and what it logged."""

    url: str
    log: Path
    calls: Path


@contextmanager
def app_served(warehouse: Path, log: Path, **variables: str) -> Iterator[Served]:
    """Serve a warehouse with the command that people start the app with."""
    calls = log.with_name("calls")
    shut_in = watched(calls) | {"AISM_WAREHOUSE_DIR": str(warehouse)} | variables
    with app_started(free_port(), log, **shut_in) as url:
        yield Served(url, log, calls)


@pytest.fixture(scope="module")
def served(hostile: Hostile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the hostile organisation."""
    log = tmp_path_factory.mktemp("served") / "log"
    with app_served(hostile.warehouse, log, **CANARIES) as served:
        yield served
