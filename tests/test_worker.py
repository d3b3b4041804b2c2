"""The work of the background: woken by commits, stopped without losing any, harmless when killed."""

import signal
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import worker as work
from app.core import clock
from app.core.db import transaction
from app.core.events import work_owed
from app.domain.mail import letters
from app.domain.mail.models import MailStatus, OutboxMail
from app.domain.mail.services import owe
from tests import worker_process
from tests.factories import Board
from tests.smtp_peer import Peer
from tests.worker_process import TEMPLATE, killed_while_delivering, owe_many, started, struck


@pytest.fixture(autouse=True)
def _a_kind_of_mail() -> Iterator[None]:
    worker_process.teach()
    yield
    del letters.WRITERS[TEMPLATE]


@pytest.fixture
def waking(app: Flask) -> Iterator[Flask]:
    """The application as it is outside tests: commits wake its queue, which is empty."""
    app.config["NEXUS_WAKE"] = True
    work._planned.clear()
    queue = work.queue(app)
    queue.huey.flush()
    yield app
    queue.huey.flush()
    app.config["NEXUS_WAKE"] = False


def states(board: Board) -> Counter[str]:
    with board.reading() as session:
        return Counter(session.scalars(select(OutboxMail.status)))


def test_a_worker_killed_while_it_sends_loses_nothing(app: Flask, board: Board) -> None:
    figures = killed_while_delivering(app, board, mails=12, kills=2)
    assert (figures.arrived, figures.only_with_the_same_id) == (12, True)
    assert figures.repeated <= figures.kills
    assert states(board) == {MailStatus.SENT: 12}


@pytest.mark.parametrize("blow", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_asked_to_stop_finishes_the_mail_in_hand(app: Flask, board: Board, blow: signal.Signals) -> None:
    owe_many(board, 30)
    with Peer() as peer:
        worker = started(app.extensions["nexus-settings"], peer.url)
        peer.on_letter = struck(worker, peer, 3, blow)
        said, _ = worker.communicate(timeout=120)
    assert worker.returncode == 0, said
    assert "Mail leaves by the server" in said and "Stopped." in said
    assert 3 <= len(peer.letters) < 30 and states(board)[MailStatus.SENT] == len(peer.letters)


def test_work_off_does_what_is_due_and_says_so(app: Flask, board: Board) -> None:
    owe_many(board, 2)
    run = app.test_cli_runner().invoke(args=["work-off"])
    assert run.exit_code == 0 and "deliver mail: kept 2" in run.output
    again = app.test_cli_runner().invoke(args=["work-off"])
    assert again.exit_code == 0 and "deliver mail: nothing due" in again.output


def test_work_that_fails_does_not_keep_the_rest_from_being_done(
    app: Flask, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(shift: work.Shift) -> Counter[str]:
        raise RuntimeError

    monkeypatch.setattr(work, "DUE", [work.Piece("break", broken), *work.DUE])
    monkeypatch.setattr("app.cli.working.DUE", work.DUE)
    owe_many(board, 1)
    run = app.test_cli_runner().invoke(args=["work-off"])
    assert run.exit_code == 0 and "It failed" in run.output and "deliver mail: kept 1" in run.output


def owe_one(app: Flask, key: str, wait: timedelta) -> None:
    with app.app_context(), transaction() as session:
        now = clock.now()
        owe(session, TEMPLATE, "reader@example.org", key, now, due_at=now + wait, number=1)


def test_a_commit_that_owes_mail_wakes_the_worker_when_it_is_due(waking: Flask) -> None:
    queue = work.queue(waking)
    owe_one(waking, "at once", timedelta())
    assert (queue.huey.pending_count(), queue.huey.scheduled_count()) == (1, 0)
    queue.huey.flush()
    owe_one(waking, "undo", timedelta(seconds=10))
    task = queue.huey.dequeue()
    queue.huey.execute(task)
    assert (queue.huey.pending_count(), queue.huey.scheduled_count()) == (0, 1), "it is put by until it is due"
    owe_one(waking, "tomorrow", timedelta(days=1))
    assert (queue.huey.pending_count(), queue.huey.scheduled_count()) == (0, 1), "the sweep will find it"


def test_no_commit_is_left_to_the_sweep_because_another_woke_in_the_same_second(waking: Flask) -> None:
    huey, start = work.queue(waking).huey, clock.now().replace(microsecond=0)
    for step, expected in ((0, 1), (300, 2), (600, 2), (1000, 3), (1100, 3), (2500, 4)):
        with clock.stopped(start + timedelta(milliseconds=step)):
            owe_one(waking, str(step), timedelta())
        assert huey.pending_count() == expected, step


def test_what_is_undone_wakes_nobody(waking: Flask) -> None:
    with pytest.raises(ZeroDivisionError), waking.app_context(), transaction() as session:
        owe(session, TEMPLATE, "reader@example.org", "undone", clock.now(), number=1)
        raise ZeroDivisionError
    with waking.app_context(), transaction():
        pass
    assert work.queue(waking).huey.pending_count() == 0


def test_a_queue_that_is_away_fails_nobodys_request(
    waking: Flask, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: work.Queue, *args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(work.Queue, "wake", away)
    owe_one(waking, "kept all the same", timedelta())
    assert states(board) == {MailStatus.WAITING: 1}


def test_waking_is_bounded_while_nobody_works(waking: Flask) -> None:
    with waking.app_context():
        start = clock.now()
        for second in range(work.MOST_WAITING + 20):
            with clock.stopped(start + timedelta(seconds=second)):
                work_owed.send("test", due={clock.now()})
    assert work.queue(waking).huey.pending_count() == work.MOST_WAITING


def test_the_consumer_leaves_signals_alone_and_delivers(waking: Flask, board: Board) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    asked = threading.Event()

    def write(*given: Any) -> letters.Letter:
        asked.set()
        return worker_process.write(*given)

    letters.WRITERS[TEMPLATE] = write
    running = work.Running(waking)
    running.start()
    owe_one(waking, "now", timedelta())
    written = asked.wait(60)
    running.stop()
    work.queue(waking).stopping = False
    assert written and states(board) == {MailStatus.KEPT: 1}
    assert {number: signal.getsignal(number) for number in before} == before
