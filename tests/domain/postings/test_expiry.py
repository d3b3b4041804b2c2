"""The clock's word written down, and told beforehand to those who may change the posting."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.db import reading
from app.domain.accounts.notices import Frequency, Notice, choose
from app.domain.audit.models import AuditEntry
from app.domain.companies.models import Company
from app.domain.mail.models import OutboxMail
from app.domain.postings.models import Posting, PostingStatus
from app.worker import Shift, stamp_expired, warn_of_expiry
from tests.factories import Board
from tests.mailbox import post, text_of

S = PostingStatus


def shift(app: Flask, after: timedelta = timedelta()) -> Shift:
    at = clock.now() + after
    return Shift(app.extensions["nexus-settings"], now=lambda: at)


def status(board: Board, posting_id: int) -> PostingStatus:
    with board.reading() as session:
        return session.get_one(Posting, posting_id).status


@pytest.mark.parametrize("before", [S.PUBLISHED, S.PAUSED])
def test_a_posting_whose_time_is_over_says_so_from_that_instant(app: Flask, board: Board, before: S) -> None:
    ended = clock.now() - timedelta(days=2)
    over = board.posting(status=before, published_at=ended - timedelta(days=60), expires_at=ended)
    running = board.posting(status=before)
    with app.app_context():
        assert stamp_expired(shift(app)) == {"stamped": 1}
        assert not stamp_expired(shift(app)), "once"
        posting = reading().get_one(Posting, over.id)
        assert (posting.status, posting.ended_at, posting.version) == (S.EXPIRED, ended, over.version + 1)
        acts = reading().execute(select(AuditEntry.action, AuditEntry.actor_id)).all()
    assert [tuple(act) for act in acts] == [("posting.expired", None)]
    assert status(board, running.id) is before


def test_what_waits_for_its_company_or_is_over_already_is_not_stamped(app: Flask, board: Board) -> None:
    ended = clock.now() - timedelta(days=2)
    made = [
        board.posting(status=state, published_at=ended - timedelta(days=60), expires_at=ended)
        for state in (S.FILLED, S.CLOSED, S.CHANGES_REQUESTED, S.PENDING, S.REMOVED)
    ]
    with app.app_context():
        assert not stamp_expired(shift(app))
    assert S.EXPIRED not in {status(board, one.id) for one in made}


def warned(board: Board) -> list[str]:
    with board.reading() as session:
        return sorted(session.scalars(select(OutboxMail.recipient).where(OutboxMail.template == "posting-expiring")))


def test_those_who_may_change_a_posting_are_told_a_week_and_a_day_before_its_end(app: Flask, board: Board) -> None:
    company = board.company(owner="owner@example.org")
    board.member(company.id, "recruiter@example.org")
    board.member(company.id, "reviewer@example.org", "reviewer")
    quiet = board.member(company.id, "quiet@example.org")
    daily = board.member(company.id, "daily@example.org")
    with board.writing() as session:
        choose(session, quiet.user_id, Notice.POSTING_EXPIRING, Frequency.OFF)
        choose(session, daily.user_id, Notice.POSTING_EXPIRING, Frequency.DAILY)
    told = ["daily@example.org", "owner@example.org", "recruiter@example.org"]
    board.posting(company.id, title="Night Porter", expires_at=clock.now() + timedelta(days=7, hours=1))
    board.posting(company.id, live=False)
    with app.app_context():
        assert not warn_of_expiry(shift(app))
        assert warn_of_expiry(shift(app, timedelta(hours=2))) == {"owed": 3}
        assert not warn_of_expiry(shift(app, timedelta(hours=3))), "once"
    assert warned(board) == told
    letter = post(app, clock.now() + timedelta(hours=4))[0]
    assert "Night Porter" in letter["Subject"] and "/employer/postings/" in text_of(letter)
    assert "/unsubscribe/" in letter["List-Unsubscribe"]
    with app.app_context():
        assert warn_of_expiry(shift(app, timedelta(days=6, hours=2))) == {"owed": 3}
    assert post(app, clock.now() + timedelta(days=8)) == [], "it is over: nothing is left to warn of"


def test_nobody_is_warned_for_a_suspended_company_or_a_frozen_posting(app: Flask, board: Board) -> None:
    soon = clock.now() + timedelta(days=6, hours=12)
    frozen = board.posting(expires_at=soon, frozen_at=clock.now())
    other = board.posting(expires_at=soon)
    with board.writing() as session:
        session.get_one(Company, other.company_id).suspended_at = clock.now()
    with app.app_context():
        assert not warn_of_expiry(shift(app))
    assert frozen.id != other.id


def test_many_are_warned_in_batches_without_gap_or_double(
    app: Flask, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.worker.BATCH", 2)
    company = board.company(owner="owner@example.org")
    for _ in range(5):
        board.posting(company.id, expires_at=clock.now() + timedelta(hours=20))
    with app.app_context():
        assert warn_of_expiry(shift(app)) == {"owed": 5}
        assert reading().scalar(select(func.count(OutboxMail.key.distinct()))) == 5
