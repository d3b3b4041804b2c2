"""The end of the log of deliveries."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.domain.webhooks.models import Delivery

KEPT = timedelta(days=30)
"""How long a delivery is told of, and waits where its webhook is turned off."""


def forget_deliveries(session: Session, now: datetime, limit: int) -> int:
    """Delete what is older than `KEPT`, at most `limit` rows; answers how many."""
    old = select(Delivery.id).where(Delivery.created_at <= now - KEPT).order_by(Delivery.created_at).limit(limit)
    gone = session.execute(
        delete(Delivery)
        .where(Delivery.id.in_(old))
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
