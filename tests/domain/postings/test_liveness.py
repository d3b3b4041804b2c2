"""What counts as live: each clause of the one predicate, broken once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.core import clock
from app.domain.companies.models import Company
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.queries import is_live, live_counts
from tests.factories import Board, instant

NOW = instant(2026, 6, 1, 12)
SOON, PAST = NOW + timedelta(microseconds=1), NOW - timedelta(days=9)
DATES = {"published_at": NOW, "expires_at": SOON}


def _live(board: Board, posting_id: int, now: datetime) -> bool:
    with board.reading() as session:
        return is_live(session, session.get_one(Posting, posting_id), now)


def test_live_from_its_first_instant_to_before_its_last(board: Board) -> None:
    made = board.posting(**DATES)
    assert _live(board, made.id, NOW)
    assert not _live(board, made.id, SOON)
    assert not _live(board, made.id, NOW - timedelta(microseconds=1))


@pytest.mark.parametrize("status", [status for status in PostingStatus if status is not PostingStatus.PUBLISHED])
def test_no_other_status_is_live(board: Board, status: PostingStatus) -> None:
    assert not _live(board, board.posting(**DATES, status=status).id, NOW)


@pytest.mark.parametrize(
    "broken",
    [{"published_at": SOON, "expires_at": SOON + timedelta(days=1)}, {"published_at": PAST, "expires_at": NOW},
     {"frozen_at": PAST}],
    ids=["not begun", "over", "frozen"],
)
def test_one_broken_clause_is_enough(board: Board, broken: dict[str, Any]) -> None:
    assert not _live(board, board.posting(**DATES | broken).id, NOW)


def test_nothing_of_a_suspended_company_is_live(board: Board) -> None:
    company = board.company()
    made = board.posting(company.id, **DATES)
    with board.reading() as session:
        assert live_counts(session, [company.id], NOW) == {company.id: 1}
    with board.writing() as session:
        session.get_one(Company, company.id).suspended_at = clock.now()
    assert not _live(board, made.id, NOW)
    with board.reading() as session:
        assert live_counts(session, [company.id], NOW) == {}


def test_an_import_without_a_company_can_be_live(board: Board) -> None:
    made = board.posting(**DATES, source="feed", source_id="1", apply_url="https://example.org/apply")
    with board.writing() as session:
        session.get_one(Posting, made.id).company_id = None
    assert _live(board, made.id, NOW)
