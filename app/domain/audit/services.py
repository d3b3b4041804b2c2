"""Writing the audit log."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Invalid
from app.domain.audit.models import AuditEntry

LONGEST_REASON = 2_000
"""Characters in which an act says why."""


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


def checked_reason(reason: str, reader: str, *, needed: bool) -> str:
    """A reason in the actor's words, for `reader` ("the company"). Raises Invalid where it lacks or is too long."""
    reason = reason.strip()
    if needed and not reason:
        raise Invalid(f"A reason is needed: {reader} will read it.", {"reason": "Say why, in a sentence."})
    if len(reason) > LONGEST_REASON:
        raise Invalid("The reason is too long.", {"reason": f"Use {LONGEST_REASON:,} characters at the most."})
    return reason
