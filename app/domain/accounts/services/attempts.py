"""Guessing gets slower: a growing wait after wrong passwords and codes in a row, never a lock."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.accounts.identity import address_hash
from app.domain.accounts.models import FailedAttempts

FREE = 5
"""Wrong attempts that cost no wait."""
LONGEST_WAIT = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(hours=24)


def wait_left(session: Session, email: str, now: datetime) -> int:
    """Seconds until the next attempt for this address is looked at; 0 where it may be made now."""
    row = session.scalar(select(FailedAttempts).where(FailedAttempts.address_hash == address_hash(email)))
    if row is None or row.failures < FREE or now - row.last_at > FORGOTTEN_AFTER:
        return 0
    wait = min(timedelta(seconds=2 ** min(row.failures - FREE, 20)), LONGEST_WAIT)
    left = (row.last_at + wait - now).total_seconds()
    return max(0, -int(-left // 1))


def failed(session: Session, email: str, now: datetime) -> None:
    """Count a wrong password or code for this address, known here or not."""
    session.execute(delete(FailedAttempts).where(FailedAttempts.last_at < now - FORGOTTEN_AFTER))
    mine = address_hash(email)
    if _count(session, mine, now):
        return
    try:
        with session.begin_nested():
            session.add(FailedAttempts(address_hash=mine, failures=1, last_at=now))
    except IntegrityError:
        _count(session, mine, now)


def _count(session: Session, mine: str, now: datetime) -> bool:
    counted = session.execute(
        update(FailedAttempts)
        .where(FailedAttempts.address_hash == mine)
        .values(failures=FailedAttempts.failures + 1, last_at=now)
        .returning(FailedAttempts.id)
    )
    return counted.first() is not None


def forget(session: Session, email: str) -> None:
    """A right answer, or a new password: nothing is held against this address any more."""
    session.execute(delete(FailedAttempts).where(FailedAttempts.address_hash == address_hash(email)))
