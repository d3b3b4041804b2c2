"""Moving applications: nothing overwritten, nothing in silence, ten seconds to take it back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.core.events import posting_ended, posting_restored
from app.core.links import Links
from app.domain.applications.history import timeline
from app.domain.applications.models import Application, ApplicationEvent, ApplicationProposal, Stage
from app.domain.applications.queries import undoable
from app.domain.applications.seeing import told
from app.domain.applications.services import end_open, move, undo, withdraw, withdraw_all
from app.domain.applications.transitions import LATER
from app.domain.audit.models import AuditEntry
from app.domain.mail.letters import WRITERS, Letter
from app.domain.mail.models import MailStatus, OutboxMail
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services import admin_act
from app.domain.postings.transitions import ENDED, TAKEN_DOWN
from tests.domain.applications.conftest import Applying
from tests.factories import Board


@pytest.fixture
def one(employed: SimpleNamespace, applying: Applying) -> int:
    return applying(employed.posting.id).application_id


def _move(
    board: Board, one: int, actor: Actor, to: str, version: int = 1, reason: str = "", notify: str = "now"
) -> int:
    with board.writing() as session:
        application = session.get_one(Application, one)
        move(session, application, to, version, actor, reason, notify, clock.now())
        return application.version


def _mails(board: Board, template: str = "application-moved") -> list[OutboxMail]:
    with board.reading() as session:
        return list(session.scalars(select(OutboxMail).where(OutboxMail.template == template).order_by(OutboxMail.id)))


def _letters(board: Board) -> list[Letter | None]:
    """What each mail of a move says; None where it is no news any more."""
    write, links, now = WRITERS["application-moved"], Links("http://board.example", b"key"), clock.now()
    with board.reading() as session:
        return [write(session, mail.ids, links, now) for mail in _mails(board)]


def _stage(board: Board, one: int) -> Stage:
    with board.reading() as session:
        return session.get_one(Application, one).stage


def test_a_move_writes_event_audit_and_mail(board: Board, employed: Any, one: int) -> None:
    assert _move(board, one, employed.one, "in_review") == 2
    with board.reading() as session:
        last = session.get_one(Application, one).events[-1]
        assert (last.before, last.after, last.actor_id) == (Stage.SUBMITTED, Stage.IN_REVIEW, employed.one.user_id)
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "application.move"))
        assert (entry.before, entry.after, entry.subject_id) == ("submitted", "in_review", one)
    (mail,) = _mails(board)
    assert mail.due_at - mail.created_at >= timedelta(seconds=10)


def test_the_second_of_two_recruiters_gets_the_fresh_row(board: Board, employed: Any, one: int) -> None:
    _move(board, one, employed.one, "interview")
    with pytest.raises(Conflict) as stale:
        _move(board, one, employed.two, "rejected", reason="No")
    assert stale.value.fresh is not None
    assert _stage(board, one) is Stage.INTERVIEW


@pytest.mark.parametrize("to", ["offer", "hired", "submitted", "withdrawn", "not_selected", "nonsense", ""])
def test_an_illegal_move_names_the_legal_ones(board: Board, employed: Any, one: int, to: str) -> None:
    with pytest.raises(Invalid) as illegal:
        _move(board, one, employed.one, to)
    assert illegal.value.fields["to"] == "It can move to: in_review, interview, rejected, spam."
    assert _stage(board, one) is Stage.SUBMITTED


@pytest.mark.parametrize("facts", [{"reason": " "}, {"reason": "x" * 2001}, {"reason": "No", "notify": "maybe"}])
def test_a_rejection_needs_a_reason_and_a_known_time_to_write(
    board: Board, employed: Any, one: int, facts: Any
) -> None:
    with pytest.raises(Invalid):
        _move(board, one, employed.one, "rejected", **facts)
    assert _mails(board) == []


def test_mail_leaves_now_later_or_not(board: Board, employed: Any, applying: Applying) -> None:
    waits = {}
    for number, notify in enumerate(("now", "later", "no")):
        made = applying(employed.posting.id, email=f"p{number}@example.org").application_id
        _move(board, made, employed.one, "rejected", reason="Not now", notify=notify)
        waits[notify] = [m.due_at - m.created_at for m in _mails(board) if m.ids["application_id"] == made]
    assert waits == {"now": [timedelta(seconds=10)], "later": [timedelta(hours=24)], "no": []}


def test_undo_restores_and_keeps_the_mail_here(board: Board, employed: Any, one: int) -> None:
    version = _move(board, one, employed.one, "rejected", reason="A slip")
    with board.writing() as session:
        undo(session, session.get_one(Application, one), version, employed.one, clock.now())
    assert _stage(board, one) is Stage.SUBMITTED
    assert [mail.status for mail in _mails(board)] == [MailStatus.CANCELLED]
    with board.reading() as session:
        assert [step.name for step in told(session.get_one(Application, one), clock.now()).steps] == ["received"]
        assert session.scalar(select(func.count(ApplicationEvent.id))) == 3
    with pytest.raises(Invalid), board.writing() as session:
        undo(session, session.get_one(Application, one), version + 1, employed.one, clock.now())


@pytest.mark.parametrize("notify", ["now", "later"])
def test_what_the_applicant_was_written_is_not_undone_in_silence(
    board: Board, employed: Any, one: int, notify: str
) -> None:
    version = _move(board, one, employed.one, "rejected", reason="A slip", notify=notify)
    with board.writing() as session:
        session.scalars(select(OutboxMail).where(OutboxMail.template == "application-moved")).one().status = (
            MailStatus.SENT
        )
    with pytest.raises(Invalid), board.writing() as session:
        undo(session, session.get_one(Application, one), version, employed.one, clock.now())
    assert _stage(board, one) is Stage.REJECTED


@pytest.mark.parametrize("how", ["late", "another", "stale"])
def test_undo_is_for_ten_seconds_the_same_person_and_an_unchanged_row(
    board: Board, employed: Any, one: int, how: str
) -> None:
    version = _move(board, one, employed.one, "in_review")
    if how == "stale":
        _move(board, one, employed.two, "interview", version)
    actor = employed.two if how == "another" else employed.one
    at = clock.now() + timedelta(seconds=11 if how == "late" else 0)
    with pytest.raises(Conflict if how == "stale" else Invalid), board.writing() as session:
        undo(session, session.get_one(Application, one), version, actor, at)
    assert _stage(board, one) is (Stage.INTERVIEW if how == "stale" else Stage.IN_REVIEW)


def test_taking_up_again_is_always_told(board: Board, employed: Any, one: int) -> None:
    version = _move(board, one, employed.one, "rejected", reason="Full", notify="no")
    _move(board, one, employed.one, "in_review", version, notify="no")
    assert len(_mails(board)) == 1
    with board.reading() as session:
        steps = told(session.get_one(Application, one), clock.now()).steps
        assert [step.name for step in steps] == ["received", "decided", "in review"]


def test_the_end_of_a_posting_answers_everybody_once(board: Board, employed: Any, applying: Applying, one: int) -> None:
    other = applying(employed.posting.id, email="grace@example.org").application_id
    _move(board, other, employed.one, "rejected", reason="No", notify="no")
    elsewhere = applying(board.posting().id).application_id
    for _ in range(2):
        with board.writing() as session:
            posting_ended.send(
                "tests", session=session, posting_id=employed.posting.id, actor=employed.one, now=clock.now()
            )
    assert [_stage(board, a) for a in (one, other, elsewhere)] == [Stage.NOT_SELECTED, Stage.REJECTED, Stage.SUBMITTED]
    (mail,) = _mails(board)
    assert (mail.recipient, mail.due_at - mail.created_at) == ("ada@example.org", timedelta(seconds=10))
    with board.writing() as session:
        assert end_open(session, employed.posting.id, clock.now()) == 0


def test_an_applicant_withdraws_once_and_only_what_is_open(board: Board, employed: Any, one: int) -> None:
    with pytest.raises(Conflict), board.writing() as session:
        withdraw(session, session.get_one(Application, one), Actor(), 7, clock.now())
    with board.writing() as session:
        withdraw(session, session.get_one(Application, one), Actor(), 1, clock.now())
    with pytest.raises(Invalid), board.writing() as session:
        withdraw(session, session.get_one(Application, one), Actor(), None, clock.now())
    assert _stage(board, one) is Stage.WITHDRAWN


def _admin_acts(board: Board, posting_id: int, admin: Actor, *actions: str, after: int = 0) -> None:
    """One act a second, the first `after` seconds from now."""
    for second, action in enumerate(actions, after):
        with board.writing() as session:
            posting, now = session.get_one(Posting, posting_id), clock.now() + timedelta(seconds=second)
            admin_act(session, posting, action, posting.version, admin, "Not a job.", now, 60)


@pytest.fixture
def admin(board: Board) -> Actor:
    return Actor(user_id=board.admin().id, is_admin=True, how="session")


def _set(board: Board, posting_id: int, status: PostingStatus) -> None:
    with board.writing() as session:
        session.get_one(Posting, posting_id).status = status


@pytest.mark.parametrize("end", ["remove", "reject"])
def test_an_admins_end_of_a_posting_answers_its_applicants_and_undo_takes_that_back(
    board: Board, employed: Any, applying: Applying, one: int, admin: Actor, end: str
) -> None:
    talking = applying(employed.posting.id, email="grace@example.org").application_id
    refused = applying(employed.posting.id, email="joan@example.org").application_id
    _move(board, talking, employed.one, "interview", notify="no")
    _move(board, refused, employed.one, "rejected", reason="No", notify="no")
    if end == "reject":
        _set(board, employed.posting.id, PostingStatus.PENDING)
    three = (one, talking, refused)
    _admin_acts(board, employed.posting.id, admin, end)
    assert [_stage(board, a) for a in three] == [Stage.NOT_SELECTED, Stage.NOT_SELECTED, Stage.REJECTED]
    assert [(m.recipient, m.status, m.due_at - m.created_at) for m in _mails(board)] == [
        (name, MailStatus.WAITING, timedelta(seconds=10)) for name in ("ada@example.org", "grace@example.org")
    ]
    _admin_acts(board, employed.posting.id, admin, "undo", after=1)
    assert [_stage(board, a) for a in three] == [Stage.SUBMITTED, Stage.INTERVIEW, Stage.REJECTED]
    assert [mail.status for mail in _mails(board)] == [MailStatus.CANCELLED] * 2
    with board.reading() as session:
        steps = told(session.get_one(Application, talking), clock.now()).steps
        assert [step.name for step in steps] == ["received", "interview"]
        undone = select(func.count(AuditEntry.id)).where(AuditEntry.action == "application.undo")
        assert session.scalar(undone) == 2


def test_who_read_of_an_end_that_was_undone_hears_of_that_too(
    board: Board, employed: Any, one: int, admin: Actor
) -> None:
    _admin_acts(board, employed.posting.id, admin, "remove")
    with board.writing() as session:
        session.scalars(select(OutboxMail).where(OutboxMail.template == "application-moved")).one().status = (
            MailStatus.SENT
        )
    _admin_acts(board, employed.posting.id, admin, "undo", after=1)
    assert _stage(board, one) is Stage.SUBMITTED
    assert [mail.status for mail in _mails(board)] == [MailStatus.SENT, MailStatus.WAITING]


def test_an_undone_approval_leaves_its_applicant_in_line_for_the_next_decision(
    board: Board, applying: Applying, admin: Actor
) -> None:
    company = board.company(owner="owner@example.org")
    posting = board.posting(company.id, live=False, status=PostingStatus.PENDING)
    _admin_acts(board, posting.id, admin, "approve", after=-1)
    early = applying(posting.id).application_id
    _admin_acts(board, posting.id, admin, "undo")
    assert (_stage(board, early), _mails(board)) == (Stage.SUBMITTED, [])
    _admin_acts(board, posting.id, admin, "reject", after=1)
    assert _stage(board, early) is Stage.NOT_SELECTED
    assert len(_mails(board)) == 1


@pytest.mark.parametrize("status", ENDED)
def test_nothing_slips_back_open_by_an_undo_after_the_end(
    board: Board, employed: Any, one: int, status: PostingStatus
) -> None:
    version = _move(board, one, employed.one, "rejected", reason="Full")
    _set(board, employed.posting.id, status)
    with pytest.raises(Invalid, match="This job is over"), board.writing() as session:
        undo(session, session.get_one(Application, one), version, employed.one, clock.now())
    assert _stage(board, one) is Stage.REJECTED
    assert [mail.status for mail in _mails(board)] == [MailStatus.WAITING]


@pytest.mark.parametrize("status", TAKEN_DOWN)
def test_nobody_is_taken_up_again_on_a_posting_the_board_took_down(
    board: Board, employed: Any, one: int, status: PostingStatus
) -> None:
    version = _move(board, one, employed.one, "rejected", reason="Full")
    _set(board, employed.posting.id, status)
    with pytest.raises(Invalid, match="This job is over"):
        _move(board, one, employed.two, "in_review", version)
    assert _stage(board, one) is Stage.REJECTED


def test_an_employer_takes_somebody_up_again_after_closing_and_they_are_told(
    board: Board, employed: Any, one: int
) -> None:
    version = _move(board, one, employed.one, "rejected", reason="Full")
    _set(board, employed.posting.id, PostingStatus.CLOSED)
    _move(board, one, employed.two, "in_review", version)
    assert _stage(board, one) is Stage.IN_REVIEW
    assert len(_mails(board)) == 2


def test_what_waited_for_the_word_of_who_left_is_gone(board: Board, employed: Any, applying: Applying) -> None:
    person = board.user()
    actor = Actor(user_id=person.id, name=person.name, email=person.email, how="session")
    for text in ("The first letter", "A better letter"):
        applying(employed.posting.id, actor=actor, cover_letter=text)
    guests = applying(employed.posting.id, cover_letter="Mine").application_id
    applying(employed.posting.id, cover_letter="Mine, again")
    with board.writing() as session:
        assert withdraw_all(session, person.id, actor, clock.now()) == 1
    with board.reading() as session:
        assert session.scalars(select(ApplicationProposal.application_id)).all() == [guests]


def test_an_end_that_is_undone_opens_no_other_posting_that_ended_at_the_same_moment(
    board: Board, employed: Any, applying: Applying, one: int
) -> None:
    other = board.posting(employed.company.id)
    there, now = applying(other.id).application_id, clock.now()
    for posting_id in (employed.posting.id, other.id):
        with board.writing() as session:
            posting_ended.send("tests", session=session, posting_id=posting_id, actor=employed.one, now=now)
    with board.writing() as session:
        posting_restored.send("tests", session=session, posting_id=employed.posting.id, ended_at=now, now=now)
    assert (_stage(board, one), _stage(board, there)) == (Stage.SUBMITTED, Stage.NOT_SELECTED)
    assert sorted(mail.status for mail in _mails(board)) == [MailStatus.CANCELLED, MailStatus.WAITING]


def test_nobody_is_taken_up_again_while_somebody_else_changes_the_posting(
    board: Board, employed: Any, one: int
) -> None:
    version = _move(board, one, employed.one, "rejected", reason="Full")
    with board.reading() as session:
        if session.get_bind().dialect.name == "sqlite":
            pytest.skip("SQLite has one writer: nobody holds a single row")
    with ThreadPoolExecutor(1) as other, board.writing() as session:
        session.scalars(select(Posting).where(Posting.id == employed.posting.id).with_for_update()).one()
        with pytest.raises(Conflict, match="being changed just now"):
            other.submit(_move, board, one, employed.two, "in_review", version).result()
    assert _stage(board, one) is Stage.REJECTED
    _move(board, one, employed.two, "in_review", version)
    assert _stage(board, one) is Stage.IN_REVIEW


def test_a_step_whose_mail_waits_a_day_is_taken_back_until_it_leaves(
    board: Board, employed: Any, one: int
) -> None:
    version = _move(board, one, employed.one, "rejected", reason="Full", notify="later")
    with clock.stopped(clock.now() + LATER - timedelta(minutes=1)), board.writing() as session:
        application = session.get_one(Application, one)
        undo(session, application, version, employed.one, clock.now())
        assert undoable(application, employed.one, clock.now()) is None, "taking back is not taken back"
    assert _stage(board, one) is Stage.SUBMITTED
    assert [mail.status for mail in _mails(board)] == [MailStatus.CANCELLED]


def test_a_step_whose_mail_waited_a_day_is_not_taken_back_after_it(board: Board, employed: Any, one: int) -> None:
    version = _move(board, one, employed.one, "rejected", reason="Full", notify="later")
    late = clock.now() + LATER + timedelta(seconds=1)
    with clock.stopped(late), pytest.raises(Invalid, match="no longer be undone"), board.writing() as session:
        undo(session, session.get_one(Application, one), version, employed.one, clock.now())
    assert _stage(board, one) is Stage.REJECTED


def test_taking_somebody_up_again_is_a_step_and_can_be_taken_back(board: Board, employed: Any, one: int) -> None:
    version = _move(board, one, employed.one, "in_review")
    version = _move(board, one, employed.one, "rejected", version, reason="Full")
    with clock.stopped(clock.now() + timedelta(hours=1)):
        version = _move(board, one, employed.one, "in_review", version)
        with board.writing() as session:
            undo(session, session.get_one(Application, one), version, employed.one, clock.now())
    assert _stage(board, one) is Stage.REJECTED


@pytest.mark.parametrize(("told_of_it", "sent"), [("later", []), ("now", ["rejected", "in_review"])])
def test_whoever_never_heard_of_the_end_does_not_hear_that_it_is_over(
    board: Board, employed: Any, one: int, told_of_it: str, sent: list[str]
) -> None:
    version = _move(board, one, employed.one, "rejected", reason="Full", notify=told_of_it)
    _move(board, one, employed.two, "in_review", version, notify="no")
    assert [letter.values["stage"] for letter in _letters(board) if letter] == sent


def test_taken_up_again_before_the_end_was_told_it_is_a_step_like_any_other(
    board: Board, employed: Any, one: int
) -> None:
    version = _move(board, one, employed.one, "rejected", reason="Full", notify="later")
    _move(board, one, employed.two, "in_review", version, notify="now")
    held, letter = _letters(board)
    assert held is None and letter is not None
    assert (letter.values["again"], letter.subject) == (False, "Your application is in review: Backend Engineer")


def test_what_the_board_ends_is_not_told_as_a_guests_own_step(board: Board, employed: Any, one: int) -> None:
    with board.writing() as session:
        end_open(session, employed.posting.id, clock.now())
    with board.reading() as session:
        steps = timeline(session, session.get_one(Application, one))
    assert [(step.stage, step.who) for step in steps] == [
        (Stage.NOT_SELECTED, "Nexus"), (Stage.SUBMITTED, "The applicant"),
    ]
