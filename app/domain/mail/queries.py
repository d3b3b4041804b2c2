"""Reading the outbox."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.mail.models import OutboxMail


def page(session: Session, before_id: int | None, limit: int) -> list[OutboxMail]:
    """Newest mails first, at most `limit` + 1, so that the caller sees whether more follow."""
    query = select(OutboxMail).order_by(OutboxMail.id.desc()).limit(limit + 1)
    if before_id is not None:
        query = query.where(OutboxMail.id < before_id)
    return list(session.scalars(query))
