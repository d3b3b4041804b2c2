"""The desk's webhooks, as an owner meets them without a script."""

import re
from collections.abc import Iterator

import pytest

from app.core import clock
from app.domain.webhooks.models import Event, Webhook
from app.web.desk.webhooks import RESULTS, STATES, WORDS
from tests.factories import Board
from tests.hooks import hook_row, ids, owed, rows, send, settings, verified
from tests.peer import Peer, Reply, peering
from tests.web.people import Cast

HOME = "/employer/webhooks"


@pytest.fixture
def cast(board: Board) -> Cast:
    return Cast(board)


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch, board: Board) -> Iterator[Peer]:
    """A receiver on this machine, which the desk takes for one on the open internet."""
    monkeypatch.setattr("app.web.desk.webhooks.settings", lambda: settings(board.app))
    with peering() as peer:
        yield peer


def page(cast: Cast, path: str) -> str:
    answer = cast.as_("owner").get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def add(cast: Cast, url: str, *events: str) -> tuple[int, str]:
    """Add a webhook; its id and secret."""
    told = cast.post("owner", HOME, url=url, events=list(events) or list(Event))
    assert told.status == 200, told.text
    secret = re.search(r'id="secret" value="([^"]+)"', told.text)
    number = re.search(rf'href="{HOME}/(\d+)"', told.text)
    assert secret and number
    return int(number[1]), secret[1]


def test_from_the_company_page_to_a_first_message(cast: Cast, peer: Peer) -> None:
    assert f"{HOME}?company=northwind" in page(cast, "/employer/company")
    assert "/employer/webhooks" not in cast.as_("recruiter").get("/employer/company").get_data(as_text=True)
    assert "No webhook yet" in page(cast, HOME)
    number, secret = add(cast, peer.url("/in"))
    for path in (HOME, f"{HOME}/{number}"):
        found = page(cast, path)
        assert peer.url("/in") in found and secret not in found
    assert "Nothing was sent yet" in page(cast, f"{HOME}/{number}")
    assert cast.post("owner", f"{HOME}/{number}/test").status == 303
    assert "Waiting" in page(cast, f"{HOME}/{number}")
    send(cast.board.app)
    found = page(cast, f"{HOME}/{number}")
    assert "Arrived" in found and "200 in" in found
    assert verified(peer.asked[0], secret, clock.now())


def test_the_page_with_the_secret_is_kept_by_nobody(cast: Cast) -> None:
    client = cast.as_("owner")
    token = cast.board.csrf(client, HOME)
    form = {"csrf_token": token, "url": "https://hooks.example.org/", "events": "posting.closed"}
    answer = client.post(HOME, data=form)
    assert answer.headers["Cache-Control"] == "no-store" and "whsec_" in answer.get_data(as_text=True)
    again = client.post(HOME, data=form)
    assert again.status_code == 422 and "whsec_" not in again.get_data(as_text=True)
    assert "already" in again.get_data(as_text=True)


def test_what_is_wrong_stands_beside_the_field_with_what_was_typed(cast: Cast) -> None:
    told = cast.post("owner", HOME, url="http://10.0.0.1/hook", events=["posting.closed"])
    assert told.status == 422 and "not on the open internet" in told.text
    assert 'value="http://10.0.0.1/hook"' in told.text
    assert told.text.count(" checked") == 1
    none = cast.post("owner", HOME, url="https://hooks.example.org/")
    assert none.status == 422 and 'id="events-error"' in none.text


