"""GraphiQL from our own files: it asks nobody else, and our interface answers it."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.factories import Board

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("built", ["sqlite"], indirect=True)]


def test_it_is_asked_from_here(board: Board, person: Any) -> None:
    board.posting(title="Lighthouse keeper")
    page: Page = person().page
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if "//127.0.0.1" not in request.url else None)
    page.goto("/api/graphiql")
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window")).to_contain_text("Lighthouse keeper")
    page.get_by_role("button", name="Show Documentation Explorer").click()
    expect(page.locator(".graphiql-doc-explorer-content")).to_contain_text("Mutation")
    assert [url for url in elsewhere if not url.startswith("data:")] == []
