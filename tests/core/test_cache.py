"""What is kept of counts is never older than the last commit, nor older than the clock allows."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app import create_app
from app.core import clock
from app.core.actor import SYSTEM
from app.core.cache import POSTINGS, CacheVersion, Question, cache, changed, kept
from app.core.db import db, reading, transaction
from app.core.settings import Settings
from app.domain.companies.models import Company
from app.domain.companies.services import create_company
from app.domain.companies.services.standing import admin_act
from app.domain.postings.models import Category, Posting
from app.domain.postings.services import categories
from app.domain.search import queries
from app.domain.search.filters import Filters, parse
from tests.factories import Board


@pytest.fixture(autouse=True)
def _nothing_kept(app: Flask) -> None:
    with app.app_context():
        cache.clear()


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """What is asked of the database, as it is asked."""
    asked = list[str]()

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        asked.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def another(app: Flask) -> Flask:
    """A second process's application on the same database; it shares no memory with the first."""
    given: Settings = app.extensions["nexus-settings"]
    return create_app(given)


def counts(app: Flask, now: datetime | None = None, **asked: str) -> int:
    with app.app_context():
        filters = parse(asked.items(), "EUR").filters
        return queries.facets(reading(), filters, now or clock.now(), currency="EUR").total


def home(app: Flask, now: datetime | None = None) -> tuple[int, dict[str, tuple[str, int]]]:
    with app.app_context():
        total, options = queries.by_category(reading(), now or clock.now())
        return total, {option.value: (option.label, option.count) for option in options}


def version(app: Flask) -> str | None:
    with app.app_context():
        return reading().scalar(select(CacheVersion.version))


def test_an_answer_is_found_once_and_is_the_same_from_the_cache(
    app: Flask, board: Board, statements: list[str]
) -> None:
    board.posting()
    with app.app_context():
        now, session = clock.now(), reading()
        found = queries.by_category(session, now)
        statements.clear()
        assert queries.by_category(session, now) == found == (1, found[1])
        assert len(statements) == 1 and "cache_versions" in statements[0]


def _rename(session: Session, row: Category) -> None:
    categories.rename_category(session, row, "Building", "", row.version, SYSTEM, clock.now())


def _move(session: Session, row: Category) -> None:
    categories.rename_category(session, row, row.name, "builders", row.version, SYSTEM, clock.now())


def _place(session: Session, row: Category) -> None:
    categories.place_category(session, row, 1, row.version, SYSTEM, clock.now())


def _add(session: Session, row: Category) -> None:
    categories.add_category(session, "Gardening", "", SYSTEM, clock.now())


def _merge(session: Session, row: Category) -> None:
    other = session.scalars(select(Category).where(Category.id != row.id)).one()
    categories.merge_category(session, row, other, (row.version, other.version), SYSTEM, clock.now())


@pytest.mark.parametrize("change", [_rename, _move, _place, _add, _merge])
def test_a_change_of_the_fields_of_work_shows_at_once(
    app: Flask, board: Board, change: Callable[[Session, Category], None]
) -> None:
    first, _ = board.category(), board.category("design", "Design")
    board.posting(category_id=first)

    def shown() -> list[tuple[str, str, int]]:
        with app.app_context():
            facets = queries.facets(reading(), Filters(), clock.now(), currency="EUR")
        return [(option.value, option.label, option.count) for option in facets.by_argument["category"].options]

    before = shown()
    assert shown() == before
    with board.writing() as session:
        change(session, session.get_one(Category, first))
    assert shown() != before


def test_another_process_sees_a_change_once_it_is_committed(app: Flask, board: Board) -> None:
    second = another(app)
    board.posting()
    assert (counts(app), counts(second)) == (1, 1)
    board.posting()
    assert (counts(app), counts(second)) == (2, 2)
    assert home(second)[0] == 2
    with second.app_context(), transaction() as session:
        company = session.scalars(select(Company)).first()
        assert company is not None
        admin_act(session, company, "suspend", company.version, SYSTEM, "Spam.", clock.now())
    assert (counts(app), counts(second)) == (1, 1)
    with second.app_context():
        db.engine.dispose()


def test_what_is_undone_or_not_committed_yet_changes_nothing(app: Flask, board: Board) -> None:
    board.posting()
    assert counts(app) == 1
    before = version(app)
    with app.app_context():
        with pytest.raises(ZeroDivisionError), transaction() as session:
            session.connection()
            changed(session, POSTINGS)
            raise ZeroDivisionError
        with transaction() as session:
            create_company(session, "Quiet", clock.now())
    assert version(app) == before


