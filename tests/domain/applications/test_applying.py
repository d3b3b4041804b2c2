"""Applying: exactly once, whatever is clicked twice; nothing acknowledged is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import Actor
from app.core.db import transaction
from app.core.errors import DomainError, Gone, NotFound
from app.domain.accounts.models import User
from app.domain.applications.guests import own_waiting
from app.domain.applications.models import Application, ApplicationProposal, Stage, StoredFile
from app.domain.applications.resumes import check
from app.domain.applications.services import apply, checked, keep, move, withdraw
from app.domain.applications.services import applying as room
from app.domain.companies.models import Company, Membership
from app.domain.mail.models import OutboxMail
from app.domain.postings.models import Posting, PostingSnapshot, PostingStatus, Question, QuestionKind
from tests.domain.applications.conftest import ADA, Applying
from tests.factories import Board


def _count(board: Board, model: type) -> int:
    with board.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_an_application_keeps_what_was_sent_and_the_posting_as_it_was(board: Board, applying: Applying) -> None:
    posting = board.posting()
    with board.writing() as session:
        session.add(Question(posting_id=posting.id, position=0, prompt="Why?"))
    with board.reading() as session:
        question_id = session.scalars(select(Question.id)).one()
    done = applying(posting.id, cover_letter=" Dear all\r\n", **{f"answers-{question_id}": "I like it"})
    with board.writing() as session:
        session.get_one(Posting, posting.id).title = "Something else"
    with board.reading() as session:
        kept = session.get_one(Application, done.application_id)
        assert (kept.name, kept.email, kept.cover_letter) == ("Ada Lovelace", "ada@example.org", "Dear all")
        assert [(a.prompt, a.answer) for a in kept.answers] == [("Why?", "I like it")]
        assert (kept.snapshot.title, kept.snapshot.pay) == ("Backend Engineer", "€60k – €80k a year")
        assert [event.after for event in kept.events] == [Stage.SUBMITTED]


def test_each_posting_is_kept_once_for_each_of_its_versions(board: Board, applying: Applying) -> None:
    one, other = board.posting(title="Backend Engineer").id, board.posting(title="Gardener").id
    sent = [applying(posting, email=f"{name}@example.org").application_id for posting in (one, other) for name in "ab"]
    with board.writing() as session:
        session.get_one(Posting, other).title = "Head Gardener"
    sent.append(applying(other, email="c@example.org").application_id)
    with board.reading() as session:
        kept = [session.get_one(Application, number).snapshot for number in sent]
        assert [snapshot.title for snapshot in kept] == ["Backend Engineer"] * 2 + ["Gardener"] * 2 + ["Head Gardener"]
    assert _count(board, PostingSnapshot) == 3


def test_a_repeat_by_the_same_address_keeps_no_other_copy_of_the_posting(board: Board, applying: Applying) -> None:
    posting = board.posting().id
    applying(posting)
    with board.writing() as session:
        session.get_one(Posting, posting).title = "Head Gardener"
    assert not applying(posting).new
    assert _count(board, PostingSnapshot) == 1


def test_mail_is_owed_to_the_applicant_and_to_those_who_act(board: Board, applying: Applying) -> None:
    company = board.company(owner="owner@example.org")
    board.member(company.id, "recruiter@example.org")
    board.member(company.id, "reviewer@example.org", "reviewer")
    done = applying(board.posting(company.id).id)
    with board.reading() as session:
        owed = session.execute(select(OutboxMail.template, OutboxMail.recipient, OutboxMail.ids)).all()
    assert {(template, recipient) for template, recipient, _ in owed} == {
        ("application-received", "ada@example.org"),
        ("new-applicant", "owner@example.org"), ("new-applicant", "recruiter@example.org"),
    }
    assert all(ids["application_id"] == done.application_id for *_, ids in owed)


def test_fifty_at_once_are_one(board: Board, applying: Applying) -> None:
    posting = board.posting()
    with ThreadPoolExecutor(50) as many:
        done = list(many.map(lambda n: applying(posting.id, key=f"tab {n}", text=f"Ada Lovelace {n} times"), range(50)))
    assert len({one.application_id for one in done}) == 1
    assert sum(one.new for one in done) == 1
    assert _count(board, Application) == _count(board, PostingSnapshot) == 1
    with board.reading() as session:
        owed = session.scalars(select(OutboxMail.template)).all()
    assert set(owed) == {"application-received", "new-applicant", "application-repeated"}
    assert len(owed) - owed.count("application-repeated") == 2
    assert owed.count("application-repeated") < 3, "once an hour, however many came"
    assert (_count(board, ApplicationProposal), _count(board, StoredFile)) == (49, 50)


def test_who_applied_while_another_was_being_written_has_applied(
    board: Board, applying: Applying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both looks for it come too early: the unique index finds it."""
    posting, early, known = board.posting(), iter((None, None)), room._known
    first = applying(posting.id, key="k")
    monkeypatch.setattr(room, "_known", lambda *asked: next(early, known(*asked)))
    again = applying(posting.id, key="l", cover_letter="Dear all")
    assert (again.application_id, again.new) == (first.application_id, False)
    assert (_count(board, Application), _count(board, ApplicationProposal)) == (1, 1)


