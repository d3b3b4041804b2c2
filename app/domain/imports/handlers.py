"""What imports do on the news of other rooms."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.events import company_merged
from app.domain.imports.services import follow


@company_merged.connect
def _follow(
    sender: object, *, session: Session, company_id: int, into_id: int, now: datetime, **news: object
) -> None:
    """Feeds of a company that became part of another are the other's."""
    follow(session, company_id, into_id)
