"""Reading the outbox."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, load_only

from app.core.errors import NotFound
from app.domain.mail.models import MailStatus, OutboxMail

_BRIEF = load_only(
    OutboxMail.template, OutboxMail.recipient, OutboxMail.status, OutboxMail.created_at, OutboxMail.due_at,
    OutboxMail.sent_at, OutboxMail.attempts, OutboxMail.last_error, OutboxMail.subject, raiseload=True,
)


def page(
    session: Session, before_id: int | None, limit: int, status: MailStatus | None = None
) -> list[OutboxMail]:
    """Newest mails first without what they say, at most `limit` + 1, so that the caller sees whether more follow."""
    query = select(OutboxMail).options(_BRIEF).order_by(OutboxMail.id.desc()).limit(limit + 1)
    if status is not None:
        query = query.where(OutboxMail.status == status)
    if before_id is not None:
        query = query.where(OutboxMail.id < before_id)
    return list(session.scalars(query))


def by_id(session: Session, mail_id: int) -> OutboxMail:
    """One mail. Raises NotFound."""
    mail = session.get(OutboxMail, mail_id)
    if mail is None:
        raise NotFound
    return mail


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


def parked(session: Session) -> int:
    """How many mails were refused for good and wait for a person to look."""
    query = select(func.count()).select_from(OutboxMail).where(OutboxMail.status == MailStatus.PARKED)
    return session.scalar(query) or 0