def test_one_form_with_one_kept_file_sent_at_once_is_one(board: Board, app: Flask) -> None:
    posting = board.posting()
    with board.writing() as session:
        kept = keep(session, check(b"Ada, mathematician", "cv.txt"), "0" * 64, clock.now()).id

    def send(_: int) -> int:
        with app.app_context(), transaction() as session:
            given, _problems = checked(Actor(), ADA, [], "k")
            assert given
            return apply(
                session, posting.id, Actor(), given, session.get_one(StoredFile, kept), clock.now()
            ).application_id

    with ThreadPoolExecutor(16) as many:
        assert len(set(many.map(send, range(16)))) == 1
    assert _count(board, Application) == _count(board, StoredFile) == 1


def test_the_same_form_again_changes_nothing(board: Board, applying: Applying) -> None:
    posting = board.posting()
    first, again = applying(posting.id, key="k"), applying(posting.id, key="k")
    assert (again.application_id, again.new) == (first.application_id, False)
    assert again.unused is not None
    assert _count(board, ApplicationProposal) == 0
    assert _count(board, StoredFile) == 1


def test_a_repeat_is_kept_whole_once_for_each_form(board: Board, applying: Applying) -> None:
    posting = board.posting()
    with board.writing() as session:
        session.add(Question(posting_id=posting.id, position=0, prompt="Why?"))
    with board.reading() as session:
        answer = f"answers-{session.scalars(select(Question.id)).one()}"
    first = applying(posting.id, key="k")
    said = {"name": "Ada King", "cover_letter": "Dear all", "email": "ADA@example.org", answer: "I like it"}
    again = applying(posting.id, key="l", **said)
    assert (again.application_id, again.new, again.unused) == (first.application_id, False, None)
    assert applying(posting.id, key="l", **said).unused is not None
    with board.reading() as session:
        kept = session.scalars(select(ApplicationProposal)).one()
        assert (kept.application_id, kept.user_id, kept.name) == (first.application_id, None, "Ada King")
        assert (kept.cover_letter, kept.answers) == ("Dear all", [["Why?", "I like it"]])
        assert kept.file_id != session.scalars(select(Application.resume_id)).one()


@pytest.mark.parametrize(
    "other", [{"name": "Ada King"}, {"cover_letter": "Another letter"}, {"text": "Another text of mine"}]
)
def test_one_key_with_anything_else_in_the_form_loses_nothing(
    board: Board, applying: Applying, other: dict[str, str]
) -> None:
    posting = board.posting()
    first = applying(posting.id, key="k")
    assert applying(posting.id, key="k", **other).application_id == first.application_id
    assert _count(board, ApplicationProposal) == 1


def test_however_many_came_before_a_repeat_is_kept_and_gets_its_receipt_after_the_end(
    board: Board, applying: Applying
) -> None:
    posting = board.posting()
    first = applying(posting.id, key="k")
    for n in range(7):
        applying(posting.id, key=f"junk {n}", text=f"Junk number {n} of many")
    applying(posting.id, key="own", cover_letter="Dear all")
    assert _count(board, ApplicationProposal) == 8
    with clock.stopped(clock.now() + timedelta(days=31)):
        assert applying(posting.id, key="own", cover_letter="Dear all").application_id == first.application_id
        with pytest.raises(Gone):
            applying(posting.id, key="late", cover_letter="Dear all")