def test_it_is_changed_paused_and_turned_on(cast: Cast) -> None:
    number, secret = add(cast, "https://hooks.example.org/", "posting.closed")
    path = f"{HOME}/{number}"
    saved = cast.post("owner", path, version="1", url="https://hooks.example.org/2", events=["posting.changed"])
    assert saved.status == 303
    stale = cast.post("owner", path, version="1", url="https://hooks.example.org/3", events=["posting.changed"])
    assert stale.status == 409 and "Somebody changed" in stale.text and hook_row(cast.board, number).url.endswith("/2")
    assert cast.post("owner", f"{path}/turn", version="2", on="0").status == 303
    paused = page(cast, path)
    assert "Paused" in paused and "Send a test" not in paused and "Turn on" in paused
    assert cast.post("owner", f"{path}/test").status == 422
    assert cast.post("owner", f"{path}/turn", version="3", on="1").status == 303
    assert "Send a test" in page(cast, path)
    fresh = cast.post("owner", f"{path}/rotate", version="4")
    assert fresh.status == 200 and "whsec_" in fresh.text and secret not in fresh.text
    assert cast.post("owner", f"{path}/rotate", version="4").status == 409


def test_what_was_given_up_is_sent_again(cast: Cast, peer: Peer) -> None:
    number, _ = add(cast, peer.url())
    path, board = f"{HOME}/{number}", cast.board
    peer.answer = lambda asked: Reply(500, {"Content-Length": "0"})
    first = owed(board, number, 1)
    send(board.app)
    assert "It answered 500." in page(cast, path) and "Try now" in page(cast, path)
    with board.writing() as session:
        for row in rows(board):
            row.status = "failed"  # type: ignore[assignment]
            session.merge(row)
    assert "Given up" in page(cast, path) and "Send again what was given up" in page(cast, path)
    peer.answer = lambda asked: Reply()
    assert cast.post("owner", f"{path}/replay").status == 303
    send(board.app)
    assert cast.post("owner", f"{path}/deliveries/{first}/replay").status == 303
    send(board.app)
    assert ids(peer) == ["evt_1"] * 3


def test_the_log_goes_on_page_by_page(cast: Cast) -> None:
    number, _ = add(cast, "https://hooks.example.org/")
    for one in range(65):
        owed(cast.board, number, one)
    seen, path = list[str](), f"{HOME}/{number}"
    while path:
        found = page(cast, path)
        seen += re.findall(r'id="delivery-(\d+)"', found)
        link = re.search(r'<a class="btn" rel="next" href="([^"]+)"', found)
        path = link[1].replace("&amp;", "&") if link else ""
    assert len(seen) == 65 and [int(one) for one in seen] == sorted(map(int, seen), reverse=True)


def test_it_is_removed_when_one_is_sure(cast: Cast) -> None:
    number, _ = add(cast, "https://hooks.example.org/")
    assert cast.post("owner", f"{HOME}/{number}/remove").status == 422
    assert cast.post("owner", f"{HOME}/{number}/remove", sure="1").status == 303
    assert cast.as_("owner").get(f"{HOME}/{number}").status_code == 404


def test_a_webhook_that_the_board_turned_off_says_why(cast: Cast) -> None:
    number, _ = add(cast, "https://hooks.example.org/")
    with cast.board.writing() as session:
        row = session.get_one(Webhook, number)
        row.disabled_at, row.disabled_why = clock.now(), "Nothing got through since 3 May 2026."
    assert "since 3 May 2026" in page(cast, f"{HOME}/{number}") and "Off" in page(cast, HOME)


def test_the_pages_ask_the_database_as_often_however_much_there_is(cast: Cast) -> None:
    number, _ = add(cast, "https://hooks.example.org/")
    client, counts = cast.as_("owner"), list[tuple[int, int]]()
    for round_ in range(2):
        add(cast, f"https://hooks.example.org/{round_}")
        owed(cast.board, number, round_)
        asked = []
        for path in (HOME, f"{HOME}/{number}"):
            client.get(path)
            with cast.board.statements() as statements:
                client.get(path)
            asked.append(len(statements))
        counts.append((asked[0], asked[1]))
    assert counts[0] == counts[1]


def test_every_event_and_state_has_words() -> None:
    assert WORDS.keys() == {*Event}
    assert STATES.keys() == {"active", "failing", "paused", "disabled"}
    assert RESULTS.keys() == {"waiting", "delivered", "failed", "cancelled"}