def test_a_savepoint_undone_does_not_forget_the_change(app: Flask, board: Board) -> None:
    board.posting()
    before = version(app)
    with app.app_context(), transaction() as session:
        changed(session, POSTINGS)
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            raise ZeroDivisionError
        with session.begin_nested():
            session.flush()
    assert version(app) != before


def test_the_new_version_is_the_last_word_of_the_transaction(
    app: Flask, board: Board, statements: list[str]
) -> None:
    posting = board.posting()
    with app.app_context(), transaction() as session:
        statements.clear()
        row = session.get_one(Posting, posting.id)
        changed(session, POSTINGS)
        row.title = "Written after the news"
    written = [one for one in statements if one.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert "postings" in written[0] and "cache_versions" in written[-1] and len(written) == 2


def test_inside_a_change_nothing_is_kept(app: Flask, board: Board) -> None:
    board.posting()
    with app.app_context():
        with pytest.raises(ZeroDivisionError), transaction() as session:
            for posting in session.scalars(select(Posting)):
                posting.frozen_at = clock.now()
            session.flush()
            assert queries.facets(session, Filters(), clock.now(), currency="EUR").total == 0
            raise ZeroDivisionError
        assert queries.facets(reading(), Filters(), clock.now(), currency="EUR").total == 1


def test_a_change_between_version_and_data_leaves_no_old_answer_under_the_new_version(
    app: Flask, board: Board
) -> None:
    """Somebody commits while an answer is being found, at each of the moments at which that may happen."""
    board.posting()
    made = [1]

    def commit() -> None:
        thread = threading.Thread(target=board.posting)
        thread.start()
        thread.join()
        made[0] += 1

    def asked(early: bool) -> int:
        def until() -> None:
            if early:
                commit()

        def answer() -> int:
            total = queries.total(session, Filters(), clock.now())
            if not early:
                commit()
            return total

        question = Question("a race", answer, until, int, int)
        return kept(session, POSTINGS, question, clock.now())

    def total() -> int:
        return queries.total(reading(), Filters(), clock.now())

    for early in (True, False):
        with app.app_context():
            session = reading()
            asked(early)
        with app.app_context():
            question = Question("a race", total, lambda: None, int, int)
            assert kept(reading(), POSTINGS, question, clock.now()) == made[0]


def test_the_clock_ends_an_answer_at_the_very_instant(app: Flask, board: Board) -> None:
    now = clock.now()
    later = now + timedelta(seconds=10)
    board.posting(expires_at=later)
    board.posting(published_at=now + timedelta(seconds=20), expires_at=now + timedelta(days=9))
    board.posting(published_at=now - timedelta(days=1) + timedelta(seconds=30))
    seen = []
    for seconds in (0, 9, 10, 19, 20, 30, 31):
        at = now + timedelta(seconds=seconds)
        with app.app_context():
            facets = queries.facets(reading(), Filters(), at, currency="EUR")
        young = next(option.count for option in facets.by_argument["posted_within"].options if option.value == "1")
        assert home(app, at)[0] == facets.total
        seen.append((facets.total, young))
    assert seen == [(2, 2), (2, 2), (1, 1), (1, 1), (2, 2), (2, 2), (2, 1)]


def test_an_answer_serves_no_moment_before_it_was_found(app: Flask, board: Board) -> None:
    now = clock.now()
    board.posting(expires_at=now + timedelta(seconds=10))
    assert counts(app, now + timedelta(seconds=11)) == 0
    assert counts(app, now) == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", b"\xff\x80", b"\x80\x04K\x01.", '{"from":"x","until":null,"answer":1}',
             json.dumps({"from": "2020-01-01T00:00:00+00:00", "until": None, "answer": {"total": "many"}}),
             json.dumps({"from": "2020-01-01T00:00:00+00:00", "until": None, "answer": [1, 2, 3]}),
             json.dumps({"from": "2020-01-01T00:00:00", "until": None, "answer": [1, 2, 3]})],
)  # fmt: skip
def test_what_somebody_else_put_there_is_not_believed(
    app: Flask, board: Board, monkeypatch: pytest.MonkeyPatch, text: Any
) -> None:
    board.posting()
    monkeypatch.setattr(cache, "get", lambda key: text)
    assert counts(app) == 1
    assert home(app)[0] == 1
