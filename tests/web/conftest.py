"""The page in real Chromium against a real stack: one stack and one browser for all tests of this folder.

    def test_a_visitor_sees_models(visit):
        page = visit("/models")
        expect(page.get_by_role("table")).to_be_visible()

A test fails for what the browser says in its console: a violation of the content security policy, an exception, a
request that failed. `visit.problems.clear()` after what is meant to fail.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright
from psycopg.rows import dict_row

from ratebook import page as built_page
from ratebook.local.stack import DEMO_ADMIN, DEMO_OWNER, Stack
from tests.web import world
from tools.project import REPOSITORY

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SCREENSHOTS = REPOSITORY / "docs/images"
# Chromium prepares two pages behind the address bar of each window, which is more work than the window's own page. Its
# last list counts, so this one repeats Playwright's.
_WITHOUT = [
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect"),
    *("OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"),
]
_ARGUMENTS = [
    *("--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"),
    f"--disable-features={','.join(_WITHOUT)}",
]
_WATCH_POLICY = """
addEventListener('securitypolicyviolation', (event) =>
  console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))
"""
expect.set_options(timeout=10_000)


@pytest.fixture(scope="package")
def web_stack(ratebook_project_dir: Path) -> Iterator[Stack]:
    """A stack with the seeds, an admin, and whatever the tests of this folder add."""
    assert built_page.built() is not None, built_page.NOT_BUILT
    with TemporaryDirectory(prefix="ratebook-", ignore_cleanup_errors=True) as folder:
        stack = Stack(ratebook_project_dir, folder)
        stack.start()
        try:
            assert list(stack.page_links()) == ["a visitor", "Ada, an owner", "an admin"]
            world.make(stack.dsn)
            yield stack
        finally:
            stack.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Not for the whole session: while it runs, no test may be async."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def web_db(web_stack: Stack) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """The superuser beside the page, in autocommit."""
    with psycopg.connect(web_stack.dsn, autocommit=True, row_factory=dict_row) as connection:
        yield connection


class Visit:
    """Opens routes of the page, each call as a new person: nobody, or with a token."""

    def __init__(self, browser: Browser, stack: Stack, address: str | None = None) -> None:
        self.problems: list[str] = []
        self.requests: list[str] = []
        self._browser = browser
        self._stack = stack
        self._address = address or f"{stack.url}/app/"
        self._contexts: list[Any] = []

    def __call__(
        self,
        route: str = "/",
        token: str | None = None,
        *,
        width: int = 1280,
        height: int = 900,
        scheme: str = "light",
        locale: str = "en-GB",
        link: bool = False,
    ) -> Page:
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=locale,
            timezone_id="UTC",
            reduced_motion="reduce",
        )
        context.add_init_script(_WATCH_POLICY)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", self._failed)
        page.on("request", lambda request: self.requests.append(request.url))
        address = self._address
        if token is not None and link:
            page.goto(f"{address}#/sign-in?token={token}")
            page.wait_for_url(lambda url: "token" not in url)
        elif token is not None:  # as somebody who came by a link before: one page less to load
            context.add_init_script(f"sessionStorage.setItem('ratebook-link-token', '{token}')")
        page.goto(f"{address}#{route}")
        return page

    def owner(self, route: str, sub: str = DEMO_OWNER, **how: Any) -> Page:
        """As Ada, or another lenser."""
        return self(route, self._stack.token("authenticated", sub), **how)

    def admin(self, route: str, **how: Any) -> Page:
        """As the admin."""
        return self(route, self._stack.token("authenticated", DEMO_ADMIN), **how)

    def close(self) -> None:
        """Leave all pages; nothing may be in the console by now."""
        for context in self._contexts:
            context.close()
        assert self.problems == []

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.problems.append(f"{message.type}: {message.text} {message.location.get('url')}")

    def _failed(self, error: Error) -> None:
        self.problems.append(f"exception: {error}")


@pytest.fixture
def visit(browser: Browser, web_stack: Stack) -> Iterator[Visit]:
    """Opens the page of the local stack."""
    visit = Visit(browser, web_stack)
    yield visit
    visit.close()


@functools.cache
def axe() -> str:
    """The source of axe-core."""
    return (REPOSITORY / "js_client/node_modules/axe-core/axe.min.js").read_text()


def assert_accessible(page: Page) -> None:
    """No violation of any of axe's rules; in the dark, where only colours are others, none of its colours'."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.emulate_media(color_scheme="light")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, runOnly=["color-contrast"]) == []
    page.emulate_media(color_scheme="light")


def violations(page: Page, **options: Any) -> list[str]:
    """What axe finds: rule, elements and how to mend it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(
            axe()
        )  # the policy does not bind what a debugger runs, as long as that is no eval
    options = {"resultTypes": ["violations"]} | options
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def assert_fits(page: Page) -> None:
    """Nothing but a table's own frame scrolls sideways."""
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], widths


def screenshot(page: Page, name: str) -> None:
    """Write docs/images/NAME.png, when RATEBOOK_SCREENSHOTS says so: its dates are others each day."""
    if os.environ.get("RATEBOOK_SCREENSHOTS"):
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")