def test_one_repeat_sent_many_times_at_once_is_one_proposal(board: Board, applying: Applying) -> None:
    posting = board.posting()
    applying(posting.id, key="k")
    with ThreadPoolExecutor(16) as many:
        done = list(many.map(lambda _: applying(posting.id, key="l", text="A better résumé"), range(16)))
    assert sum(one.unused is None for one in done) == 1
    assert _count(board, ApplicationProposal) == 1


def test_what_an_account_sends_after_a_guest_with_its_address_is_kept_for_it(
    board: Board, applying: Applying
) -> None:
    posting, person = board.posting(), board.user("ada@example.org", name="Ada")
    guest = applying(posting.id, key="k", name="Eve")
    actor = Actor(user_id=person.id, name="Ada", email=person.email, how="session")
    done = applying(posting.id, key="l", actor=actor, cover_letter="Truly mine")
    assert (done.application_id, done.new) == (guest.application_id, False)
    with board.reading() as session:
        assert session.get_one(Application, guest.application_id).user_id is None
        ((kept, may),) = own_waiting(session, actor, 20)
        assert not may, "an address that nobody proved decides nothing"
        assert (kept.user_id, kept.name, kept.cover_letter) == (person.id, "Ada Lovelace", "Truly mine")
        assert own_waiting(session, Actor(user_id=person.id + 1, email="b@example.org"), 20) == []


def _flag(board: Board, application_id: int) -> None:
    with board.writing() as session:
        application = session.get_one(Application, application_id)
        move(session, application, Stage.SPAM, application.version, Actor(), "", "no", clock.now())


def test_a_withdrawn_application_is_flagged_as_spam_though_another_followed(board: Board, applying: Applying) -> None:
    posting = board.posting()
    first = applying(posting.id, key="k")
    with board.writing() as session:
        withdraw(session, session.get_one(Application, first.application_id), Actor(), None, clock.now())
    assert applying(posting.id, key="l").new
    _flag(board, first.application_id)
    with board.reading() as session:
        assert session.get_one(Application, first.application_id).stage is Stage.SPAM


def test_an_account_that_was_flagged_as_spam_starts_no_other(board: Board, applying: Applying) -> None:
    posting, person = board.posting(), board.user("grace@example.org")
    actor = Actor(user_id=person.id, name="Grace", email=person.email, how="session")
    first = applying(posting.id, key="k", actor=actor)
    _flag(board, first.application_id)
    again = applying(posting.id, key="l", actor=actor)
    assert (again.application_id, again.new) == (first.application_id, False)


def test_whoever_applies_under_an_address_that_was_flagged_is_heard(board: Board, applying: Applying) -> None:
    """Anybody can write that address into a form: its owner's own application is not lost behind it."""
    company = board.company(owner="owner@example.org")
    posting = board.posting(company.id)
    first = applying(posting.id, key="k")
    _flag(board, first.application_id)
    second = applying(posting.id, key="l")
    assert second.new and second.application_id != first.application_id
    with board.reading() as session:
        owed = session.scalars(select(OutboxMail.template).where(OutboxMail.key.endswith(f":{second.application_id}")))
        assert "application-received" in set(owed)


def test_one_key_in_the_hands_of_two_people_makes_two_applications(board: Board, applying: Applying) -> None:
    posting = board.posting()
    assert applying(posting.id, key="k").new
    assert applying(posting.id, key="k", email="grace@example.org").new
    assert applying(board.posting().id, key="k").new


def test_a_withdrawn_application_may_be_followed_by_another_but_not_by_its_own_form(
    board: Board, applying: Applying
) -> None:
    posting = board.posting()
    first = applying(posting.id, key="k")
    with board.writing() as session:
        withdraw(session, session.get_one(Application, first.application_id), Actor(), None, clock.now())
    assert not applying(posting.id, key="k").new
    second = applying(posting.id, key="l")
    assert second.new
    assert second.application_id != first.application_id


