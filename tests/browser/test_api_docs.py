"""Swagger UI from our own files: it asks nobody else, and our interface answers it."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.factories import Board

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("built", ["sqlite"], indirect=True)]


def test_it_is_read_and_tried_from_here(board: Board, person: Any) -> None:
    posting = board.posting()
    page: Page = person().page
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if "//127.0.0.1" not in request.url else None)
    page.goto("/api/docs")
    page.locator("#operations-Postings-posting .opblock-summary-control").click()
    page.get_by_placeholder("posting_id").fill(str(posting.id))
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    assert [url for url in elsewhere if not url.startswith("data:")] == []
