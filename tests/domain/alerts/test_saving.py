"""Saving postings: once, however often it is clicked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from app.core import clock
from app.core.db import transaction
from app.domain.alerts.queries import closing_soon, saved_by_end, saved_ids, saved_number, saved_page, still_live
from app.domain.alerts.services import save, unsave, unsave_all
from tests.factories import Board


def test_saving_at_once_from_many_tabs_is_saving_once(board: Board) -> None:
    person, posting = board.user(), board.posting()

    def click(_: int) -> None:
        with board.app.app_context(), transaction() as session:
            save(session, person.id, posting.id, clock.now())

    with ThreadPoolExecutor(8) as many:
        list(many.map(click, range(8)))
    with board.reading() as session:
        assert saved_ids(session, person.id, [posting.id, 999]) == {posting.id}
        assert saved_ids(session, None, [posting.id]) == saved_ids(session, person.id, []) == set()
    for _ in range(2):
        with board.writing() as session:
            unsave(session, person.id, posting.id)
    with board.reading() as session:
        assert saved_ids(session, person.id, [posting.id]) == set()


def test_the_list_goes_on_where_it_was_left(board: Board) -> None:
    person, company = board.user(), board.company()
    postings = [board.posting(company.id).id for _ in range(5)]
    at = clock.now()
    for number, posting_id in enumerate(postings):
        with board.writing() as session:
            save(session, person.id, posting_id, at + timedelta(seconds=number // 2))
    seen: list[int] = []
    after = None
    while len(seen) < 5:
        with board.reading() as session:
            rows = saved_page(session, person.id, after, 2)[:2]
            after = (rows[-1].saved_at, rows[-1].posting_id)
            seen += [row.posting_id for row in rows]
    assert seen == [postings[4], postings[3], postings[2], postings[1], postings[0]]
    with board.reading() as session:
        assert saved_page(session, person.id, after, 2) == []


def test_what_is_over_is_known(board: Board) -> None:
    live, over = board.posting().id, board.posting(expires_at=clock.now()).id
    with board.reading() as session:
        assert still_live(session, [live, over], clock.now()) == {live}


def test_what_one_saved_is_theirs_alone(board: Board) -> None:
    """Beside somebody who saved the same and another posting, and with one of mine that is over."""
    me, other, now = board.user(), board.user(), clock.now()
    soon, later, over = (
        board.posting(expires_at=now + timedelta(days=days)).id for days in (2, 20, 0)
    )
    with board.writing() as session:
        for user, postings in ((other, (soon, later)), (me, (soon, over))):
            for posting_id in postings:
                save(session, user.id, posting_id, now)
    with board.writing() as session:
        save(session, me.id, later, now)
    with board.reading() as session:
        assert saved_ids(session, me.id, [soon]) == {soon}
        assert {row.posting_id for row in saved_page(session, me.id, None, 9)} == {soon, later, over}
        assert {row.user_id for row in saved_page(session, me.id, None, 9)} == {me.id}
        assert [row.posting_id for row in closing_soon(session, me.id, now, now + timedelta(days=7), 9)] == [soon]
        assert [row.posting_id for row in saved_by_end(session, me.id, None, 9, now)] == [soon, later]
    with board.writing() as session:
        unsave(session, me.id, soon)
    with board.reading() as session:
        assert (saved_number(session, me.id), saved_number(session, other.id)) == (2, 2)
        assert saved_ids(session, me.id, [soon]) == set()
    with board.writing() as session:
        unsave_all(session, me.id)
    with board.reading() as session:
        assert (saved_number(session, me.id), saved_number(session, other.id)) == (0, 2)


def test_of_two_tabs_the_later_one_finds_it_saved(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    me, posting = board.user(), board.posting()
    with board.writing() as session:
        save(session, me.id, posting.id, clock.now())
    with board.writing() as session:
        real, looks = session.scalar, iter([True])

        def late(*asked: Any) -> Any:
            """The first look came before the other tab's row."""
            return None if next(looks, False) else real(*asked)

        monkeypatch.setattr(session, "scalar", late)
        save(session, me.id, posting.id, clock.now())
        monkeypatch.undo()
    with board.reading() as session:
        assert saved_number(session, me.id) == 1
