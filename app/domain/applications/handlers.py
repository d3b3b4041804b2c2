"""What applications do on the news of other rooms."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Invalid
from app.core.events import account_closed, account_closing, company_merged, posting_ended, posting_restored
from app.domain.applications.lanes import take_over
from app.domain.applications.queries import companies_waited_for
from app.domain.applications.services import end_open, open_again, withdraw_all
from app.domain.companies.queries import owned_alone


@posting_ended.connect
def _answer_everybody(
    sender: object, *, session: Session, posting_id: int, actor: Actor, now: datetime, answer_later: bool = False
) -> None:
    """A posting does not end in silence: who is not answered now is so by `answer_overdue` at the latest."""
    if not answer_later:
        end_open(session, posting_id, now)


@posting_restored.connect
def _take_answers_back(sender: object, *, session: Session, posting_id: int, ended_at: datetime, now: datetime) -> None:
    """An end that was undone leaves no outcome behind."""
    open_again(session, posting_id, ended_at, now)


@account_closing.connect
def _somebody_must_answer(sender: object, *, session: Session, user_id: int, now: datetime) -> None:
    """Applicants who wait for an answer keep somebody who may give it."""
    names = {company.id: company.name for company in owned_alone(session, user_id)}
    waiting = companies_waited_for(session, list(names))
    if waiting:
        raise Invalid(
            f"You are the only owner of {names[waiting[0]]}, where applicants wait for an answer. Make a colleague an "
            "owner under Team, or answer the applicants first."
        )


@account_closed.connect
def _take_back(sender: object, *, session: Session, user_id: int, actor: Actor, now: datetime) -> None:
    """Who leaves takes their open applications back."""
    withdraw_all(session, user_id, actor, now)


@company_merged.connect
def _keep_stages(
    sender: object, *, session: Session, company_id: int, into_id: int, now: datetime, **news: object
) -> None:
    """Who stands in a stage of the company that ends stands in it still, where the other one sees it."""
    take_over(session, company_id, into_id)
    session.expire_all()
