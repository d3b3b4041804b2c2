"""An employer's list of applicants is one posting's, and what waits on a company is its own."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from app.core import clock
from app.domain.applications import attention, overview, roster
from app.domain.applications.models import Application, Stage
from app.domain.applications.overview import Asked
from app.domain.applications.queries import several, tallies
from app.domain.applications.roster import ApplicantFilter
from app.domain.applications.services import move
from app.domain.applications.waiting import new_by_posting
from app.domain.postings.models import Posting, PostingStatus
from tests.domain.applications.conftest import Applying
from tests.factories import Board

ALL = ApplicantFilter(sort="name")


@pytest.fixture
def two(board: Board, employed: SimpleNamespace, applying: Applying) -> SimpleNamespace:
    """Two postings of one company: Ada and Cyd applied here; Bea, whose name stands between theirs, there."""
    there = board.posting(employed.company.id, title="Gardener").id
    ada, cyd, bea = (
        applying(posting, name=name, email=f"{name}@example.org").application_id
        for name, posting in (("Ada", employed.posting.id), ("Cyd", employed.posting.id), ("Bea", there))
    )
    return SimpleNamespace(here=employed.posting.id, there=there, ada=ada, bea=bea, cyd=cyd)


def test_a_postings_list_board_and_counts_hold_nobody_of_another(board: Board, two: SimpleNamespace) -> None:
    with board.reading() as session:
        assert [card.id for card in roster.page(session, two.here, ALL, None, 20)] == [two.ada, two.cyd]
        (column,) = roster.board(session, two.here, ALL, 1).values()
        assert [card.id for card in column] == [two.ada, two.cyd]
        assert roster.counts(session, two.here, ALL) == {(Stage.SUBMITTED, None): 2}
        ada, cyd = (session.get_one(Application, number) for number in (two.ada, two.cyd))
        assert roster.neighbours(session, ada, ALL) == (None, two.cyd)
        assert roster.neighbours(session, cyd, ALL) == (two.ada, None)
        assert tallies(session, [two.here]) == {two.here: (2, 2)}
    with board.writing() as session:
        assert [found.id for found in several(session, two.here, [two.ada, two.bea])] == [two.ada]


def test_what_was_just_moved_is_this_colleagues_and_this_postings(
    board: Board, employed: SimpleNamespace, two: SimpleNamespace
) -> None:
    now = clock.now()
    for number, colleague in ((two.ada, employed.one), (two.bea, employed.one), (two.cyd, employed.two)):
        with board.writing() as session:
            move(session, session.get_one(Application, number), "in_review", 1, colleague, "", "no", now)
    with board.reading() as session:
        moved = [
            roster.just_moved(session, posting, colleague, now)
            for posting in (two.here, two.there) for colleague in (employed.one, employed.two)
        ]
    assert moved == [[(two.ada, 2)], [(two.cyd, 2)], [(two.bea, 2)], []]


def test_what_waits_on_a_company_is_its_own(board: Board, employed: SimpleNamespace, two: SimpleNamespace) -> None:
    idle, now = board.company(owner="idle@example.org").id, clock.now()
    soon = timedelta(days=6)
    with board.writing() as session:
        session.execute(update(Posting).where(Posting.id == two.here).values(expires_at=now + soon))
        over = {"status": PostingStatus.CLOSED, "ended_at": now - timedelta(days=1)}
        session.execute(update(Posting).where(Posting.id == two.there).values(over))
    with board.reading() as session:
        ours = employed.company.id
        new = {(two.here, "Backend Engineer", 2), (two.there, "Gardener", 1)}
        assert set(new_by_posting(session, ours, 5)) == new
        waiting = {row.application_id for row in attention.longest_waiting(session, ours, 5)}
        assert waiting == {two.ada, two.bea, two.cyd}
        assert [row.posting_id for row in attention.unanswered(session, ours, now, 5)] == [two.there]
        assert [row.posting_id for row in attention.ending(session, ours, now, 5)] == [two.here]
        assert attention.ending(session, ours, now - timedelta(days=2), 5) == []
        assert new_by_posting(session, idle, 5) == attention.longest_waiting(session, idle, 5) == []
        assert attention.unanswered(session, idle, now, 5) == attention.ending(session, idle, now, 5) == []


def test_a_companys_postings_are_shown_with_their_own_applicants(
    board: Board, employed: SimpleNamespace, two: SimpleNamespace
) -> None:
    board.posting()
    with board.reading() as session:
        rows = overview.page(session, Asked(employed.company.id), None, 20, clock.now())
        figures = {row.posting.id: (row.applications, row.waiting) for row in rows}
        assert figures == {two.here: (2, 2), two.there: (1, 1)}