def test_a_signed_in_person_applies_once_with_the_address_of_the_account(board: Board, applying: Applying) -> None:
    posting, person = board.posting(), board.user("grace@example.org", name="Grace")
    actor = Actor(user_id=person.id, name="Grace", email=person.email, how="session")
    done = applying(posting.id, actor=actor, email="somebody.else@example.org")
    with board.reading() as session:
        kept = session.get_one(Application, done.application_id)
        assert (kept.user_id, kept.email) == (person.id, "grace@example.org")
    moved = Actor(user_id=person.id, name="Grace", email="new@example.org", how="session")
    assert not applying(posting.id, actor=moved).new


@pytest.mark.parametrize(
    "facts",
    [
        {"status": PostingStatus.CLOSED}, {"status": PostingStatus.PAUSED}, {"frozen_at": "now"},
        {"expires_at": "now"}, {"apply_url": "https://example.org/apply"}, {"company": "suspended"},
        {"company": "empty"}, {"company": "people suspended"},
    ],
)
def test_a_posting_that_takes_no_applications_is_gone(board: Board, applying: Applying, facts: dict[str, Any]) -> None:
    now = clock.now()
    company = board.company(owner="owner@example.org")
    how = facts.get("company", "")
    stated = {name: now if fact == "now" else fact for name, fact in facts.items() if name != "company"}
    posting = board.posting(company.id, **stated)
    with board.writing() as session:
        if how == "suspended":
            session.get_one(Company, company.id).suspended_at = now
        elif how == "empty":
            session.scalars(select(Membership)).one().ended_at = now
        elif how:
            session.scalars(select(User)).one().suspended_at = now
    with pytest.raises(Gone):
        applying(posting.id)
    assert _count(board, Application) == _count(board, StoredFile) == 0


def test_the_form_sent_again_after_the_end_gets_its_receipt(board: Board, applying: Applying) -> None:
    posting = board.posting()
    first = applying(posting.id, key="k")
    with clock.stopped(clock.now() + timedelta(days=31)):
        assert applying(posting.id, key="k").application_id == first.application_id
        with pytest.raises(Gone):
            applying(posting.id, email="late@example.org")


@pytest.mark.parametrize("facts", [{"live": False}, {"published_at": "later"}])
def test_what_never_was_public_is_not_there(board: Board, applying: Applying, facts: dict[str, Any]) -> None:
    later = clock.now() + timedelta(days=1)
    posting = board.posting(**{k: later if v == "later" else v for k, v in facts.items()})
    with pytest.raises(NotFound):
        applying(posting.id)


def test_a_file_of_another_application_cannot_be_taken_along(board: Board, applying: Applying) -> None:
    posting = board.posting()
    applying(posting.id)
    with pytest.raises(DomainError, match="missing"), board.writing() as session:
        given, _ = checked(Actor(), ADA | {"email": "grace@example.org"}, [], "")
        assert given
        resume = session.scalars(select(StoredFile)).one()
        apply(session, posting.id, Actor(), given, resume, clock.now())


QUESTIONS = [
    SimpleNamespace(id=1, kind=QuestionKind.YES_NO, prompt="May you work here?", required=True),
    SimpleNamespace(id=2, kind=QuestionKind.TEXT, prompt="Why?", required=False),
]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"), ({"name": "x" * 121}, "name"), ({"name": "\u200b"}, "name"),
        ({"email": "nobody"}, "email"), ({"email": ""}, "email"), ({"email": "josé@x.example"}, "email"),
        ({"cover_letter": "x" * 20_001}, "cover_letter"), ({"answers-1": ""}, "answers-1"),
        ({"answers-1": "perhaps"}, "answers-1"), ({"answers-2": "x" * 4_001}, "answers-2"),
    ],
)
def test_every_problem_stands_at_its_field(fields: dict[str, str], field: str) -> None:
    given, problems = checked(Actor(), ADA | {"answers-1": "yes"} | fields, QUESTIONS, "")  # type: ignore[arg-type]
    assert given is None
    assert list(problems) == [field]
