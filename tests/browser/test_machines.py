"""What people do for their machines, at a browser: webhooks, feeds, tokens."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from app.core import clock
from app.worker import Shift
from app.worker.sources import look_at_sources
from tests.factories import PASSWORD, Board
from tests.hooks import send, settings, verified
from tests.peer import Peer, Reply, peering

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("built", ["sqlite"], indirect=True)]
OWNER, ADMIN = "owner@example.org", "admin@example.org"
FEED = """<rss version="2.0"><channel><title>Jobs</title><link>https://jobs.example.org</link>
<description>Jobs</description><item><title>Baker</title><link>https://jobs.example.org/1</link><guid>1</guid>
<location>Berlin, Germany</location>
<description>Bake bread by night, with three others and an oven of brick. Apprentices are welcome.</description></item>
<item><title>Miller</title><link>https://jobs.example.org/2</link><guid>2</guid></item></channel></rss>"""


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch, board: Board) -> Any:
    """A host on this machine, which the desks take for one on the open internet."""
    for desk in ("app.web.desk.webhooks", "app.web.admin.imports"):
        monkeypatch.setattr(f"{desk}.settings", lambda: settings(board.app))
    with peering() as peer:
        yield peer


def test_a_webhook_is_added_tried_sent_again_and_removed(board: Board, person: Any, peer: Peer) -> None:
    board.company("Acme", owner=OWNER)
    page = person().sign_in(OWNER)
    page.goto("/employer/webhooks")
    page.fill("#url", "http://10.0.0.1/in")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#url")).to_have_value("http://10.0.0.1/in")
    expect(page.locator("main")).to_contain_text("not on the open internet")
    page.fill("#url", peer.url("/in"))
    page.get_by_role("button", name="Add it").dblclick()
    secret = page.locator("#secret").input_value()
    page.get_by_role("button", name="Copy the secret").click()
    expect(page.locator("#toasts")).to_contain_text("It is")
    page.get_by_role("link", name="I have kept it").click()
    peer.answer = lambda asked: Reply(500)
    page.get_by_role("button", name="Send a test").click()
    send(board.app)
    page.reload()
    row = page.locator("tr[id^=delivery-]")
    expect(row).to_contain_text("It answered 500.")
    peer.answer = lambda asked: Reply(204)
    row.get_by_role("button", name="Try now").click()
    send(board.app)
    page.reload()
    expect(row).to_contain_text("Arrived")
    assert [verified(asked, secret, clock.now()) for asked in peer.asked] == [True, True]
    assert len({asked.headers["webhook-id"] for asked in peer.asked}) == 1
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("main")).to_contain_text("is sent once it is on again")
    page.get_by_text("Remove this webhook").click()
    page.check("#sure")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("main")).to_contain_text("No webhook yet")


def test_a_feed_is_added_looked_at_paused_and_removed_in_place(board: Board, person: Any, peer: Peer) -> None:
    board.admin(ADMIN)
    board.category()
    board.company("Acme", owner=OWNER)
    peer.says(FEED.encode(), content_type="application/rss+xml")
    page = person().sign_in(ADMIN)
    page.goto("/admin/imports")
    page.evaluate("document.body.dataset.kept = 'yes'")
    page.fill("#url", "http://127.1.1.1.example")
    page.fill("#company", "nobody")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#company-error")).to_be_visible()
    page.fill("#url", peer.url("/jobs.rss"))
    page.fill("#company", "acme")
    page.get_by_role("button", name="Add", exact=True).click()
    row = page.locator("tr[id^=source-]")
    expect(row).to_contain_text("New")
    with board.app.app_context():
        assert look_at_sources(Shift(settings(board.app))) == {"taken in": 1}
    row.get_by_role("button", name="Pause").click()
    expect(row).to_contain_text("Paused")
    expect(row).to_contain_text("1 new")
    expect(row.get_by_role("link", name="Why one row was refused")).to_be_visible()
    expect(row.get_by_role("button", name="Resume")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Fine")
    row.get_by_text("Remove …").click()
    row.get_by_role("button", name="Yes, remove").click()
    expect(page.locator("#feeds")).to_be_focused()
    expect(page.locator("#sources")).to_contain_text("No feed yet")
    assert page.evaluate("document.body.dataset.kept") == "yes", "every act was in place"


def test_a_token_is_made_used_and_ended(board: Board, person: Any, address: str) -> None:
    board.user("seeker@example.org", name="Ada Lovelace")
    page = person().sign_in("seeker@example.org")
    page.goto("/me/tokens")
    page.get_by_role("link", name="New token").first.click()
    page.fill("#name", "Calendar")
    page.get_by_label("Read who you are").check()
    page.fill("#current_password", PASSWORD)
    noted = "sessionStorage.sent = (sessionStorage.sent ?? '') + !event.defaultPrevented"
    page.evaluate(f"addEventListener('submit', (event) => ({noted}))")
    page.get_by_role("button", name="Make the token").dblclick()
    token = page.locator("#token").input_value()
    assert page.evaluate("sessionStorage.sent") == "truefalse", "the second click of a double click sends nothing"

    def asked() -> httpx.Response:
        return httpx.get(f"{address}/api/v1/me", headers={"Authorization": f"Bearer {token}"}, trust_env=False)

    assert asked().json()["email"] == "seeker@example.org"
    page.get_by_role("link", name="I have kept it").click()
    expect(page.locator("main")).to_contain_text("Calendar")
    assert token not in page.content()
    page.get_by_text("Revoke …").first.click()
    page.get_by_role("button", name="Yes, revoke").click()
    expect(page.locator("#toasts")).to_contain_text("revoked")
    assert asked().status_code == 401
