"""Who reads of which applications: a person of their own, a company of its own, a guest's address of a guest's."""

from types import SimpleNamespace

from app.core import clock
from app.core.actor import Actor
from app.domain.applications.guests import of_address
from app.domain.applications.models import Application, Stage
from app.domain.applications.own import own_at, own_counts, own_page
from app.domain.applications.queries import applied_ids, companies_waited_for, number_of
from app.domain.applications.services import move
from app.domain.applications.waiting import own_stage
from tests.domain.applications.conftest import Applying
from tests.factories import Board


def signed_in(board: Board, email: str) -> Actor:
    person = board.user(email)
    return Actor(user_id=person.id, name=person.name, email=email, how="session")


def test_a_person_is_told_of_their_own_application_to_this_posting(
    board: Board, employed: SimpleNamespace, applying: Applying
) -> None:
    ada, grace, joan = (signed_in(board, f"{name}@example.com") for name in ("ada", "grace", "joan"))
    here, there = employed.posting.id, board.posting(employed.company.id).id
    moved = applying(here, actor=ada).application_id
    applying(there, actor=ada)
    applying(here, actor=grace)
    now = clock.now()
    with board.writing() as session:
        application = session.get_one(Application, moved)
        move(session, application, "interview", application.version, employed.one, "", "now", now)
    with board.reading() as session:
        told = {
            who.email: [own_stage(session, who.user_id, posting, now) for posting in (here, there)]
            for who in (ada, grace, joan)
        }
        assert told == {
            ada.email: [Stage.INTERVIEW, Stage.SUBMITTED], grace.email: [Stage.SUBMITTED, None],
            joan.email: [None, None],
        }
        asked = [applied_ids(session, who.user_id, (here,)) for who in (ada, grace, joan)]
        assert asked == [{here}, {here}, set()]
        assert applied_ids(session, grace.user_id, (here, there)) == {here}
        assert [number_of(session, who.user_id or 0) for who in (ada, grace, joan)] == [2, 1, 0]


def test_a_person_counts_and_lists_their_own_applications(board: Board, applying: Applying) -> None:
    ada, grace = (signed_in(board, f"{name}@example.com") for name in ("ada", "grace"))
    both, one = board.posting().id, board.posting().id
    mine = {applying(posting, actor=ada).application_id for posting in (both, one)}
    hers, now = applying(both, actor=grace).application_id, clock.now()
    for who, ids in ((ada, mine), (grace, {hers})):
        with board.reading() as session:
            user_id = who.user_id or 0
            assert {each.id for each in own_page(session, user_id, None, None, 20, now)} == ids
            assert {each.id for each in own_at(session, user_id, (Stage.SUBMITTED,), 20, now)} == ids
            assert own_at(session, user_id, (Stage.OFFER,), 20, now) == []
            counts = own_counts(session, user_id, now)
            assert {stage: number for stage, number in counts.items() if number} == {Stage.SUBMITTED: len(ids)}


def test_an_address_is_sent_links_to_what_no_account_has(board: Board, applying: Applying) -> None:
    ada = signed_in(board, "ada@example.org")
    mine, guests = applying(board.posting().id, actor=ada), applying(board.posting().id)
    with board.reading() as session:
        assert [found.id for found in of_address(session, ada.email, 20)] == [guests.application_id]
        assert session.get_one(Application, mine.application_id).email == ada.email


def test_a_company_is_waited_for_only_by_its_own_applicants(board: Board, applying: Applying) -> None:
    busy, idle, done = (board.company(owner=f"{name}@example.org") for name in ("busy", "idle", "done"))
    applying(board.posting(busy.id).id)
    board.posting(idle.id)
    over = applying(board.posting(done.id).id).application_id
    with board.writing() as session:
        session.get_one(Application, over).stage = Stage.HIRED
    with board.reading() as session:
        assert companies_waited_for(session, [idle.id, done.id]) == []
        assert companies_waited_for(session, [done.id, busy.id, idle.id]) == [busy.id]
        assert companies_waited_for(session, []) == []
