"""No screen breaks an accessibility rule axe knows, in light or dark, on a phone or a desk."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.domain.postings.models import PostingStatus
from tests.factories import Board

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
OWNER, SEEKER, ADMIN = "owner@example.org", "seeker@example.org", "admin@example.org"

SCREENS: dict[str, tuple[str, str | None]] = {
    "site.home": ("/", None),
    "site.listing": ("/jobs", None),
    "site.sign_in": ("/sign-in", None),
    "site.sign_up": ("/sign-up", None),
}
"""Endpoint → (address, who looks at it)."""

NO_SCREENS = {
    "static": "files",
    "site.healthz": "JSON",
    "site.readyz": "JSON",
    "site.results": "redirects to the listing unless a script asks",
}
"""Endpoints that answer a GET with something else than a page, and with what."""


def _violations(page: Page) -> list[str]:
    page.add_script_tag(path=AXE)
    found: list[dict[str, Any]] = page.evaluate("axe.run(document).then(result => result.violations)")
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"][:2]]


@pytest.mark.parametrize("built", ["sqlite"], indirect=True)
def test_every_page_is_looked_at(built: Flask) -> None:
    pages = {rule.endpoint for rule in built.url_map.iter_rules() if "GET" in (rule.methods or set())}
    assert pages - SCREENS.keys() - NO_SCREENS.keys() == set(), "add the new screens to SCREENS"


def _build(board: Board) -> SimpleNamespace:
    company = board.company("Northwind Energy", owner=OWNER).id
    board.user(SEEKER)
    board.admin(ADMIN)
    postings = [board.posting(company, title=f"Baker {number}") for number in range(22)]
    board.posting(company, title="Waiting for review", live=False, status=PostingStatus.PENDING)
    draft = board.posting(company, title="A draft", live=False)
    return SimpleNamespace(posting=postings[0], draft=draft, company="northwind-energy")


@pytest.mark.parametrize("built", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_has_a_violation(board: Board, person: Any, scheme: str, width: int) -> None:
    made = _build(board)
    found: list[str] = []
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}, "bypass_csp": True}
    browsers: dict[str | None, Page] = {None: person(**options).page}
    for path, who in SCREENS.values():
        if who not in browsers:
            browsers[who] = person(**options).sign_in(who)
        page = browsers[who]
        answer = page.goto(path.format(**vars(made)))
        assert answer is not None
        assert answer.status < 400, path
        found += [f"{path}: {line}" for line in _violations(page)]
    assert found == []
