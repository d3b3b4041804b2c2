"""The one table of a posting's life, step by step."""

from datetime import timedelta
from itertools import product
from types import SimpleNamespace

import pytest

from app.core import clock
from app.core.actor import Actor
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid
from app.core.events import posting_ended
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services import transition
from app.domain.postings.transitions import Mover, find, legal, status_at
from tests.factories import Board

S, M = PostingStatus, Mover
ALIVE = [s for s in S if s is not S.REMOVED]
LEGAL = {
    (S.DRAFT, S.PENDING, M.EMPLOYER), (S.CHANGES_REQUESTED, S.PENDING, M.EMPLOYER),
    (S.PENDING, S.PUBLISHED, M.ADMIN), (S.PENDING, S.PUBLISHED, M.SYSTEM),
    (S.PENDING, S.CHANGES_REQUESTED, M.ADMIN), (S.PENDING, S.REJECTED, M.ADMIN),
    (S.PENDING, S.REJECTED, M.SYSTEM), (S.PUBLISHED, S.CLOSED, M.SYSTEM),
    (S.PUBLISHED, S.PAUSED, M.EMPLOYER), (S.PAUSED, S.PUBLISHED, M.EMPLOYER),
    (S.PUBLISHED, S.EXPIRED, M.SYSTEM), (S.PAUSED, S.EXPIRED, M.SYSTEM),
    (S.PUBLISHED, S.FILLED, M.EMPLOYER), (S.PAUSED, S.FILLED, M.EMPLOYER), (S.EXPIRED, S.FILLED, M.EMPLOYER),
    (S.PUBLISHED, S.CLOSED, M.EMPLOYER), (S.PAUSED, S.CLOSED, M.EMPLOYER), (S.EXPIRED, S.CLOSED, M.EMPLOYER),
    (S.PUBLISHED, S.PENDING, M.SYSTEM), (S.PAUSED, S.PENDING, M.SYSTEM),
    *((before, S.REMOVED, M.ADMIN) for before in ALIVE),
}  # fmt: skip
REASONED = {S.CHANGES_REQUESTED, S.REJECTED, S.REMOVED}
SOMEBODY = Actor(user_id=None, name="Somebody", how="system")


def _at(board: Board, status: PostingStatus) -> SimpleNamespace:
    return board.posting(status=status, live=status not in (S.DRAFT, S.PENDING, S.CHANGES_REQUESTED, S.REJECTED))


@pytest.mark.parametrize(("before", "mover", "to"), list(product(S, M, S)))
def test_the_table_allows_what_the_product_says_and_nothing_else(
    before: PostingStatus, mover: Mover, to: PostingStatus
) -> None:
    allowed = (before, to, mover) in LEGAL
    assert (find(before, to, mover) is not None) is allowed
    assert (to in legal(before, mover)) is allowed


def test_every_state_mover_and_target_meets_the_table_in_the_service(board: Board) -> None:
    made = {status: _at(board, status) for status in S}
    for before, mover, to in product(S, M, S):
        with board.app.app_context(), writing():
            posting = db.session.get_one(Posting, made[before].id)
            args = (mover, posting.version, SOMEBODY, "because", clock.now(), 60)
            if (before, to, mover) in LEGAL:
                transition(db.session(), posting, to, *args)
                assert posting.status is to
            else:
                with pytest.raises(Invalid) as refused:
                    transition(db.session(), posting, to, *args)
                for other in legal(before, mover):
                    assert other.replace("_", " ") in refused.value.message
                assert posting.status is before
            db.session.rollback()


@pytest.mark.parametrize("to", sorted(REASONED))
def test_a_refusal_needs_its_reason(board: Board, to: PostingStatus) -> None:
    made = _at(board, S.PENDING)
    with pytest.raises(Invalid) as refused, board.writing() as session:
        posting = session.get_one(Posting, made.id)
        transition(session, posting, to, M.ADMIN, made.version, SOMEBODY, "  ", clock.now(), 60)
    assert "reason" in refused.value.fields
    with board.writing() as session:
        posting = session.get_one(Posting, made.id)
        transition(session, posting, to, M.ADMIN, made.version, SOMEBODY, "Too vague.", clock.now(), 60)
        assert posting.reason == "Too vague."


@pytest.mark.parametrize("stored", [S.PUBLISHED, S.PAUSED])
def test_the_clock_ends_a_posting_and_its_moves_are_those_of_an_expired_one(
    board: Board, stored: PostingStatus
) -> None:
    now = clock.now()
    made = board.posting(status=stored, published_at=now - timedelta(days=61), expires_at=now)
    with board.writing() as session:
        posting = session.get_one(Posting, made.id)
        assert status_at(posting, now) is S.EXPIRED
        assert status_at(posting, now - timedelta(seconds=1)) is stored
        with pytest.raises(Invalid, match=r"expired cannot become p.*filled, closed"):
            to = S.PAUSED if stored is S.PUBLISHED else S.PUBLISHED
            transition(session, posting, to, M.EMPLOYER, made.version, SOMEBODY, "", now, 60)
        transition(session, posting, S.FILLED, M.EMPLOYER, made.version, SOMEBODY, "", now, 60)
        assert posting.ended_at == now


def test_a_stale_move_changes_nothing_and_shows_the_row_as_it_is(board: Board) -> None:
    made = board.posting()
    with pytest.raises(Conflict) as late, board.writing() as session:
        posting = session.get_one(Posting, made.id)
        transition(session, posting, S.PAUSED, M.EMPLOYER, made.version - 1, SOMEBODY, "", clock.now(), 60)
    assert isinstance(late.value.fresh, Posting)
    with board.reading() as session:
        assert session.get_one(Posting, made.id).status is S.PUBLISHED


@pytest.mark.parametrize(("to", "heard"), [(S.FILLED, True), (S.CLOSED, True), (S.PAUSED, False)])
def test_the_end_of_a_posting_is_told_to_the_rooms_above(board: Board, to: PostingStatus, heard: bool) -> None:
    made, told = board.posting(), []

    def listen(sender: object, *, posting_id: int, **news: object) -> None:
        told.append(posting_id)

    with posting_ended.connected_to(listen), board.writing() as session:
        posting = session.get_one(Posting, made.id)
        transition(session, posting, to, M.EMPLOYER, made.version, SOMEBODY, "", clock.now(), 60)
    assert told == ([made.id] if heard else [])
