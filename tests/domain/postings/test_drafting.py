"""Drafts kept while somebody types. On each engine."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.core.money import Period
from app.domain.audit.models import AuditEntry
from app.domain.postings.models import HalfTyped, Posting
from app.domain.postings.queries import by_id, typical_pay
from app.domain.postings.services import Facts, as_typed, autosave, begin, edit, submit
from tests.factories import Board

HALF = Facts(
    title="", description="We bake.", workplace="remote", places=("Berlin, Germany", "Xyzzyville Qq"),
    remote_countries=("Germany", "Xyzzyland"), salary_min="40k", salary_max="5", salary_currency="EU",
    salary_period="year", openings="several",
)
WHOLE = Facts(
    title="Baker", description="We bake.", category="engineering", type="full_time", places=("Berlin, Germany",),
    salary_min="40000", salary_max="50000", salary_currency="EUR", salary_period="year",
)


def _begun(board: Board, facts: Facts = HALF) -> tuple[int, Actor]:
    board.category()
    company, actor = board.company(), Actor(user_id=board.user().id, how="session")
    with board.writing() as session:
        return begin(session, company.id, facts, actor, clock.now()).id, actor


def _autosave(board: Board, number: int, facts: Facts, actor: Actor, version: int | None = None) -> int:
    with board.writing() as session:
        posting = by_id(session, number)
        return autosave(session, posting, facts, version or posting.version, actor, clock.now()).version


def test_half_typed_answers_come_back_as_they_were_typed(board: Board) -> None:
    number, actor = _begun(board)
    with board.reading() as session:
        posting = by_id(session, number)
        assert posting.title == "Untitled draft" and posting.salary_max is None and posting.openings == 1
        assert [row.place.slug for row in posting.places] == ["berlin-de"], "what is known is stated"
        back = as_typed(posting)
    for name in ("title", "places", "remote_countries", "salary_min", "salary_max", "salary_currency", "openings"):
        assert getattr(back, name) == getattr(HALF, name), name
    _autosave(board, number, WHOLE, actor)
    with board.reading() as session:
        posting = by_id(session, number)
        assert (posting.title, posting.half_typed) == ("Baker", None)
        assert session.scalars(select(HalfTyped)).all() == []


def test_a_draft_with_unfinished_answers_is_not_handed_in(board: Board) -> None:
    number, actor = _begun(board, WHOLE)
    _autosave(board, number, replace(WHOLE, salary_max="fifty"), actor)
    with board.writing() as session:
        posting = by_id(session, number)
        with pytest.raises(Invalid) as refused:
            submit(session, posting, posting.version, actor, clock.now(), 60)
        assert "salary_max" in refused.value.fields
    _autosave(board, number, replace(WHOLE, openings="some"), actor)
    with board.writing() as session:
        posting = by_id(session, number)
        with pytest.raises(Invalid) as refused:
            submit(session, posting, posting.version, actor, clock.now(), 60)
        assert set(refused.value.fields) == {"openings"}
    with board.writing() as session:
        posting = by_id(session, number)
        edit(session, posting, WHOLE, posting.version, actor, clock.now())
        submit(session, posting, posting.version, actor, clock.now(), 60)


def test_a_colleagues_change_is_not_overwritten(board: Board) -> None:
    number, actor = _begun(board, WHOLE)
    version = _autosave(board, number, WHOLE, actor)
    with pytest.raises(Conflict):
        _autosave(board, number, HALF, actor, version - 1)
    with board.reading() as session:
        assert session.get_one(Posting, number).title == "Baker"


def test_what_is_public_is_never_saved_by_itself(board: Board) -> None:
    live = board.posting()
    with pytest.raises(Invalid, match="save it yourself"):
        _autosave(board, live.id, WHOLE, Actor(user_id=1, how="session"))
    with board.reading() as session:
        assert session.get_one(Posting, live.id).title == "Backend Engineer"


def test_one_sitting_is_one_entry_of_the_log(board: Board) -> None:
    number, actor = _begun(board, WHOLE)
    other = Actor(user_id=board.user().id, how="session")
    for who in (actor, actor, other, other, actor):
        _autosave(board, number, WHOLE, who)
    with board.reading() as session:
        log = session.execute(select(AuditEntry.action, AuditEntry.actor_id).order_by(AuditEntry.id)).all()
    assert [tuple(row) for row in log] == [
        ("posting.create", actor.user_id), ("posting.edit", other.user_id), ("posting.edit", actor.user_id),
    ]


def test_the_typical_pay_is_the_middle_half_of_five_live_jobs_in_one_currency(board: Board) -> None:
    company = board.company().id
    for thousands in (30, 40, 50, 60):
        board.posting(company, salary_min=thousands * 80_000, salary_max=thousands * 100_000)
    board.posting(company, salary_max=900_000_000, salary_currency="USD")
    board.posting(company, salary_max=900_000_000, expires_at=clock.now() - timedelta(minutes=1))
    with board.reading() as session:
        assert typical_pay(session, "engineering", "EUR", clock.now()) is None
    board.posting(company, salary_min=4_000, salary_max=5_000, salary_period=Period.HOUR)
    with board.reading() as session:
        found = typical_pay(session, "engineering", "EUR", clock.now())
        assert found == (50 * 80_000, 60 * 100_000, 5)
        assert typical_pay(session, "other", "EUR", clock.now()) is None
