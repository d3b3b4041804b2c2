"""The log of changes: written in the transaction of each change, read by every index before it answers."""

import secrets
from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, delete, func, insert, select, text
from sqlalchemy.orm import Session

from app.core.closing import Gathering
from app.core.db import is_writing
from app.domain.search.models import SearchChange

KEPT = 100_000
"""Versions the log remembers; an index that slept through more is built anew."""
_TURN = 0x6E657875735F6C67
"""PostgreSQL's lock that makes versions follow each other as commits do."""
_NAMES = 0
_BATCH = 5_000


class Stand(NamedTuple):
    """Where a log stands: its last version and that one's mark."""

    version: int = 0
    mark: str = ""


class Tail(NamedTuple):
    """What changed since a stand: which postings, whether names did, and where the log stands after it."""

    posting_ids: list[int]
    names: bool
    stand: Stand


def note(session: Session, posting_ids: Iterable[int]) -> None:
    """These postings changed, once this transaction is committed."""
    _noted.add(session, *posting_ids)


def note_names(session: Session) -> None:
    """Names of companies or fields of work changed, the fields' order, or what the board says of itself."""
    _noted.add(session, _NAMES)


def _write(session: Session, noted: set[int]) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
    mark = secrets.token_hex(8)
    rows = [{"posting_id": id_ or None, "mark": mark} for id_ in sorted(noted)]
    session.connection().execute(insert(SearchChange), rows)


_noted = Gathering("search log", _write)


def begin_anew(session: Session) -> None:
    """Make every index start again: for loads so big that naming each posting would be no help."""
    session.execute(delete(SearchChange))
    note_names(session)


_LAST = "SELECT version, mark FROM search_changes ORDER BY version DESC LIMIT 1"
_STAND = "search: stand"


def stand(session: Session) -> Stand:
    """Where the log stands in this session's transaction; asked once in one that only reads, which sees one moment."""
    if is_writing():
        return _stand(session)
    seen = session.info.get(_STAND)
    if seen is None or seen[0] is not session.get_transaction():
        found = _stand(session)
        seen = session.info[_STAND] = session.get_transaction(), found
    return cast(Stand, seen[1])


def _stand(session: Session) -> Stand:
    found = session.connection().exec_driver_sql(_LAST).first()
    return Stand(*found) if found else Stand()


def since(session: Session, known: Stand, most: int) -> Tail | None:
    """What changed after `known`; None where that cannot be told, or is more than `most` rows.

    It cannot be told where the row it was known by is gone, or another stands there, or the log had none.
    """
    rows = session.execute(
        select(SearchChange.version, SearchChange.mark, SearchChange.posting_id)
        .where(SearchChange.version >= known.version)
        .order_by(SearchChange.version)
        .limit(most + 2)
    ).all()
    if not rows or tuple(rows[0][:2]) != known or len(rows) > most + 1:
        return None
    ids = sorted({row.posting_id for row in rows[1:] if row.posting_id is not None})
    return Tail(ids, any(row.posting_id is None for row in rows[1:]), Stand(*rows[-1][:2]))


def prune(session: Session) -> int:
    """Forget the oldest versions beyond those the log remembers, some at a time. Returns how many rows went."""
    first, last = session.execute(select(func.min(SearchChange.version), func.max(SearchChange.version))).one()
    if last is None or first > last - KEPT:
        return 0
    until = min(first + _BATCH, last - KEPT + 1)
    gone = session.execute(delete(SearchChange).where(SearchChange.version < until))
    return cast("CursorResult[Any]", gone).rowcount
