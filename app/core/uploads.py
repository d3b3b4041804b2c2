"""Which bytes of the upload store still belong to somebody."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from sqlalchemy import Column, select, union_all
from sqlalchemy.orm import Session

from app.core.db import UPLOAD_KEY, Base

_BATCH = 500


def named(session: Session, keys: Collection[str]) -> set[str]:
    """Those of `keys` that some row names, in whichever column was declared to hold such a name."""
    columns = [column for table in Base.metadata.sorted_tables for column in table.columns if _holds_key(column)]
    return set(session.scalars(union_all(*(select(column).where(column.in_(keys)) for column in columns))))


def _holds_key(column: Column[str]) -> bool:
    return column.info == UPLOAD_KEY


def strays(session: Session, keys: Iterable[str]) -> Iterator[str]:
    """Those of `keys` that no row names, some hundred looked up at once."""
    rest = iter(keys)
    while batch := list(islice(rest, _BATCH)):
        known = named(session, batch)
        yield from (key for key in batch if key not in known)
