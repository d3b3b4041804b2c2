"""Owing mail: rows written in the transaction of the change they tell of."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.db import wake_at
from app.domain.mail.models import MailStatus, OutboxMail


def owe(
    session: Session, template: str, recipient: str, key: str, now: datetime, *,
    due_at: datetime | None = None, **ids: int | str,
) -> OutboxMail:
    """Owe `recipient` the mail `template` about the rows named in `ids`, once for each `key`."""
    known = session.scalar(select(OutboxMail).where(OutboxMail.key == key))
    if known is not None:
        return known
    mail = OutboxMail(
        key=key, template=template, recipient=recipient, ids=dict(ids), created_at=now, due_at=due_at or now
    )
    session.add(mail)
    wake_at(session, mail.due_at)
    return mail


def cancel(session: Session, key: str) -> bool:
    """Take back a mail that has not left. False when it has or may have, or never was."""
    done = session.execute(
        update(OutboxMail)
        .where(OutboxMail.key == key, OutboxMail.status == MailStatus.WAITING, OutboxMail.claimed_until.is_(None))
        .values(status=MailStatus.CANCELLED)
        .returning(OutboxMail.id)
    )
    return done.first() is not None
