"""What postings do on news of other rooms."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.core.events import account_closing, company_merged
from app.domain.companies.queries import owned_alone
from app.domain.postings.models import Posting
from app.domain.postings.queries import live_counts


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


@account_closing.connect
def _somebody_must_answer(sender: object, *, session: Session, user_id: int, now: datetime) -> None:
    """A company with live postings keeps an owner."""
    alone = owned_alone(session, user_id)
    live = live_counts(session, [company.id for company in alone], now)
    names = [company.name for company in alone if live.get(company.id)]
    if names:
        raise Invalid(
            f"You are the only owner of {names[0]}, which has jobs on the board. Make a colleague an owner under Team, "
            "or close the jobs first."
        )
