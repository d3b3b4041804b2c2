"""What webhooks do on the news of other rooms: they note it, for whoever wants to be told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.events import application_moved, company_merged, posting_moved, postings_changed
from app.domain.webhooks.models import Webhook
from app.domain.webhooks.services.recording import note_move, note_postings, note_step


@postings_changed.connect
def _note_changes(
    sender: object, *, session: Session, posting_ids: Sequence[int], now: datetime, **news: object
) -> None:
    note_postings(session, posting_ids, now)


@posting_moved.connect
def _note_move(
    sender: object, *, session: Session, posting_id: int, before: str | None, now: datetime, **news: object
) -> None:
    note_move(session, posting_id, before, now)


@application_moved.connect
def _note_step(sender: object, *, session: Session, event_id: int, now: datetime, **news: object) -> None:
    note_step(session, event_id, now)


@company_merged.connect
def _move_webhooks(sender: object, *, session: Session, company_id: int, into_id: int, **news: object) -> None:
    """They follow the postings that they tell of, and what they still owe goes with them."""
    session.execute(
        update(Webhook)
        .where(Webhook.company_id == company_id)
        .values(company_id=into_id, version=Webhook.version + 1)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
