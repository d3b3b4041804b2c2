"""What a new company has still to do; each hint goes when it is done, or when somebody puts it away."""

import enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.domain.companies.models import Company, Dismissal
from app.domain.companies.queries import invitations_waiting, team_sizes


class Step(enum.StrEnum):
    """A hint, in the order they are shown."""

    PAGE = "page"
    LOGO = "logo"
    POSTING = "posting"
    COLLEAGUE = "colleague"


def first_steps(session: Session, company: Company, has_posting: bool) -> list[Step]:
    """What is neither done nor put away."""
    done = {
        Step.PAGE: bool(company.description_md), Step.LOGO: company.logo_key is not None, Step.POSTING: has_posting,
        Step.COLLEAGUE: team_sizes(session, [company.id]).get(company.id, 0) > 1
        or bool(invitations_waiting(session, company.id)),
    }
    put_away = set(session.scalars(select(Dismissal.item).where(Dismissal.company_id == company.id)))
    return [step for step in Step if not done[step] and step not in put_away]


def dismiss(session: Session, company_id: int, item: str) -> None:
    """Put a hint away for the whole company; again, it changes nothing. Raises Invalid for what is no hint."""
    if item not in {step.value for step in Step}:
        raise Invalid("There is no such hint.", {"item": "Reload the page."})
    if session.get(Dismissal, (company_id, item)) is None:
        session.add(Dismissal(company_id=company_id, item=item))
        session.flush()
