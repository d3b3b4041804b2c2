"""Threads that share one index, and transactions that end in another order than they began."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.core import clock
from app.core.db import Unavailable, let_go, reading, transaction
from app.core.errors import DomainError
from app.core.events import postings_changed
from app.domain.postings.models import Posting
from app.domain.search import changes
from app.domain.search.filters import Filters
from app.domain.search.index.backend import IndexBackend
from app.domain.search.plain.backend import PlainBackend
from bench.oracle.acting import Hand
from bench.oracle.asking import Asker, stock
from bench.oracle.judging import Judge
from tests.domain.search.market import NOW, Market

READERS, WRITERS, QUESTIONS = 8, 2, 12


@pytest.fixture
def market(app: Flask) -> Iterator[Market]:
    market = Market(seed=5, size=300)
    with clock.stopped(NOW):
        with app.app_context(), transaction() as session:
            market.store(session)
            postings_changed.send("tests", session=session, posting_ids=[1], now=NOW)
        yield market


def together(*works: Callable[[], None]) -> None:
    """All at once; raises what one of them raised, and TimeoutError where they wait for each other for ever."""
    with ThreadPoolExecutor(len(works)) as pool:
        for each in [pool.submit(work) for work in works]:
            each.result(timeout=120)


def test_many_threads_share_one_index(app: Flask, market: Market) -> None:
    index, ended = IndexBackend(PlainBackend()), threading.Event()
    wrong: list[object] = []
    acts: list[str] = []
    with app.app_context():
        known = stock(reading(), random.Random(1))

    def read(number: int) -> None:
        judge, asker = Judge(), Asker(random.Random(number), known)
        judge.index = index
        with app.app_context():
            for _ in range(QUESTIONS):
                session = reading()
                session.rollback()
                wrong.extend(judge.differences(session, asker.question(), clock.now()))
            let_go()

    def read_all() -> None:
        try:
            together(*(lambda number=number: read(number) for number in range(READERS)))
        finally:
            ended.set()

    def write(number: int) -> None:
        hand = Hand(random.Random(number), known, number)
        with app.app_context():
            while not ended.wait(0.02):
                try:
                    acts.append(hand.act(clock.now()))
                except (DomainError, Unavailable):
                    continue
                finally:
                    let_go()

    together(read_all, *(lambda number=number: write(number) for number in range(WRITERS)))
    assert not wrong, wrong[0]
    assert len(acts) > 10


def test_versions_follow_each_other_as_commits_do(app: Flask, market: Market) -> None:
    """Who noted first and commits last is not missed, and a reader between the two sees the one alone."""
    index, oracle, noted, go_on = IndexBackend(PlainBackend()), PlainBackend(), threading.Event(), threading.Event()

    def total() -> int:
        with app.app_context():
            found = index.total(reading(), Filters(), NOW)
            assert found == oracle.total(reading(), Filters(), NOW)
            let_go()
            return found

    def freeze(id_: int) -> None:
        with app.app_context(), transaction() as session:
            session.execute(update(Posting).where(Posting.id == id_).values(frozen_at=NOW))
            postings_changed.send("tests", session=session, posting_ids=[id_], now=NOW)
            if id_ == slow.id:
                noted.set()
                go_on.wait(20)

    slow, quick = market.listed(Filters())[:2]
    before = total()
    with app.app_context():
        on_postgresql = reading().get_bind().dialect.name == "postgresql"
        let_go()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(freeze, slow.id)
        assert noted.wait(20)
        if on_postgresql:  # SQLite lets one write at a time
            freeze(quick.id)
            assert total() == before - 1
        go_on.set()
        waiting.result(timeout=20)
    assert total() == before - (2 if on_postgresql else 1)


def test_a_savepoint_undone_and_a_clock_set_back(app: Flask, market: Market) -> None:
    index, oracle = IndexBackend(PlainBackend()), PlainBackend()
    first, other = (fact.id for fact in market.listed(Filters())[:2])
    with app.app_context():
        for hours in (0, 300, 1, 0, 24 * 365, 2):
            with transaction() as session:
                for id_, undone in ((first, False), (other, True)):
                    with session.begin_nested() as point:
                        change = {"title": f"Title {hours}", "expires_at": NOW + timedelta(days=40 + hours)}
                        session.execute(update(Posting).where(Posting.id == id_).values(**change))
                        postings_changed.send("tests", session=session, posting_ids=[id_], now=NOW)
                        if undone:
                            point.rollback()
            now = NOW + timedelta(hours=hours)
            for filters in (Filters(), Filters(q=f"{hours}"), Filters(posted_within=7)):
                session = reading()
                session.rollback()
                assert index.page(session, filters, now, 400, None) == oracle.page(session, filters, now, 400, None)
                answers = [one.facets(session, filters, now, "EUR", None) for one in (index, oracle)]
                assert answers[0] == answers[1]


def test_ids_far_apart_and_more_changes_than_are_followed(
    app: Flask, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, oracle = IndexBackend(PlainBackend()), PlainBackend()

    def agree() -> int:
        session = reading()
        session.rollback()
        total = index.total(session, Filters(), NOW)
        assert total == oracle.total(session, Filters(), NOW)
        assert index.page(session, Filters(), NOW, 400, None) == oracle.page(session, Filters(), NOW, 400, None)
        return total

    with app.app_context():
        before = agree()
        far = [7_000_000, 5_000_000, 30_000_000]
        with transaction() as session:
            like = session.get_one(Posting, market.listed(Filters())[0].id)
            facts = {c.key: getattr(like, c.key) for c in Posting.__table__.columns if c.key not in ("id", "version")}
            session.add_all(Posting(**facts, id=id_) for id_ in far)
            session.flush()
            postings_changed.send("tests", session=session, posting_ids=far, now=NOW)
        assert agree() == before + 3
        with transaction() as session:
            session.execute(update(Posting).where(Posting.id.in_(far[:2])).values(frozen_at=NOW))
            changes.note(session, range(1, 20_100))
            changes.note(session, far)
        assert agree() == before + 1
        assert reading().scalar(select(changes.SearchChange.version).limit(1)) is not None
