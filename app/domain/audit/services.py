"""Writing the audit log."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.domain.audit.models import AuditEntry


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: tuple[str, int],
    now: datetime,
    *,
    before: str | None = None,
    after: str | None = None,
    reason: str | None = None,
) -> AuditEntry:
    """Append one act to the log, in the transaction of the act. `subject` is (kind of row, its id)."""
    entry = AuditEntry(
        at=now, actor_id=actor.user_id, action=action, subject_type=subject[0], subject_id=subject[1],
        before=before, after=after, reason=reason or None,
    )
    session.add(entry)
    return entry
