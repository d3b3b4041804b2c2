"""Whose acts the log shows: one person's, the board's own, or the last by people."""

from sqlalchemy.orm import Session

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.domain.accounts.services import create_user
from app.domain.audit import queries
from app.domain.audit.services import record

POSTING = ("posting", 7)


def test_acts_are_told_apart_by_who_did_them(session: Session) -> None:
    ada, bob = (
        Actor(create_user(session, f"{name}@example.org", name, "hash", clock.now()).id) for name in ("ada", "bob")
    )
    by_ada, by_bob, by_itself = (
        record(session, actor, "posting.freeze", POSTING, clock.now()) for actor in (ada, bob, SYSTEM)
    )
    session.flush()

    def shown(actor: int | None) -> list[int]:
        return [entry.id for entry in queries.page(session, None, 10, queries.Asked(actor=actor, kind="posting"))]

    assert shown(ada.user_id) == [by_ada.id]
    assert shown(0) == [by_itself.id]
    assert shown(None) == [by_itself.id, by_bob.id, by_ada.id]
    assert queries.latest_act(session, POSTING, ("posting.freeze",)) is by_itself
    assert queries.latest_act(session, POSTING, ("posting.freeze",), by_people=True) is by_bob
