"""To a real peer that refuses, stalls, fails and loses its answers: at least once, under one id, in order."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import db
from app.core.events import work_owed
from app.core.links import Links
from app.domain.mail.models import OutboxMail
from app.domain.webhooks import asking, services
from app.domain.webhooks.models import Delivery, Webhook
from app.domain.webhooks.services import LEASE, MOST_TRIES, PATIENCE, WAITS, delay, sending
from app.worker import Shift, send_webhooks
from tests.conftest import ENGINES
from tests.factories import Board
from tests.hooks import HASTY, hook_row, hooked, ids, owed, rows, send, settings, told, verified
from tests.mailbox import post, text_of
from tests.peer import Asked, Peer, Reply, peering
from tests.smtp_peer import free_port

NOW = clock.now()
SOON = NOW + timedelta(minutes=1)
LATER = NOW + timedelta(days=2)


def refuses(status: int) -> Reply:
    return Reply(status, {"Content-Length": "0"})


@pytest.fixture(autouse=True)
def _no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are as `WAITS` says."""
    monkeypatch.setattr(sending, "delay", lambda attempts: delay(attempts, lambda: 0.5))


@pytest.fixture
def other(board: Board, hook: SimpleNamespace) -> Iterator[tuple[SimpleNamespace, Peer]]:
    """A second webhook of the company, with a peer of its own."""
    with peering() as peer:
        yield hooked(board, peer.url("/other"), hook.actor), peer


