"""What a person sees of their own applications: lists and numbers, all by what they are told."""

import enum
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.domain.applications.models import Application, Stage
from app.domain.applications.seeing import told_stage
from app.domain.applications.transitions import OPEN
from app.domain.postings.models import Posting, PostingSnapshot


class Which(enum.StrEnum):
    """Which of them."""

    OPEN = "open"
    CLOSED = "closed"


def own_page(
    session: Session, user_id: int, which: Which | None, before_id: int | None, limit: int, now: datetime
) -> list[Application]:
    """The person's applications, newest first, at most `limit` + 1."""
    query = (
        select(Application)
        .where(Application.user_id == user_id)
        .options(
            joinedload(Application.posting).load_only(Posting.slug, Posting.title, Posting.status),
            joinedload(Application.snapshot).defer(PostingSnapshot.description_html),
            selectinload(Application.events),
        )
        .order_by(Application.id.desc())
        .limit(limit + 1)
    )
    if which is not None:
        stage = told_stage(now)
        query = query.where(stage.in_(OPEN) if which is Which.OPEN else stage.not_in(OPEN))
    if before_id is not None:
        query = query.where(Application.id < before_id)
    return list(session.scalars(query))


def own_counts(session: Session, user_id: int, now: datetime) -> dict[Stage, int]:
    """How many of the person's applications stand at each stage, 0 where none does."""
    mine = select(told_stage(now).label("stage")).select_from(Application).where(Application.user_id == user_id)
    each = mine.subquery()
    rows = session.execute(select(each.c.stage, func.count()).group_by(each.c.stage))
    return dict.fromkeys(Stage, 0) | dict(rows.all())


def own_at(session: Session, user_id: int, stages: tuple[Stage, ...], limit: int, now: datetime) -> list[Application]:
    """The person's applications at one of `stages`, what moved last first, at most `limit`."""
    return list(
        session.scalars(
            select(Application)
            .where(Application.user_id == user_id, told_stage(now).in_(stages))
            .options(
                joinedload(Application.snapshot).defer(PostingSnapshot.description_html),
                selectinload(Application.events),
            )
            .order_by(Application.moved_at.desc(), Application.id.desc())
            .limit(limit)
        )
    )
