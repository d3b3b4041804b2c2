"""Reading the audit log."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEntry


def page(session: Session, before_id: int | None, limit: int) -> list[AuditEntry]:
    """Newest acts first, at most `limit` + 1, so that the caller sees whether more follow."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit + 1)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return list(session.scalars(query))


def latest(session: Session, subject: tuple[str, int]) -> AuditEntry | None:
    """The last act on this row. `subject` is (kind of row, its id)."""
    kind, id_ = subject
    return session.scalar(
        select(AuditEntry)
        .where(AuditEntry.subject_type == kind, AuditEntry.subject_id == id_)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )


def latest_by(session: Session, actor_id: int, since: datetime) -> AuditEntry | None:
    """The actor's last act, where it was `since` or later."""
    return session.scalar(
        select(AuditEntry)
        .where(AuditEntry.actor_id == actor_id, AuditEntry.at >= since)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
