"""Webhooks as their owners keep them: made, changed, still, on again, and what is sent once more by hand."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actor import Actor, Belonging
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.audit.models import AuditEntry
from app.domain.webhooks import queries, services, signing
from app.domain.webhooks.models import Delivery, Event, Webhook
from app.worker import Shift, forget_deliveries
from tests.factories import Board
from tests.hooks import hook_row, hooked, ids, owed, rows, send, verified
from tests.peer import LOOPBACK, Peer, Reply

KEY = b"a secret for tests only, long enough"


def held(session: Session, hook: SimpleNamespace) -> Webhook:
    return queries.for_member(session, hook.id, hook.actor, lock=True)


def changed(board: Board, hook: SimpleNamespace, **changes: Any) -> None:
    with board.writing() as session:
        row = held(session, hook)
        services.change_webhook(session, row, row.version, LOOPBACK, hook.actor, clock.now(), **changes)


def create(board: Board, hook: SimpleNamespace, url: str, *events: str, actor: Actor | None = None) -> None:
    with board.writing() as session:
        services.create_webhook(
            session, hook.company.id, url, events or list(Event), (), actor or hook.actor, clock.now()
        )


@pytest.mark.parametrize(
    ("url", "events", "field"),
    [
        ("", ["posting.closed"], "url"), ("ftp://example.org/", ["posting.closed"], "url"),
        ("http://127.0.0.1/", ["posting.closed"], "url"), ("http://2130706433/", ["posting.closed"], "url"),
        ("http://localhost/", ["posting.closed"], "url"), ("https://u:p@example.org/", ["posting.closed"], "url"),
        ("https://example.org/", ["posting.sold"], "events"), ("https://example.org/", ["test"], "events"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_told_beside_the_field(
    board: Board, hook: SimpleNamespace, url: str, events: list[str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        create(board, hook, url, *events)
    assert refused.value.fields.keys() == {field}
    with pytest.raises(Invalid) as none:
        changed(board, hook, events=[])
    assert none.value.fields.keys() == {"events"}


def test_an_address_has_one_webhook_and_a_company_so_many(board: Board, hook: SimpleNamespace) -> None:
    create(board, hook, "https://example.org/1")
    with pytest.raises(Invalid, match="cannot be kept"):
        create(board, hook, "https://example.org/1")
    for number in range(2, queries.MOST):
        create(board, hook, f"https://example.org/{number}")
    with pytest.raises(Invalid, match="no room"):
        create(board, hook, "https://example.org/more")


def test_only_owners_have_any_to_do_with_them(board: Board, hook: SimpleNamespace) -> None:
    def at(company: Any, role: str) -> Actor:
        return Actor(user_id=1, memberships=(Belonging(company.id, company.slug, company.name, role),), how="session")  # type: ignore[arg-type]

    rival = board.company("Rival")
    for actor, refusal in (
        (at(hook.company, "recruiter"), Forbidden), (at(hook.company, "reviewer"), Forbidden),
        (at(rival, "owner"), NotFound), (Actor(user_id=1, is_admin=True), NotFound),
    ):  # fmt: skip
        with pytest.raises(refusal):
            create(board, hook, "https://example.org/", actor=actor)
        with board.reading() as session:
            with pytest.raises(refusal):
                queries.for_member(session, hook.id, actor)
            assert queries.of_actor(session, actor) == []


def test_a_program_needs_its_scope(board: Board, hook: SimpleNamespace) -> None:
    with board.reading() as session:
        narrow = replace(hook.actor, scopes=frozenset({"postings:write"}))
        with pytest.raises(Forbidden):
            queries.for_member(session, hook.id, narrow)
        assert queries.of_actor(session, narrow) == []
        wide = replace(hook.actor, scopes=frozenset({"webhooks"}))
        assert queries.for_member(session, hook.id, wide).id == hook.id


def test_a_secret_is_nowhere_at_rest_and_another_for_each(app: Flask, board: Board, hook: SimpleNamespace) -> None:
    second = hooked(board, "https://example.org/", hook.actor)
    assert hook.secret.startswith("whsec_") and hook.secret != second.secret
    row = hook_row(board, hook.id)
    kept = [str(getattr(row, column.name)) for column in Webhook.__table__.columns]
    assert not any(hook.secret.removeprefix("whsec_") in value for value in kept)
    assert signing.secret(b"another key, of another board", row) != hook.secret


def test_a_new_secret_signs_beside_the_one_before_for_a_day(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    now = clock.now()
    with board.writing() as session:
        row = held(session, hook)
        services.rotate(session, row, row.version, hook.actor, now)
        fresh = signing.secret(app.extensions["nexus-settings"].key, row)
    assert fresh != hook.secret
    for number, at in enumerate((now, now + signing.BOTH_FOR)):
        owed(board, hook.id, number, now=now)
        send(app, at)
        assert verified(peer.asked[-1], fresh, at)
        assert verified(peer.asked[-1], hook.secret, at) is (number == 0)


def test_what_is_stale_changes_nothing(board: Board, hook: SimpleNamespace) -> None:
    for act in ("change_webhook", "rotate"):
        with board.writing() as session:
            row, more = held(session, hook), (LOOPBACK,) if act == "change_webhook" else ()
            with pytest.raises(Conflict) as stale:
                getattr(services, act)(session, row, 99, *more, hook.actor, clock.now())
        assert stale.value.fresh is row


def test_what_is_still_keeps_its_events_and_sends_them_once_it_is_on_again(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    now = clock.now()
    peer.answer = lambda asked: Reply(500, {"Content-Length": "0"})
    owed(board, hook.id, 1, 7, now=now)
    send(app, now)
    changed(board, hook, active=False)
    assert hook_row(board, hook.id).state == "paused"
    owed(board, hook.id, 2, 7, now=now)
    peer.answer = lambda asked: Reply()
    assert send(app, now + timedelta(days=2)) == {}
    changed(board, hook, active=True)
    assert hook_row(board, hook.id).state == "active"
    assert send(app) == {"sent": 2}
    assert ids(peer) == ["evt_1", "evt_1", "evt_2"]


def test_a_worker_that_notes_something_does_not_make_a_members_change_stale(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    version = hook_row(board, hook.id).version
    peer.answer = lambda asked: Reply(500, {"Content-Length": "0"})
    owed(board, hook.id, 1)
    send(app)
    assert hook_row(board, hook.id).failing_since is not None and hook_row(board, hook.id).version == version


def test_what_waits_goes_to_the_new_address(app: Flask, board: Board, hook: SimpleNamespace, peer: Peer) -> None:
    owed(board, hook.id, 1)
    changed(board, hook, url=peer.url("/moved"))
    send(app)
    assert [asked.path for asked in peer.asked] == ["/moved"]


def test_a_replay_is_the_same_event_once_more(app: Flask, board: Board, hook: SimpleNamespace, peer: Peer) -> None:
    number = owed(board, hook.id, 1)
    send(app)
    with board.writing() as session:
        row = held(session, hook)
        services.replay(session, row, queries.delivery_of(session, row, number, lock=True), hook.actor, clock.now())
    send(app)
    assert ids(peer) == ["evt_1", "evt_1"] and peer.asked[0].body == peer.asked[1].body
    assert [(row.status, row.attempts) for row in rows(board)] == [("delivered", 1)]


def test_everything_that_was_given_up_is_sent_again_in_order(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    for number in range(3):
        owed(board, hook.id, number, 7)
    with board.writing() as session:
        for row in session.scalars(select(Delivery)):
            row.status = "failed" if row.event_id != "evt_1" else "delivered"  # type: ignore[assignment]
    with board.writing() as session:
        assert services.replay_failed(session, held(session, hook), hook.actor, clock.now()) == 2
    send(app)
    assert ids(peer) == ["evt_0", "evt_2"]


def test_nothing_is_sent_by_hand_from_one_that_is_off_or_while_it_is_sent(board: Board, hook: SimpleNamespace) -> None:
    number, now = owed(board, hook.id, 1), clock.now()
    with board.writing() as session:
        session.get_one(Delivery, number).claimed_until = now + timedelta(minutes=1)
    with pytest.raises(Conflict), board.writing() as session:
        row = held(session, hook)
        services.replay(session, row, queries.delivery_of(session, row, number), hook.actor, now)
    changed(board, hook, active=False)
    with pytest.raises(Invalid), board.writing() as session:
        services.send_test(session, held(session, hook), now)
    with pytest.raises(Invalid), board.writing() as session:
        services.replay_failed(session, held(session, hook), hook.actor, now)


def test_a_test_arrives_and_a_later_one_takes_the_place_of_one_that_waits(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    for _ in range(2):
        with board.writing() as session:
            services.send_test(session, held(session, hook), clock.now())
    assert send(app) == {"sent": 1}
    assert b'"type": "test"' in peer.asked[0].body
    assert [row.status for row in rows(board)] == ["cancelled", "delivered"]


def test_the_deliveries_of_another_webhook_are_not_found(board: Board, hook: SimpleNamespace) -> None:
    second = hooked(board, "https://example.org/", hook.actor)
    number = owed(board, hook.id, 1)
    with board.reading() as session, pytest.raises(NotFound):
        queries.delivery_of(session, session.get_one(Webhook, second.id), number)


def test_what_is_removed_takes_its_log_along_while_it_is_being_sent(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    owed(board, hook.id, 1)

    def gone(asked: object) -> Reply:
        with board.writing() as session:
            services.remove(session, held(session, hook), hook.actor, clock.now())
        return Reply(500, {"Content-Length": "0"})

    peer.answer = gone
    assert send(app) == {"put off": 1}
    assert rows(board) == []


def test_every_change_is_in_the_log_of_acts(board: Board, hook: SimpleNamespace) -> None:
    changed(board, hook, events=["posting.closed"])
    changed(board, hook, active=False)
    changed(board, hook, active=False)
    changed(board, hook, active=True)
    with board.writing() as session:
        row = held(session, hook)
        services.rotate(session, row, row.version, hook.actor, clock.now())
        services.remove(session, row, hook.actor, clock.now())
    with board.reading() as session:
        query = select(AuditEntry.action).where(AuditEntry.subject_type == "webhook").order_by(AuditEntry.id)
        assert list(session.scalars(query)) == [
            f"webhook.{act}" for act in ("create", "edit", "off", "on", "rotate", "remove")
        ]


def test_the_log_is_cut_after_a_month(app: Flask, board: Board, hook: SimpleNamespace) -> None:
    now = clock.now()
    for number, age in enumerate((timedelta(), services.KEPT - timedelta(minutes=1), services.KEPT)):
        owed(board, hook.id, number, now=now - age)
    with app.app_context():
        done = forget_deliveries(Shift(app.extensions["nexus-settings"], now=lambda: now))
    assert done == {"forgotten": 1}
    with board.reading() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 2
