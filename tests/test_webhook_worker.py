"""Events and the worker: woken by commits, killed in the middle, nothing lost, nothing out of order."""

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask

from app import worker as work
from app.core import clock
from app.domain.webhooks.services import LEASE
from app.worker import Shift, send_webhooks
from tests.factories import Board
from tests.hooks import hooked, ids, owed, owner_of, rows, send, settings, told
from tests.peer import Asked, Peer, Reply, peering
from tests.worker_process import started

EVENTS, POSTINGS = 15, 3


@pytest.fixture
def peer() -> Iterator[Peer]:
    with peering() as peer:
        yield peer


@pytest.fixture
def hook(board: Board, peer: Peer) -> SimpleNamespace:
    return hooked(board, peer.url(), owner_of(board, board.company()))


def test_a_worker_killed_while_it_sends_loses_nothing(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    for number in range(EVENTS):
        owed(board, hook.id, number, number % POSTINGS)
    for kill in (1, 2):
        worker = started(app.extensions["nexus-settings"], "")
        last = len(peer.asked) + 4

        def strike(asked: Asked, pid: int = worker.pid, last: int = last) -> Reply:
            if len(peer.asked) == last:
                os.kill(pid, signal.SIGKILL)  # it has arrived, and nobody will ever note it
            return Reply(204)

        peer.answer = strike
        said, _ = worker.communicate(timeout=120)
        assert worker.returncode == -signal.SIGKILL, said
        assert sum(row.claimed_until is not None for row in rows(board)) == kill
    peer.answer = lambda asked: Reply(204)
    send(app, clock.now() + LEASE + timedelta(minutes=1))
    got = ids(peer)
    assert set(got) == {f"evt_{number}" for number in range(EVENTS)}
    assert len(got) <= EVENTS + 2, "only what was in hand came twice"
    numbers = [told(asked)["data"]["number"] for asked in peer.asked]
    for posting in range(POSTINGS):
        of_it = [number for number in numbers if number % POSTINGS == posting]
        assert of_it == sorted(of_it), "each after the one before it"
    assert {row.status for row in rows(board)} == {"delivered"}


def test_a_worker_asked_to_stop_notes_what_is_in_hand(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer
) -> None:
    for number in range(EVENTS):
        owed(board, hook.id, number, number)
    worker = started(app.extensions["nexus-settings"], "")

    def strike(asked: Asked) -> Reply:
        if len(peer.asked) == 3:
            os.kill(worker.pid, signal.SIGTERM)
        return Reply(204)

    peer.answer = strike
    said, _ = worker.communicate(timeout=120)
    assert worker.returncode == 0, said
    states = [row.status for row in rows(board)]
    assert states.count("delivered") == len(peer.asked) >= 3
    assert not any(row.claimed_until for row in rows(board))


def test_work_off_sends_what_is_due(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.working.settings", lambda: settings(app))
    for number in range(3):
        owed(board, hook.id, number, 7)
    run = app.test_cli_runner().invoke(args=["work-off"])
    assert run.exit_code == 0 and "send webhooks: sent 3" in run.output, run.output
    assert ids(peer) == ["evt_0", "evt_1", "evt_2"]
    again = app.test_cli_runner().invoke(args=["work-off"])
    assert "send webhooks: nothing due" in again.output


def test_a_change_wakes_the_worker_which_sends_it(app: Flask, board: Board, hook: SimpleNamespace, peer: Peer) -> None:
    app.config["NEXUS_WAKE"] = True
    work._planned.clear()
    queue = work.queue(app)
    queue.huey.flush()
    try:
        board.posting(hook.actor.memberships[0].company_id)
        assert queue.huey.pending_count() == 1
        with app.app_context():
            before = queue._settings
            queue._settings = settings(app)
            queue.huey.execute(queue.huey.dequeue())
            queue._settings = before
    finally:
        queue.huey.flush()
        app.config["NEXUS_WAKE"] = False
    assert [told(asked)["type"] for asked in peer.asked] == ["posting.changed"]


def test_a_database_that_is_lost_while_a_receiver_has_it_means_once_more(
    app: Flask, board: Board, hook: SimpleNamespace, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed(board, hook.id, 1)

    def lost(*given: object) -> None:
        raise OSError("the database is gone")

    with monkeypatch.context() as broken, pytest.raises(OSError, match="gone"), app.app_context():
        broken.setattr("app.worker.webhooks.webhooks.arrived", lost)
        send_webhooks(Shift(settings(app)))
    assert rows(board)[0].status == "waiting"
    assert send(app, clock.now() + LEASE) == {"sent": 1}
    assert ids(peer) == ["evt_1", "evt_1"]
