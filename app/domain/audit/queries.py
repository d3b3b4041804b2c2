"""Reading the audit log."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.domain.audit.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Asked:
    """Which acts: of whom (0: the board itself), how their names begin, on which row, in which time."""

    actor: int | None = None
    action: str = ""
    kind: str = ""
    subject: int | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = Asked()


def page(session: Session, before_id: int | None, limit: int, asked: Asked = EVERYTHING) -> list[AuditEntry]:
    """Acts as asked, newest first, at most `limit` + 1, so that the caller sees whether more follow."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit + 1)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    if asked.actor is not None:
        query = query.where(AuditEntry.actor_id == asked.actor if asked.actor else AuditEntry.actor_id.is_(None))
    if asked.action:
        query = query.where(AuditEntry.action.startswith(asked.action, autoescape=True))
    if asked.kind:
        query = query.where(AuditEntry.subject_type == asked.kind)
    if asked.subject is not None:
        query = query.where(AuditEntry.subject_id == asked.subject)
    if asked.since is not None:
        query = query.where(AuditEntry.at >= asked.since)
    if asked.until is not None:
        query = query.where(AuditEntry.at < asked.until)
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


def latest_act(
    session: Session, subject: tuple[str, int], actions: tuple[str, ...], *, by_people: bool = False
) -> AuditEntry | None:
    """The last of these acts on this row; with `by_people` those of the board itself do not count."""
    kind, id_ = subject
    query = select(AuditEntry).where(
        AuditEntry.subject_type == kind, AuditEntry.subject_id == id_, AuditEntry.action.in_(actions)
    )
    if by_people:
        query = query.where(AuditEntry.actor_id.is_not(None))
    return session.scalar(query.order_by(AuditEntry.id.desc()).limit(1))


def latest_acts(session: Session, kind: str, ids: Collection[int], action: str) -> dict[int, int | None]:
    """Who did this act last on each of these rows: a user's id, None where the board did."""
    last = (
        select(func.max(AuditEntry.id))
        .where(AuditEntry.subject_type == kind, AuditEntry.subject_id.in_(ids), AuditEntry.action == action)
        .group_by(AuditEntry.subject_id)
    )
    rows = session.execute(select(AuditEntry.subject_id, AuditEntry.actor_id).where(AuditEntry.id.in_(last)))
    return dict(rows.all())


def repeats(session: Session, subject: tuple[str, int], action: str, actor: Actor) -> bool:
    """Whether the last act on this row was this one, by this actor."""
    last = latest(session, subject)
    return last is not None and last.actor_id == actor.user_id and last.action == action


def latest_by(session: Session, actor_id: int, since: datetime) -> AuditEntry | None:
    """The actor's last act, where it was `since` or later."""
    return session.scalar(
        select(AuditEntry)
        .where(AuditEntry.actor_id == actor_id, AuditEntry.at >= since)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
