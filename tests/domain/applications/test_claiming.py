"""A guest's application moves into one account, once, and never beside another one of that account."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.core import clock
from app.core.actor import ANONYMOUS, Actor
from app.core.errors import Conflict, Invalid, NotFound, SignInRequired
from app.core.links import Links
from app.domain.accounts.models import User
from app.domain.applications.guests import by_token, own_waiting, path_of, waiting
from app.domain.applications.models import Application, Stage
from app.domain.applications.queries import for_applicant
from app.domain.applications.services import claim, move
from app.domain.audit.models import AuditEntry
from tests.domain.applications.conftest import Applying
from tests.factories import Board

ADDRESS = "ada@example.org"
LINKS = Links("http://board.example", b"a key for tests")


@pytest.fixture
def ada(board: Board) -> Actor:
    """Somebody with the guest's address, of which nobody knows yet that it is theirs."""
    person = board.user(ADDRESS, email_verified_at=None)
    return Actor(user_id=person.id, name=person.name, email=ADDRESS, how="session")


def _owner(board: Board, application_id: int) -> int | None:
    with board.reading() as session:
        return session.get_one(Application, application_id).user_id


def _claims(board: Board) -> int:
    with board.reading() as session:
        return session.scalar(select(func.count()).where(AuditEntry.action == "application.claim")) or 0


def test_a_link_opens_what_is_there_is_still_a_guests_and_was_not_voided(board: Board, applying: Applying) -> None:
    guests = {
        change: applying(board.posting().id, email=f"{change}@example.org").application_id
        for change in ("none", "user_id", "link_number")
    }
    claimer = board.user().id
    with board.writing() as session:
        tokens = {
            change: path_of(LINKS, session.get_one(Application, number)).rsplit("/", 1)[1]
            for change, number in guests.items()
        }
        nothing = LINKS.token("application", max(guests.values()) + 1, 1)
        session.get_one(Application, guests["user_id"]).user_id = claimer
        session.get_one(Application, guests["link_number"]).link_number = 2
    with board.reading() as session:
        assert by_token(session, LINKS, tokens["none"]).id == guests["none"]
        for void in (tokens["user_id"], tokens["link_number"], nothing):
            with pytest.raises(NotFound, match="no longer good"):
                by_token(session, LINKS, void)


def test_without_an_account_nobody_claims_or_reads_as_an_account_does(
    board: Board, applying: Applying, ada: Actor
) -> None:
    guests = applying(board.posting().id).application_id
    with pytest.raises(SignInRequired), board.writing() as session:
        claim(session, session.get_one(Application, guests), Actor(email=ADDRESS), clock.now())
    with board.reading() as session:
        for number, actor in ((guests, ANONYMOUS), (guests, ada), (guests + 1, ada)):
            with pytest.raises(NotFound):
                for_applicant(session, number, actor)


def test_what_waits_is_shown_with_the_application_it_was_sent_to(
    board: Board, applying: Applying, ada: Actor
) -> None:
    """A claimed one is no longer the address's: it waits for the account that has it, and for nobody else."""
    one, other = board.posting().id, board.posting().id
    sent = {posting: applying(posting).application_id for posting in (one, other)}
    for posting in (one, other):
        applying(posting, cover_letter=f"For {posting}")
    proved = replace(ada, email_verified=True)
    with board.reading() as session:
        for posting, number in sent.items():
            assert [proposal.cover_letter for proposal in waiting(session, number)] == [f"For {posting}"]
        assert {proposal.application_id for proposal, may in own_waiting(session, proved, 20)} == set(sent.values())
    person = board.user("moved@example.org")
    with board.writing() as session:
        session.get_one(Application, sent[other]).user_id = person.id
    with board.reading() as session:
        assert [(each.application_id, may) for each, may in own_waiting(session, proved, 20)] == [(sent[one], True)]
        assert [each.application_id for each, _ in own_waiting(session, proved, 1)] == [sent[one]]


def test_an_account_that_applied_elsewhere_takes_a_guests_application_in(
    board: Board, applying: Applying, ada: Actor
) -> None:
    guests = applying(board.posting().id).application_id
    applying(board.posting().id, actor=ada)
    with board.writing() as session:
        claim(session, session.get_one(Application, guests), ada, clock.now())
    assert _owner(board, guests) == ada.user_id


@pytest.mark.parametrize("faster", [True, False])
def test_what_was_claimed_or_voided_after_it_was_read_is_not_claimed(
    board: Board, applying: Applying, ada: Actor, faster: bool
) -> None:
    guests = applying(board.posting().id).application_id
    other = board.user().id if faster else None
    with board.writing() as session:
        application = session.get_one(Application, guests)
        meanwhile = update(Application).where(Application.id == guests)
        meanwhile = meanwhile.values(user_id=other) if other else meanwhile.values(link_number=2)
        session.execute(meanwhile.execution_options(synchronize_session=False))
        with pytest.raises(Conflict, match="just moved into an account"):
            claim(session, application, ada, clock.now())
    assert (_owner(board, guests), _claims(board)) == (other, 0)
    with board.reading() as session:
        assert session.get_one(User, ada.user_id).email_verified_at is None


def test_what_is_no_spam_any_more_stands_beside_no_other_of_the_account(
    board: Board, employed: Any, applying: Applying, ada: Actor
) -> None:
    """Flagged when it was read: a flagged one could stand there, and the flag is taken back at that moment."""
    posting, now = employed.posting.id, clock.now()
    guests = applying(posting).application_id
    renamed = Actor(user_id=ada.user_id, name=ada.name, email="new@example.org", how="session")
    assert applying(posting, actor=renamed).new
    with board.writing() as session:
        move(session, session.get_one(Application, guests), "spam", 1, employed.one, "", "no", now)
    with board.writing() as session:
        application = session.get_one(Application, guests)
        meanwhile = update(Application).where(Application.id == guests).values(stage=Stage.SUBMITTED)
        session.execute(meanwhile.execution_options(synchronize_session=False))
        with pytest.raises(Invalid, match="has applied to this job already"):
            claim(session, application, ada, now)
    assert (_owner(board, guests), _claims(board)) == (None, 0)
