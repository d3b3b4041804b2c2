"""Reading the outbox."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.mail.models import MailStatus, OutboxMail


def page(session: Session, before_id: int | None, limit: int) -> list[OutboxMail]:
    """Newest mails first, at most `limit` + 1, so that the caller sees whether more follow."""
    query = select(OutboxMail).order_by(OutboxMail.id.desc()).limit(limit + 1)
    if before_id is not None:
        query = query.where(OutboxMail.id < before_id)
    return list(session.scalars(query))


def due(session: Session, now: datetime) -> int:
    """How many mails may leave now."""
    query = select(func.count()).where(OutboxMail.status == MailStatus.WAITING, OutboxMail.due_at <= now)
    return session.scalar(query) or 0


def waiting(session: Session) -> tuple[int, datetime | None]:
    """How many mails wait, and since when the oldest does."""
    number, oldest = session.execute(
        select(func.count(), func.min(OutboxMail.created_at)).where(OutboxMail.status == MailStatus.WAITING)
    ).one()
    return number, oldest
