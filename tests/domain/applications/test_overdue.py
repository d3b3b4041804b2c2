"""No application waits for ever on a posting that is over, or lies with its employer."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.domain.applications import attention
from app.domain.applications.models import Application, Stage
from app.domain.applications.services import move, undo
from app.domain.applications.services.overdue import ANSWER_WITHIN, CHANGE_WITHIN
from app.domain.mail.models import OutboxMail
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services import transition
from app.domain.postings.transitions import Mover
from app.worker import Shift, answer_overdue, stamp_expired
from tests.domain.applications.conftest import Applying
from tests.factories import Board

SECOND = timedelta(seconds=1)


def later(app: Flask, after: timedelta) -> Shift:
    at = clock.now() + after
    return Shift(app.extensions["nexus-settings"], now=lambda: at)


def set_facts(board: Board, posting_id: int, **facts: object) -> None:
    with board.writing() as session:
        posting = session.get_one(Posting, posting_id)
        for name, value in facts.items():
            setattr(posting, name, value)


def stages(board: Board) -> list[Stage]:
    with board.reading() as session:
        return list(session.scalars(select(Application.stage).order_by(Application.id)))


@pytest.mark.parametrize("stamped", [True, False])
def test_who_has_no_answer_two_weeks_after_the_end_gets_one_once(
    app: Flask, board: Board, employed: SimpleNamespace, applying: Applying, stamped: bool
) -> None:
    applying(employed.posting.id)
    set_facts(board, employed.posting.id, expires_at=clock.now() + timedelta(days=1))
    end = timedelta(days=1)
    with app.app_context():
        if stamped:
            assert stamp_expired(later(app, end + SECOND))
        assert not answer_overdue(later(app, end + ANSWER_WITHIN - timedelta(hours=1)))
        assert answer_overdue(later(app, end + ANSWER_WITHIN + SECOND)) == {"answered": 1}
        assert not answer_overdue(later(app, end + ANSWER_WITHIN + SECOND))
    assert stages(board) == [Stage.NOT_SELECTED]
    with board.reading() as session:
        told = session.scalars(select(OutboxMail).where(OutboxMail.template == "application-moved")).all()
    assert [mail.recipient for mail in told] == ["ada@example.org"]


def test_whom_the_employer_takes_up_again_is_not_answered_over_their_head(
    app: Flask, board: Board, employed: SimpleNamespace, applying: Applying
) -> None:
    applied = applying(employed.posting.id)
    set_facts(board, employed.posting.id, expires_at=clock.now() + timedelta(days=1))
    with app.app_context():
        answer_overdue(later(app, timedelta(days=16)))
    taken_up = clock.now() + timedelta(days=20)
    with board.writing() as session:
        application = session.get_one(Application, applied.application_id)
        move(session, application, "in_review", application.version, employed.one, "", "no", taken_up)
    with app.app_context():
        assert not answer_overdue(later(app, timedelta(days=33)))
        assert answer_overdue(later(app, timedelta(days=35)))


def test_who_waits_on_a_posting_that_lies_with_its_employer_is_answered(
    app: Flask, board: Board, employed: SimpleNamespace, applying: Applying
) -> None:
    applying(employed.posting.id)
    set_facts(
        board, employed.posting.id, status=PostingStatus.CHANGES_REQUESTED, updated_at=clock.now(),
        expires_at=clock.now() + timedelta(days=59),
    )
    with app.app_context():
        assert not answer_overdue(later(app, CHANGE_WITHIN - timedelta(hours=1)))
        assert answer_overdue(later(app, CHANGE_WITHIN + SECOND)) == {"answered": 1}
    assert stages(board) == [Stage.NOT_SELECTED]


def test_nobody_is_answered_for_an_employer_whose_posting_runs(
    app: Flask, board: Board, employed: SimpleNamespace, applying: Applying
) -> None:
    applying(employed.posting.id)
    with app.app_context():
        assert not answer_overdue(later(app, timedelta(days=15)))
    assert stages(board) == [Stage.SUBMITTED]


def test_an_employer_who_ends_a_posting_may_answer_each_within_two_weeks_and_undo_that(
    app: Flask, board: Board, employed: SimpleNamespace, applying: Applying
) -> None:
    first = applying(employed.posting.id)
    applying(employed.posting.id, email="bo@example.org")
    now = clock.now()
    with board.writing() as session:
        posting = session.get_one(Posting, employed.posting.id)
        transition(
            session, posting, PostingStatus.FILLED, Mover.EMPLOYER, posting.version, employed.one, "", now, 60,
            answer_later=True,
        )
    assert stages(board) == [Stage.SUBMITTED, Stage.SUBMITTED]
    with board.reading() as session:
        waiting = attention.unanswered(session, employed.company.id, now, 5)
        assert [(one.number, one.answer_by) for one in waiting] == [(2, now + ANSWER_WITHIN)]
    with board.writing() as session:
        application = session.get_one(Application, first.application_id)
        move(session, application, "rejected", application.version, employed.one, "Taken.", "now", now + SECOND)
        undo(session, application, application.version, employed.one, now + 2 * SECOND)
        move(session, application, "interview", application.version, employed.one, "", "now", now + 3 * SECOND)
    with app.app_context():
        assert not answer_overdue(later(app, ANSWER_WITHIN - timedelta(hours=1)))
        assert answer_overdue(later(app, ANSWER_WITHIN + timedelta(minutes=1))) == {"answered": 2}
    assert stages(board) == [Stage.NOT_SELECTED, Stage.NOT_SELECTED]


def test_who_applied_long_before_the_end_waits_two_weeks_from_the_end(
    app: Flask, board: Board, employed: SimpleNamespace, applying: Applying
) -> None:
    applying(employed.posting.id)
    end = timedelta(days=20)
    set_facts(board, employed.posting.id, status=PostingStatus.CLOSED, ended_at=clock.now() + end)
    with app.app_context():
        assert not answer_overdue(later(app, end + ANSWER_WITHIN - timedelta(hours=1)))
        assert answer_overdue(later(app, end + ANSWER_WITHIN + SECOND)) == {"answered": 1}
