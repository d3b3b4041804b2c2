"""What programs send again under one key: made once, whatever became of the first answer."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core.errors import Conflict, Invalid
from app.domain.accounts.identity import token_hash
from app.domain.accounts.models import IdempotencyKey

KEPT = timedelta(hours=24)
"""For how long a key means what it meant."""


def once(
    session: Session, user_id: int, operation: str, key: str, body: str, make: Callable[[], int], now: datetime
) -> tuple[int, bool]:
    """The id of what `make` makes, or made before under this key of this person's; and whether it is new.

    Without a key everything is new. The key is written with what it made, so that there is both or neither. Raises
    Invalid where it came with another `body` before, Conflict while the first is still in hand (on SQLite, where one
    writes at a time, it is waited for).
    """
    if not key:
        return make(), True
    _take_turn(session, f"{user_id} {operation} {key}")
    known = session.scalar(
        select(IdempotencyKey).where(
            IdempotencyKey.user_id == user_id, IdempotencyKey.operation == operation,
            IdempotencyKey.key_hash == token_hash(key),
        )
    )
    if known is not None and known.created_at > now - KEPT:
        if known.body_hash != token_hash(body):
            raise Invalid("This Idempotency-Key was sent with something else before. Choose another for something new.")
        return known.made_id, False
    if known is not None:
        session.delete(known)
        session.flush()
    made_id = make()
    session.add(
        IdempotencyKey(
            user_id=user_id, operation=operation, key_hash=token_hash(key), body_hash=token_hash(body),
            made_id=made_id, created_at=now,
        )
    )
    session.flush()
    return made_id, True


def _take_turn(session: Session, words: str) -> None:
    """Hold this key until the transaction ends. Raises Conflict where somebody holds it."""
    if session.get_bind().dialect.name != "postgresql":
        return
    number = int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], signed=True)
    if not session.scalar(select(func.pg_try_advisory_xact_lock(number))):
        raise Conflict("The same is being made at this moment. Send it again in a few seconds.")


def forget_keys(session: Session, now: datetime, limit: int) -> int:
    """Forget keys that mean nothing any more, at most `limit`; how many they were."""
    old = select(IdempotencyKey.id).where(IdempotencyKey.created_at <= now - KEPT).limit(limit)
    gone = session.execute(delete(IdempotencyKey).where(IdempotencyKey.id.in_(old)).returning(IdempotencyKey.id))
    return len(gone.all())
