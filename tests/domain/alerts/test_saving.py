"""Saving postings: once, however often it is clicked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from app.core import clock
from app.core.db import transaction
from app.domain.alerts.queries import saved_ids, saved_page, still_live
from app.domain.alerts.services import save, unsave
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