def test_what_is_sent_is_signed_and_says_what_happened(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    made = board.posting(hook.company.id, title="Bäcker")
    now = clock.now()
    assert send(app, now) == {"sent": 1}
    (asked,) = peer.asked
    assert (asked.method, asked.path, asked.headers["content-type"]) == ("POST", "/hook", "application/json")
    assert asked.headers["webhook-id"] == rows(board)[0].event_id
    assert verified(asked, hook.secret, now) and not verified(asked, f"{hook.secret[:-6]}AAAAA=", now)
    said = told(asked)
    assert said["type"] == "posting.changed" and said["timestamp"].endswith("Z")
    assert said["data"]["posting"]["title"] == "Bäcker" and "slug" not in said["data"]["posting"]
    assert said["data"]["posting"]["url"] == f"http://127.0.0.1:5000{made.path}"
    assert said["data"]["posting"]["api_url"] == f"http://127.0.0.1:5000/api/v1/postings/{made.id}"
    done = rows(board)[0]
    assert (done.status, done.answer_status, done.answer_text, done.attempts) == ("delivered", 200, None, 1)
    assert send(app, now) == {}


def test_a_changed_body_or_time_or_id_is_not_signed(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    owed(board, hook.id, 1)
    send(app)
    (asked,) = peer.asked
    assert verified(asked, hook.secret, clock.now())
    assert not verified(asked._replace(body=asked.body + b" "), hook.secret, clock.now())
    for name, other in (("webhook-id", "evt_2"), ("webhook-timestamp", str(int(clock.now().timestamp()) - 7))):
        before = asked.headers[name]
        asked.headers.replace_header(name, other)
        assert not verified(asked, hook.secret, clock.now()), name
        asked.headers.replace_header(name, before)


def test_a_refused_connection_is_tried_again_until_somebody_takes_it(
    app: Flask, board: Board, hook: SimpleNamespace
) -> None:
    port = free_port()
    with board.writing() as session:
        session.get_one(Webhook, hook.id).url = f"http://127.0.0.1:{port}/"
    owed(board, hook.id, 1, now=NOW)
    assert send(app, NOW) == {"put off": 1}
    late = rows(board)[0]
    assert (late.status, late.attempts, late.due_at) == ("waiting", 1, NOW + WAITS[0])
    assert late.answer_status is None and "does not take connections" in (late.answer_text or "")
    assert send(app, NOW + timedelta(seconds=29)) == {}, "it waits"
    assert send(app, NOW + timedelta(seconds=30)) == {"put off": 1}
    with peering() as there:
        with board.writing() as session:
            session.get_one(Webhook, hook.id).url = there.url("/back")
        assert send(app, LATER) == {"sent": 1}
        assert ids(there) == ["evt_1"]
    done = rows(board)[0]
    assert (done.status, done.attempts, hook_row(board, hook.id).failing_since) == ("delivered", 3, None)


def test_who_is_too_slow_is_asked_again(app: Flask, board: Board, hook: SimpleNamespace, peer: Peer) -> None:
    over = threading.Event()

    def stall(asked: Asked) -> Reply:
        over.wait(10)
        return Reply()

    peer.answer = stall
    owed(board, hook.id, 1, now=NOW)
    assert send(app, NOW, seconds=HASTY) == {"put off": 1}
    over.set()
    assert "did not answer in time" in (rows(board)[0].answer_text or "")
    assert send(app, SOON) == {"sent": 1}
    assert ids(peer) == ["evt_1", "evt_1"]


@pytest.mark.parametrize("status", [500, 503, 404, 301, 429])
def test_any_answer_but_success_is_tried_again(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer, status: int
) -> None:
    peer.answer = lambda asked: Reply(status, {"Content-Length": "0", "Location": "/elsewhere"})
    owed(board, hook.id, 1, now=NOW)
    assert send(app, NOW) == {"put off": 1}
    late = rows(board)[0]
    assert (late.status, late.answer_status) == ("waiting", status) and late.answer_text
    peer.answer = lambda asked: refuses(204)
    assert send(app, SOON) == {"sent": 1}
    assert ids(peer) == ["evt_1", "evt_1"] and {asked.path for asked in peer.asked} == {"/hook"}


def test_a_lost_answer_means_once_more_under_the_same_id(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    def lose(asked: Asked) -> Reply:
        raise ConnectionError  # the peer hangs up, with the event in hand

    peer.answer = lose
    owed(board, hook.id, 1, now=NOW)
    assert send(app, NOW) == {"put off": 1}
    peer.answer = lambda asked: Reply()
    assert send(app, SOON) == {"sent": 1}
    assert ids(peer) == ["evt_1", "evt_1"]
    stamps = [int(asked.headers["webhook-timestamp"]) for asked in peer.asked]
    assert stamps == [int(NOW.timestamp()), int(SOON.timestamp())], "each try is of its own time"
    assert verified(peer.asked[1], hook.secret, SOON)


def test_what_is_told_of_a_posting_is_told_in_order(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    for number, posting_id in ((1, 7), (2, 7), (3, 8), (4, 7), (5, 8)):
        owed(board, hook.id, number, posting_id, now=NOW)
    peer.answer = lambda asked: refuses(500 if told(asked)["data"]["number"] == 1 else 200)
    assert send(app, NOW) == {"put off": 1, "sent": 2}
    assert ids(peer) == ["evt_1", "evt_3", "evt_5"], "the other posting is not held up"
    peer.answer = lambda asked: Reply()
    assert send(app, SOON) == {"sent": 3}
    assert ids(peer)[3:] == ["evt_1", "evt_2", "evt_4"]


def test_a_posting_goes_on_where_an_event_is_given_up(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    owed(board, hook.id, 1, 7, now=NOW)
    owed(board, hook.id, 2, 7, now=NOW)
    peer.answer = lambda asked: refuses(500 if told(asked)["data"]["number"] == 1 else 200)
    at = NOW
    for wait in WAITS:
        assert send(app, at) == {"put off": 1}
        at += wait
    assert send(app, at) == {"put off": 1, "sent": 1}
    assert [(row.status, row.attempts) for row in rows(board)] == [("failed", MOST_TRIES), ("delivered", 1)]
    assert hook_row(board, hook.id).disabled_at is None, "a day is no long failure"


def test_the_waits_make_about_a_day() -> None:
    waits = [delay(tries, lambda: 0.5) for tries in range(1, MOST_TRIES)]
    assert waits == list(WAITS) and timedelta(hours=23) < sum(waits, timedelta()) < timedelta(hours=25)
    assert delay(1, lambda: 0.0) == timedelta(seconds=27) and delay(1, lambda: 1.0) == timedelta(seconds=33)
    assert list(WAITS) == sorted(WAITS)


def test_a_slow_receiver_keeps_no_other_waiting(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer, other: tuple[SimpleNamespace, Peer]
) -> None:
    """The slow one answers only after everything of the other has arrived, and is asked one thing at a time."""
    second, quick = other
    for number in range(5):
        owed(board, hook.id, number, number, now=NOW)
        owed(board, second.id, 10 + number, number, now=NOW)
    through = threading.Event()

    def last(asked: Asked) -> Reply:
        if len(quick.asked) == 5:
            through.set()
        return Reply()

    quick.answer = last
    held, at_once, busy = [False], [False], threading.Lock()

    def slow(asked: Asked) -> Reply:
        mine = busy.acquire(blocking=False)
        at_once[0] = at_once[0] or not mine
        held[0] = held[0] or not through.wait(8)
        if mine:
            busy.release()
        return Reply()

    peer.answer = slow
    assert send(app, NOW) == {"sent": 10}
    assert held == at_once == [False] and len(peer.asked) == len(quick.asked) == 5


def test_where_nobody_answers_one_try_is_enough_for_now(app: Flask, board: Board, hook: SimpleNamespace) -> None:
    with board.writing() as session:
        session.get_one(Webhook, hook.id).url = f"http://127.0.0.1:{free_port()}/"
    for number in range(6):
        owed(board, hook.id, number, number, now=NOW)
    assert send(app, NOW) == {"put off": 1}
    assert sum(row.attempts for row in rows(board)) == 1
    for at in (NOW + timedelta(seconds=30), NOW + timedelta(seconds=61)):
        assert send(app, at) == {"put off": 1}, "one each time"


def test_a_stretch_ends_and_what_is_left_wakes_the_worker(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        owed(board, hook.id, number, now=NOW)
    woken: list[set[object]] = []

    def note(sender: object, *, due: set[object]) -> None:
        woken.append(due)

    work_owed.connect(note)
    with app.app_context():
        done = send_webhooks(Shift(settings(app), now=lambda: NOW, stretch=-1.0))
    work_owed.disconnect(note)
    assert (done, woken) == ({}, [{NOW}])
    with app.app_context():
        assert send_webhooks(Shift(settings(app), now=lambda: NOW, stretch=60.0)) == {"sent": 3}


def test_a_worker_that_is_asked_to_stop_takes_nothing_new(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    for number in range(5):
        owed(board, hook.id, number, number, now=NOW)
    with app.app_context():
        done = send_webhooks(Shift(settings(app), now=lambda: NOW, stopping=lambda: len(peer.asked) >= 2))
    assert done == {"sent": 2} and len(peer.asked) == 2


def test_a_claimed_event_is_nobody_elses_until_its_lease_ends(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    owed(board, hook.id, 1, 7, now=NOW)
    owed(board, hook.id, 2, 7, now=NOW)
    links = Links("http://127.0.0.1:5000", b"a key")
    with board.writing() as session:
        (first,) = services.claim(session, links, NOW, most=8)
    with board.writing() as session:
        assert services.claim(session, links, NOW, most=8) == [], "nor what follows it"
    assert send(app, NOW + LEASE - timedelta(seconds=1)) == {}
    assert send(app, NOW + LEASE) == {"sent": 2}
    assert ids(peer) == ["evt_1", "evt_2"]
    too_late = services.Outcome(500, "It answered 500.", timedelta(seconds=1))
    with board.writing() as session:
        assert not services.failed(session, first, too_late, NOW + LEASE)
    assert rows(board)[0].status == "delivered"


def test_what_arrived_is_told_so_even_where_the_lease_ran_out(app: Flask, board: Board, hook: SimpleNamespace) -> None:
    owed(board, hook.id, 1, now=NOW)
    links = Links("http://127.0.0.1:5000", b"a key")
    with board.writing() as session:
        (first,) = services.claim(session, links, NOW)
    with board.writing() as session:
        (again,) = services.claim(session, links, NOW + LEASE)
    with board.writing() as session:
        services.arrived(session, first, services.Outcome(200, "", timedelta()), NOW + LEASE)
        assert not services.failed(session, again, services.Outcome(500, "", timedelta()), NOW + LEASE)
    assert rows(board)[0].status == "delivered"


def test_tries_that_nobody_heard_of_again_come_to_an_end(app: Flask, board: Board, hook: SimpleNamespace) -> None:
    owed(board, hook.id, 1, now=NOW)
    links, at = Links("http://127.0.0.1:5000", b"a key"), NOW
    for _ in range(MOST_TRIES):
        with board.writing() as session:
            assert services.claim(session, links, at)
        at += LEASE
    with board.writing() as session:
        assert services.claim(session, links, at) == []
    assert rows(board)[0].status == "failed"


def test_410_turns_it_off_at_once(app: Flask, board: Board, hook: SimpleNamespace, peer: Peer) -> None:
    owed(board, hook.id, 1, 7, now=NOW)
    owed(board, hook.id, 2, 8, now=NOW)
    peer.answer = lambda asked: refuses(410)
    assert send(app, NOW) == {"put off": 1}
    found = hook_row(board, hook.id)
    assert (found.disabled_at, found.state) == (NOW, "disabled") and "410" in (found.disabled_why or "")
    assert send(app, LATER) == {} and [row.status for row in rows(board)] == ["waiting"] * 2
    (letter,) = post(app, LATER)
    assert letter["To"] == "owner@example.org" and "410" in text_of(letter)


def test_where_nothing_gets_through_for_long_it_is_turned_off_with_one_mail_to_each_owner(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    board.member(hook.company.id, "second@example.org", "owner")
    board.member(hook.company.id, "grace@example.org", "recruiter")
    for number in range(9):
        owed(board, hook.id, number, 7, now=NOW)
    peer.answer = lambda asked: refuses(500)
    at = NOW
    while hook_row(board, hook.id).disabled_at is None and at < NOW + timedelta(days=6):
        send(app, at)
        at += timedelta(hours=1)
    found = hook_row(board, hook.id)
    assert found.disabled_at is not None and timedelta(days=3) <= found.disabled_at - NOW <= timedelta(days=4.5)
    assert send(app, at + timedelta(days=9)) == {}
    letters = post(app, at)
    assert sorted(letter["To"] for letter in letters) == ["owner@example.org", "second@example.org"]
    for letter in letters:
        assert "127.0.0.1" in text_of(letter) and f"/employer/webhooks/{hook.id}" in text_of(letter)
    with board.reading() as session:
        assert {mail.template for mail in session.scalars(select(OutboxMail))} == {"webhook-disabled"}


def test_one_that_got_through_begins_the_patience_anew(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    owed(board, hook.id, 1, 7, now=NOW)
    peer.answer = lambda asked: refuses(500)
    send(app, NOW)
    assert hook_row(board, hook.id).state == "failing"
    owed(board, hook.id, 2, 8, now=NOW)
    peer.answer = lambda asked: Reply()
    send(app, NOW)
    assert hook_row(board, hook.id).state == "active" and hook_row(board, hook.id).quiet_until is None


@pytest.mark.parametrize(("name", "leads_to"), [("hooks.example.org", "127.0.0.1"), ("hooks.example.org", "10.0.0.7")])
def test_a_name_that_leads_inside_is_refused_when_sending_and_the_log_says_so(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer, monkeypatch: pytest.MonkeyPatch, name: str,
    leads_to: str,
) -> None:
    kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **more: [(*kind, (leads_to, port))])
    with board.writing() as session:
        session.get_one(Webhook, hook.id).url = peer.url("/hook", host=name)
    owed(board, hook.id, 1, now=NOW)
    assert send(app, NOW, outbound_allow="") == {"put off": 1}
    assert peer.asked == []
    late = rows(board)[0]
    assert (late.status, late.answer_status) == ("waiting", None)
    assert "not on the open internet" in (late.answer_text or "")


def test_what_breaks_here_is_told_in_the_log_and_keeps_nobody_waiting(
    app: Flask, board: Board, hook: SimpleNamespace, other: tuple[SimpleNamespace, Peer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = asking.ask

    def ask(method: str, url: str, **more: Any) -> Any:
        if url == hook.url:
            raise UnicodeError
        return real(method, url, **more)

    monkeypatch.setattr(asking, "ask", ask)
    owed(board, hook.id, 1, now=NOW)
    owed(board, other[0].id, 2, now=NOW)
    assert send(app, NOW) == {"put off": 1, "sent": 1}
    assert "board’s log" in (rows(board)[0].answer_text or "")
    assert rows(board)[0].due_at > NOW and rows(board)[1].status == "delivered"


def test_two_workers_share_the_work(app: Flask, board: Board, hook: SimpleNamespace, peer: Peer) -> None:
    for number in range(12):
        owed(board, hook.id, number, number % 3, now=NOW)
    threads = [threading.Thread(target=send, args=(app, NOW)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(peer.asked) == 12 and {row.status for row in rows(board)} == {"delivered"}
    for lane in range(3):
        got = [told(asked)["data"]["number"] for asked in peer.asked if told(asked)["data"]["number"] % 3 == lane]
        assert got == sorted(got)


@pytest.mark.parametrize("built", ENGINES[1:], indirect=True)
def test_who_claims_waits_for_nobody_that_holds_the_webhook(app: Flask, board: Board, hook: SimpleNamespace) -> None:
    """It holds the delivery that they want next: each would wait for the other. SQLite has one writer at a time."""
    waiting = owed(board, hook.id, 1, now=NOW)
    links = Links("http://127.0.0.1:5000", b"a key")
    with board.writing() as session:
        row, failing = session.get_one(Delivery, waiting), session.get_one(Webhook, hook.id)
        row.attempts, failing.failing_since = MOST_TRIES, NOW - PATIENCE
    with app.app_context(), Session(db.engine) as holder:
        holder.execute(text("SET TRANSACTION READ WRITE"))
        holder.execute(select(Webhook.id).where(Webhook.id == hook.id).with_for_update())
        with board.writing() as session:
            session.execute(text("SET LOCAL lock_timeout = '2s'"))
            assert services.claim(session, links, NOW) == []
        holder.execute(select(Delivery.id).where(Delivery.id == waiting).with_for_update(nowait=True))
        assert rows(board)[0].status == "waiting"
        holder.rollback()
    with board.writing() as session:
        assert services.claim(session, links, NOW) == []
    assert rows(board)[0].status == "failed" and hook_row(board, hook.id).state == "disabled"
