"""Facts of access, appended by whoever answers a request, in a transaction of its own."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.domain.postings.models import OutwardClick, PostingViews


def record_outward_click(session: Session, posting_id: int, now: datetime) -> None:
    """Somebody followed the way out of a posting."""
    session.add(OutwardClick(posting_id=posting_id, at=now))


def record_view(session: Session, posting_id: int, now: datetime) -> None:
    """Somebody opened a posting: one more on this day (UTC)."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(PostingViews)
        .values(posting_id=posting_id, day=now.date(), views=1)
        .on_conflict_do_update(
            index_elements=["posting_id", "day"], set_={"views": PostingViews.views + 1}
        )
    )
