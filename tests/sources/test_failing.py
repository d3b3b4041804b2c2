"""Looks that fail, are killed, or are done by several at once, disturb nothing."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core.actor import SYSTEM
from app.domain.imports import services as imports
from app.domain.imports.models import ImportRun, ImportSighting
from app.domain.imports.services import LEASE, claim
from app.domain.imports.services.looking import wait
from app.worker import Shift, sources
from app.worker.sources import look_at_sources
from tests.domain.imports.feeds import FEEDS
from tests.domain.imports.rows import lines, row
from tests.peer import Asked, Peer, Reply
from tests.sources.conftest import ABC, HOUR, ROOT, Feeds, S

FAILURES: list[tuple[str, Callable[[Feeds], None], str]] = [
    ("an error", lambda feeds: feeds.peer.says(b"", 500), r"127\.0\.0\.1 answers with an error \(500\)"),
    ("a page that is gone", lambda feeds: feeds.peer.says(b"", 404), "has nothing there"),
    ("a redirect", lambda feeds: feeds.peer.says(b"", 302, Location="http://10.0.0.1/"), "leads on to http://10.0.0.1/"),
    ("a broken answer", lambda feeds: _breaks(feeds.peer), "broke off"),
    ("half a document", lambda feeds: feeds.peer.says(FEEDS["greenhouse"].content[:-9]), "not valid JSON"),
    ("half a stream", lambda feeds: feeds.peer.says(FEEDS["indeed-xml"].content[:-9]), "not well-formed XML"),
    ("a damaged archive", lambda feeds: feeds.peer.says(b"\x1f\x8b\x08nonsense"), "damaged"),
    ("another format", lambda feeds: feeds.peer.says(b"\x00\x01"), "cannot be read|none of the formats"),
]


def _breaks(peer: Peer) -> None:
    peer.answer = lambda asked: Reply(200, {"Content-Length": "1000"}, [b"half"])


@pytest.mark.parametrize("format_", ["greenhouse", "indeed-xml"])
@pytest.mark.parametrize(("what", "fails", "why"), FAILURES, ids=[each[0] for each in FAILURES])
def test_a_failed_look_changes_nothing_and_waits_longer_each_time(
    feeds: Feeds, format_: str, what: str, fails: Callable[[Feeds], None], why: str
) -> None:
    if {"half a document": "greenhouse", "half a stream": "indeed-xml"}.get(what, format_) != format_:
        pytest.skip("the other format's own way to break")
    feeds.add("/feed", format=format_)
    feeds.peer.says(FEEDS[format_].content)
    feeds.look()
    feeds.change(0, status=S.PUBLISHED, expires_at=feeds.now + timedelta(days=90))
    fails(feeds)
    before = feeds.states(), feeds.absences()
    for failures in (1, 2, 3):
        assert feeds.look(timedelta(days=2)) == {"failed": 1}
        source = feeds.source()
        assert (feeds.states(), feeds.absences()) == before == ([S.PUBLISHED], [0])
        assert re.search(why, source.outcome), source.outcome
        least = timedelta(minutes=15) * 2 ** (failures - 1)
        assert source.failures == failures and 0.75 * least <= source.due_at - feeds.now <= 1.25 * least
        assert feeds.waits and source.outcome in feeds.waits[0]
    feeds.peer.says(FEEDS[format_].content)
    feeds.look(timedelta(days=2))
    assert (feeds.source().failures, feeds.states()) == (0, [S.PUBLISHED])


def test_the_wait_has_an_end() -> None:
    assert wait(1, lambda: 0.5) == timedelta(minutes=15)
    assert wait(50, lambda: 1.0) == timedelta(hours=30)


def test_feeds_do_not_disturb_each_other(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    take = imports.take

    def fragile(session: Any, run: Any, batch: Any, *more: Any) -> Any:
        if any(prepared.posting and prepared.posting.title.endswith("7") for prepared in batch):
            raise RuntimeError("a bug of ours")
        return take(session, run, batch, *more)

    monkeypatch.setattr(imports, "take", fragile)
    bodies = {"/bad": (500, b""), "/bug": (200, lines(row(7))), "/good": (200, lines(row(1)))}

    def answer(asked: Asked) -> Reply:
        status, body = bodies[asked.path]
        return Reply(status, {}, [body])

    feeds.peer.answer = answer
    for path in bodies:
        feeds.add(path)
    assert feeds.look() == {"failed": 2, "taken in": 1}
    assert "the log tells more" in feeds.source(2).outcome and "bug" not in feeds.source(2).outcome
    assert feeds.states() == [S.PUBLISHED]


def test_an_inner_address_is_refused_with_a_sentence_in_its_row(feeds: Feeds) -> None:
    feeds.add()
    feeds.settings = feeds.settings.model_copy(update={"outbound_allow": ""})
    assert feeds.look() == {"failed": 1}
    assert feeds.source().outcome.startswith("127.0.0.1 is not on the open internet") and feeds.peer.asked == []


def test_two_workers_never_look_at_one_feed(feeds: Feeds) -> None:
    for number in range(6):
        feeds.add(f"/{number}")
    together = threading.Barrier(2, timeout=30)

    def answer(asked: Asked) -> Reply:
        if len(feeds.peer.asked) <= 2:
            together.wait()  # both are in the middle of a look
        return Reply(200, {}, [lines(row(int(asked.path[1:])))])

    feeds.peer.answer = answer
    feeds.now += HOUR
    done: list[dict[str, int]] = []

    def work() -> None:
        with feeds.app.app_context():
            done.append(dict(look_at_sources(Shift(feeds.settings, now=lambda: feeds.now))))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(asked.path for asked in feeds.peer.asked) == [f"/{number}" for number in range(6)]
    assert sum(counts.get("taken in", 0) + counts.get("failed", 0) for counts in done) == 6
    assert feeds.look(timedelta()) == {}


def test_whoever_lost_the_lease_writes_nothing_more(feeds: Feeds) -> None:
    source_id = feeds.add()
    feeds.shows(*ABC)
    other: list[Any] = []

    def slow(asked: Asked) -> Reply:
        if not other:
            with feeds.board.writing() as session:
                other.append(claim(session, feeds.now + LEASE))
        return Reply(200, {}, [lines(*ABC)])

    feeds.peer.answer = slow
    assert feeds.look() == {"left to others": 1}
    assert other[0].id == source_id and feeds.states() == []
    assert feeds.source().claimed_until == other[0].until and feeds.source().outcome == ""


def test_a_feed_removed_during_a_look_is_left(feeds: Feeds) -> None:
    source_id = feeds.add()

    def answer(asked: Asked) -> Reply:
        with feeds.board.writing() as session:
            imports.remove(session, source_id, SYSTEM, feeds.now)
        return Reply(200, {}, [lines(*ABC)])

    feeds.peer.answer = answer
    assert feeds.look() == {"left to others": 1} and feeds.states() == []


def test_a_worker_killed_in_the_middle_is_followed_by_another_when_its_lease_is_over(feeds: Feeds) -> None:
    feeds.add()
    feeds.shows(*(row(n) for n in range(700)))
    code = (
        "import os, signal\n"
        "from app import create_app\n"
        "from app.domain.imports import services\n"
        "from app.worker import Shift, sources\n"
        "taken = services.take\n"
        "def take(session, run, *rest):\n"
        "    if run.position >= 300: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return taken(session, run, *rest)\n"
        "services.take = take\n"
        "app = create_app()\n"
        "with app.app_context(): sources.look_at_sources(Shift(app.extensions['nexus-settings']))\n"
    )
    environment = {
        **os.environ, "DATABASE_URL": feeds.settings.database_url, "NEXUS_ENV": "testing",
        "OUTBOUND_ALLOW": "127.0.0.0/8",
    }
    killed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(feeds.states()) == 300
    until = feeds.source().claimed_until
    assert until is not None
    assert feeds.look(until - timedelta(seconds=1) - feeds.now) == {}
    assert feeds.look(timedelta(seconds=1)) == {"taken in": 1}
    assert feeds.states() == [S.PUBLISHED] * 700
    assert feeds.source().outcome == "Read: 400 new, 300 the same."
    with feeds.board.reading() as session:
        assert session.scalar(select(func.count(ImportRun.id))) == 1
        assert session.scalar(select(func.count(ImportSighting.posting_id))) == 700


def test_a_hurried_round_leaves_the_rest_to_the_next(feeds: Feeds) -> None:
    for number in range(3):
        feeds.add(f"/{number}")

    def slow(asked: Asked) -> Reply:
        feeds.now += sources.PATIENCE
        return Reply(200, {}, [lines(row(int(asked.path[1:])))])

    feeds.peer.answer = slow
    feeds.now += HOUR
    with feeds.app.app_context():
        assert look_at_sources(Shift(feeds.settings, now=lambda: feeds.now, stretch=5)) == {"taken in": 1}
        assert look_at_sources(Shift(feeds.settings, now=lambda: feeds.now)) == {"taken in": 2}


def test_work_off_looks_and_says_what_could_not_be_read(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(feeds.app.extensions, "nexus-settings", feeds.settings)
    feeds.add()
    feeds.add("/other")
    good = Reply(200, {}, [lines(row(1))])
    feeds.peer.answer = lambda asked: good if asked.path == "/other" else Reply(404)
    run = feeds.app.test_cli_runner().invoke(args=["work-off"])
    assert "look at sources: failed 1, taken in 1" in run.output
    assert f"{feeds.peer.url('/feed.jsonl')}: 127.0.0.1 has nothing there (404)." in run.output
