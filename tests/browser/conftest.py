"""A browser for tests: Debian's Chromium, driven by Playwright's client; without either they skip and say so."""

import os
import shutil
from dataclasses import dataclass, field

import pytest

CHROMIUM = os.environ.get("CHOKEPOINT_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@dataclass
class Opened:
    """A page, and what it did: errors in the console, requests that left it, dialogs."""

    page: object
    errors: list = field(default_factory=list)
    requests: list = field(default_factory=list)
    dialogs: list = field(default_factory=list)


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here; install it (apt-get install chromium), or name one in CHOKEPOINT_CHROMIUM")
    api = pytest.importorskip("playwright.sync_api", reason="there is no Playwright here; install it (pip install playwright)")
    with api.sync_playwright() as play:
        one = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield one
        one.close()


@pytest.fixture
def opened(browser):
    """opened(url, width=1280, scheme="light", offline=True) -> Opened, closed when the test ends. `ready`: a selector to wait for."""
    contexts = []

    def open_page(url, width=1280, scheme="light", offline=True, ready=None):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=offline, accept_downloads=True)
        contexts.append(context)
        context.set_default_timeout(60_000)
        found = Opened(context.new_page())
        found.page.on("console", lambda said: found.errors.append(said.text) if said.type in ("error", "warning") else None)
        found.page.on("pageerror", lambda fault: found.errors.append(str(fault)))
        found.page.on("request", lambda asked: found.requests.append(asked.url))
        found.page.on("dialog", lambda shown: (found.dialogs.append(shown.message), shown.dismiss()))
        found.page.goto(url)
        if ready is not None:
            found.page.wait_for_selector(ready, state="attached")
        return found

    yield open_page
    for context in contexts:
        context.close()
