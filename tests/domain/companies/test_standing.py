"""Companies before an admin: trusted, suspended, made part of another."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.core.links import Links
from app.domain.audit.models import AuditEntry
from app.domain.companies.models import Company, Membership
from app.domain.companies.queries import merged_slugs
from app.domain.companies.services import recognise
from app.domain.companies.services.merging import merge, pair
from app.domain.companies.services.standing import admin_act, locked
from app.domain.mail.letters import WRITERS
from app.domain.mail.models import OutboxMail
from app.domain.mail.rendering import draw
from app.domain.postings.models import Posting
from app.domain.postings.queries import is_live
from app.domain.search.filters import Filters
from app.domain.search.queries import total
from tests.factories import Board

ADMIN = Actor(user_id=99, is_admin=True, how="session")
Act = Callable[..., None]


@pytest.fixture
def act(board: Board) -> Act:
    def do(company: SimpleNamespace, action: str, version: int, reason: str = "Why.", actor: Actor = ADMIN) -> None:
        with board.writing() as session:
            admin_act(session, locked(session, company.id), action, version, actor, reason, clock.now())

    return do


def audited(board: Board) -> list[str]:
    with board.reading() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_suspension_takes_every_posting_down_at_once_is_told_and_can_be_taken_back(board: Board, act: Act) -> None:
    company = board.company(owner="owner@example.org")
    posting = board.posting(company.id)
    act(company, "suspend", 1)
    act(company, "suspend", 1)
    with board.reading() as session:
        assert not is_live(session, session.get_one(Posting, posting.id), clock.now())
        told = [tuple(row) for row in session.execute(select(OutboxMail.template, OutboxMail.recipient))]
    assert told == [("company_suspend", "owner@example.org")]
    act(company, "restore", 2, "")
    with board.reading() as session:
        assert is_live(session, session.get_one(Posting, posting.id), clock.now())
    assert audited(board) == ["company.suspend", "company.restore"]


def test_trust_is_versioned_and_a_repeat_is_no_second_act(board: Board, act: Act) -> None:
    company = board.company()
    act(company, "trust", 1)
    act(company, "trust", 1)
    with pytest.raises(Conflict):
        act(company, "untrust", 1)
    with pytest.raises(Conflict):
        act(company, "trust", 1, actor=Actor(user_id=7, is_admin=True))
    assert audited(board) == ["company.trust"]


def test_no_suspension_without_a_reason(board: Board, act: Act) -> None:
    company = board.company()
    with pytest.raises(Invalid) as refused:
        act(company, "suspend", 1, " ")
    assert list(refused.value.fields) == ["reason"]


def merged(board: Board, company: SimpleNamespace, into: SimpleNamespace, *, confirmed: bool = False) -> None:
    with board.writing() as session:
        rows = pair(session, company.id, into.id)
        merge(session, *rows, (1, 1), ADMIN, clock.now(), confirmed=confirmed)


def test_a_merged_company_takes_its_postings_its_address_and_its_imports_along(board: Board) -> None:
    old, new = board.company("Acme Import"), board.company("Acme", owner="owner@example.org")
    posting = board.posting(old.id)
    merged(board, old, new)
    merged(board, old, new)
    with board.reading() as session:
        row = session.get_one(Posting, posting.id)
        assert (row.company_id, row.version) == (new.id, posting.version + 1)
        assert merged_slugs(session, [old.slug]) == {old.slug: new.slug}
        assert total(session, Filters(q="acme -import"), clock.now()) == 1
    with board.writing() as session:
        assert recognise(session, ["Acme Import"], clock.now()) == {"acme import": new.id}
    assert audited(board) == ["company.merge"]


def test_two_companies_with_members_are_merged_only_when_confirmed(board: Board) -> None:
    old, new = board.company(owner="one@example.org"), board.company(owner="two@example.org")
    board.member(old.id, "two@example.org")
    with pytest.raises(Invalid) as refused:
        merged(board, old, new)
    assert list(refused.value.fields) == ["confirmed"]
    merged(board, old, new, confirmed=True)
    with board.reading() as session:
        living = select(Membership.user_id, Membership.company_id).where(Membership.ended_at.is_(None))
        rows = [tuple(row) for row in session.execute(living)]
    assert len(rows) == 2
    assert {company for _, company in rows} == {new.id}


def test_a_stale_merge_changes_nothing(board: Board, act: Act) -> None:
    old, new = board.company(), board.company()
    act(new, "trust", 1)
    with pytest.raises(Conflict):
        merged(board, old, new)
    with board.reading() as session:
        assert session.get_one(Company, old.id).merged_into_id is None


def test_a_chain_of_merges_leads_to_its_end(board: Board) -> None:
    first, second, third = board.company("A"), board.company("B"), board.company("C")
    merged(board, first, second)
    with board.writing() as session:
        merge(session, *pair(session, second.id, third.id), (1, 1), ADMIN, clock.now())
    with board.reading() as session:
        assert merged_slugs(session, [first.slug, second.slug]) == dict.fromkeys((first.slug, second.slug), third.slug)
    with pytest.raises(Invalid):
        merged(board, third, second)


def test_the_letters_say_why_and_nothing_once_it_is_otherwise(board: Board, act: Act) -> None:
    company = board.company("Acme", owner="owner@example.org")
    act(company, "suspend", 1, "Fees were <asked>.")
    links = Links("http://board.example", b"key")
    with board.reading() as session:
        ids = session.scalars(select(OutboxMail.ids)).one()
        letter = WRITERS["company_suspend"](session, ids, links, clock.now())
        assert letter is not None
        text, html = draw(letter, "Nexus", links)
        assert "> Fees were <asked>." in text
        assert "Fees were &lt;asked&gt;." in html
    act(company, "restore", 2)
    with board.reading() as session:
        assert WRITERS["company_suspend"](session, ids, links, clock.now()) is None
