"""What a transaction gathers while it runs and writes once, as its last statements before the commit.

So rows that everybody writes are locked for the commit alone, and always in one order.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

Item = TypeVar("Item")


class Gathering(Generic[Item]):
    """Things of one kind, gathered in a transaction; `write` is handed them at its end. Made once, by a module."""

    def __init__(self, name: str, write: Callable[[Session, set[Item]], None]) -> None:
        self._name, self._write = f"gathered: {name}", write
        _gatherings.append(self)
        _gatherings.sort(key=lambda one: one._name)  # one order, whoever was imported first

    def add(self, session: Session, *items: Item) -> None:
        """Forgotten where the transaction is undone."""
        session.info.setdefault(self._name, set()).update(items)

    def close(self, session: Session) -> None:
        """Write down what was gathered."""
        items = session.info.pop(self._name, None)
        if items:
            self._write(session, items)

    def forget(self, session: Session) -> None:
        session.info.pop(self._name, None)


_gatherings: list[Gathering[Any]] = []


@event.listens_for(Session, "before_commit")
def _close(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    for gathering in _gatherings:
        gathering.close(session)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, undone: SessionTransaction) -> None:
    if undone.parent is None:  # not a savepoint
        for gathering in _gatherings:
            gathering.forget(session)
