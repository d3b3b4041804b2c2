"""A real browser in front of a real server, on each engine."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import BROWSER
from tests.factories import PASSWORD

ARGUMENTS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-quic", "--no-first-run",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        yield browser
        browser.close()


class Person:
    """Somebody at a browser of their own. Any script error or refused resource fails the test."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.context: BrowserContext = browser.new_context(
            base_url=address, viewport=options.pop("viewport", {"width": 1280, "height": 900}), **options
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._listen)

    def _listen(self, message: Any) -> None:
        refused = "Content Security Policy" in message.text or "integrity" in message.text
        if message.type == "error" and (refused or "Failed to load resource" not in message.text):
            self.complaints.append(message.text)

    def sign_in(self, email: str) -> Page:
        self.page.goto("/sign-in")
        self.page.fill("#email", email)
        self.page.fill("#password", PASSWORD)
        self.page.click("main form button")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        return self.page


@pytest.fixture
def person(browser: Browser, address: str) -> Iterator[Any]:
    """`person()` opens a browser of its own; options go to Playwright (`java_script_enabled=False`, …)."""
    people: list[Person] = []

    def open_one(**options: Any) -> Person:
        people.append(Person(browser, address, **options))
        return people[-1]

    yield open_one
    complaints = [complaint for one in people for complaint in one.complaints]
    for one in people:
        one.context.close()
    assert complaints == []
