"""The admin's queue at a browser: keys, and the reason they ask for."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.domain.postings.models import Posting, PostingStatus
from tests.factories import Board
from tests.web.admin.test_postings import pending

pytestmark = pytest.mark.browser
SQLITE = pytest.mark.parametrize("built", ["sqlite"], indirect=True)


@pytest.fixture
def desk(board: Board, person: Any) -> Page:
    board.admin("admin@example.org")
    page: Page = person().sign_in("admin@example.org")
    return page


def _status(board: Board, posting_id: int) -> PostingStatus:
    with board.reading() as session:
        return session.get_one(Posting, posting_id).status


@SQLITE
def test_the_queue_is_decided_by_keys(board: Board, desk: Page) -> None:
    first, second, third = (pending(board, title=f"Job {number}") for number in range(3))
    desk.goto("/admin/reviews")
    desk.keyboard.press("?")
    expect(desk.locator("#review-keys")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.keyboard.press("j")
    expect(desk.locator(f"#posting-{first.id}")).to_be_focused()
    desk.keyboard.press("a")
    expect(desk.locator(f"#posting-{first.id}")).to_contain_text("Published")
    expect(desk.locator(f"#posting-{second.id}")).to_be_focused()
    desk.keyboard.press("r")
    reason = desk.locator(f"#reason-{second.id}")
    expect(reason).to_be_focused()
    reason.press_sequentially("a scam, j")
    expect(reason).to_have_value("a scam, j")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(f"#posting-{second.id}")).to_contain_text("Rejected")
    expect(desk.locator(f"#posting-{third.id}")).to_be_focused()
    assert [_status(board, each.id) for each in (first, second, third)] == ["published", "rejected", "pending"]
    desk.get_by_role("button", name="Undo").last.click()
    expect(desk.locator(f"#posting-{second.id} textarea")).to_be_visible()
    assert _status(board, second.id) is PostingStatus.PENDING
