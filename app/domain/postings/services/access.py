"""Facts of access, appended by whoever answers a request, in a transaction of its own."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.postings.models import OutwardClick


def record_outward_click(session: Session, posting_id: int, now: datetime) -> None:
    """Somebody followed the way out of a posting."""
    session.add(OutwardClick(posting_id=posting_id, at=now))
