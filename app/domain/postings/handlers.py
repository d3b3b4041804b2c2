"""What postings do on news of other rooms."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.events import company_merged
from app.domain.postings.models import Posting


@company_merged.connect
def _move_postings(
    sender: object, *, session: Session, company_id: int, into_id: int, now: datetime, **news: object
) -> None:
    """The company's postings are the other's from now on, each in a new version."""
    session.execute(
        update(Posting)
        .where(Posting.company_id == company_id)
        .values(company_id=into_id, version=Posting.version + 1, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
