"""Applications an employer flagged as spam: what an admin decides about."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core.db import lock_rows
from app.core.errors import NotFound
from app.domain.applications.models import Application, ApplicationEvent, Stage
from app.domain.applications.queries import whole
from app.domain.postings.models import Posting


def page(session: Session, before: int | None, limit: int) -> list[Application]:
    """Flagged applications, the latest sent first, at most `limit` + 1; with `before` those sent before that one."""
    query = (
        select(Application)
        .where(Application.stage == Stage.SPAM)
        .options(joinedload(Application.posting).joinedload(Posting.company))
        .order_by(Application.id.desc())
        .limit(limit + 1)
    )
    return list(session.scalars(query if before is None else query.where(Application.id < before)))


def one(session: Session, application_id: int, *, lock: bool = False) -> Application:
    """An application that is flagged, or once was. Raises NotFound for every other: admins read no more than that."""
    once = select(ApplicationEvent.id).where(
        ApplicationEvent.application_id == Application.id, ApplicationEvent.after == Stage.SPAM
    )
    query = select(Application).where(Application.id == application_id, once.exists())
    if lock:
        lock_rows(session, query.with_only_columns(Application.id))
    found = session.scalar(whole(query))
    if found is None:
        raise NotFound
    return found
