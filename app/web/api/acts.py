"""What programs may have done, whichever of their doors they come by; who calls holds the transaction and commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.core.actor import Actor, Belonging
from app.core.db import Session
from app.core.errors import Forbidden, Invalid
from app.domain.applications import queries, services
from app.domain.applications.models import Application
from app.domain.applications.transitions import OWN_ENDINGS
from app.domain.companies.policies import Permission, Scope, can, require
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.moderation import locked
from app.domain.postings.queries import by_id, for_member, still_live
from app.domain.postings.services import (
    MOVES,
    Facts,
    QuestionFacts,
    admin_act,
    create_draft,
    edit,
    facts_of,
    submit,
    transition,
)
from app.domain.postings.transitions import Mover, find, status_at
from app.web.api.schemas.applications import Step
from app.web.api.schemas.postings import Changed, NewPosting, Paying, Stated, Transition
from app.web.context import board
from app.web.policy import admin_may, admin_must, need

EDIT, MODERATE = Permission.POSTINGS_POSTING_EDIT, Permission.ADMIN_POSTINGS_MODERATE
READ, MOVE = Permission.APPLICATIONS_APPLICATION_READ, Permission.APPLICATIONS_APPLICATION_MOVE
_DECISIONS = {after: act for act, after in MOVES.items()}


def seen_posting(session: Session, posting_id: int, actor: Actor, now: datetime) -> Posting:
    """A posting: to its company's members and to admins in any state, to everybody else while it is live.

    Raises NotFound where it never was public, Gone where it is not live any more.
    """
    found = by_id(session, posting_id)
    member = can(actor, Permission.POSTINGS_POSTING_READ, found.company_id)
    if member or admin_may(actor, Permission.ADMIN_POSTINGS_READ):
        return found
    return still_live(session, posting_id, now)


def make_posting(session: Session, given: NewPosting, actor: Actor, now: datetime) -> Posting:
    """A new posting of one's company."""
    with _by_pointer():
        here = company_for(given.company, actor, EDIT, "You may not write postings for that company.")
        posting = create_draft(session, here.company_id, _stated(Facts(), given), actor, now)
        if given.submit:
            submit(session, posting, posting.version, actor, now, board().posting_days)
    return posting


def change_posting(
    session: Session, posting: Posting, given: Changed, version: int, actor: Actor, now: datetime
) -> None:
    """Change what a posting states. A public one may be reviewed again."""
    with _by_pointer():
        edit(session, posting, _stated(facts_of(posting), given), version, actor, now)


def posting_to_move(session: Session, posting_id: int, actor: Actor) -> Posting:
    """A posting, held, for whoever may move it: its company's members, and admins. Raises NotFound or Forbidden."""
    if can(actor, MODERATE):
        locked(session, posting_id)
        return by_id(session, posting_id)
    return for_member(session, posting_id, actor, EDIT, lock=True)


def move_posting(
    session: Session, posting: Posting, given: Transition, version: int, actor: Actor, now: datetime
) -> None:
    """Move a posting through its life, by the one table: as a member where that is theirs to move, else as an admin."""
    days = board().posting_days
    if not _as_member(posting, given.to, actor, now):
        admin_must(actor, MODERATE)
        if given.to in _DECISIONS:
            admin_act(session, posting, _DECISIONS[given.to], version, actor, given.reason, now, days)
        else:
            transition(session, posting, given.to, Mover.ADMIN, version, actor, given.reason, now, days)
    elif given.to is PostingStatus.PENDING:
        submit(session, posting, version, actor, now, days)
    else:
        transition(session, posting, given.to, Mover.EMPLOYER, version, actor, given.reason, now, days)


def _as_member(posting: Posting, to: PostingStatus, actor: Actor, now: datetime) -> bool:
    """Whether it is as a member that the actor moves this: who is an admin too decides what members cannot."""
    member = can(actor, EDIT, posting.company_id)
    theirs = find(status_at(posting, now), to, Mover.EMPLOYER) is not None
    return member and (theirs or not can(actor, MODERATE))


def move_application(
    session: Session, application_id: int, given: Step, version: Callable[[Application], int], actor: Actor,
    now: datetime,
) -> None:
    """Move an application: as its applicant where they end it, else as a member of the company it went to.

    `version` says of the application, held, which one is meant.
    """
    if given.to in OWN_ENDINGS:
        need(Scope.APPLY)
        mine = queries.for_applicant(session, application_id, actor, lock=True)
        services.withdraw(session, mine, actor, version(mine), now, to=given.to)
    else:
        found = queries.for_member(session, application_id, actor, MOVE, lock=True)
        require(actor, READ, found.posting.company_id)  # the answer shows it: nobody is refused what is done already
        services.move(
            session, found, given.to, version(found), actor, given.reason, given.notify, now,
            stage_id=str(given.stage_id or ""),
        )  # fmt: skip


@contextmanager
def _by_pointer() -> Iterator[None]:
    """What is wrong with pay is told where it stands in the body."""
    try:
        yield
    except Invalid as error:
        wrong = {name.replace("salary_", "salary/"): said for name, said in error.fields.items()}
        raise Invalid(error.message, wrong) from None


def company_for(slug: str | None, actor: Actor, permission: Permission, refusal: str) -> Belonging:
    """The company that something is made for: the one named, or the first where the actor holds the right.

    Raises Forbidden with the sentence `refusal`.
    """
    for one in actor.memberships:
        if slug in (None, one.company_slug) and can(actor, permission, one.company_id):
            return one
    raise Forbidden(refusal)


def _stated(facts: Facts, given: Stated) -> Facts:
    """The facts with what is given in their place."""
    changes: dict[str, Any] = {
        name: value for name in ("title", "description", "category", "type", "workplace", "experience")
        if (value := getattr(given, name)) is not None
    }  # fmt: skip
    for name in ("places", "remote_countries"):
        if getattr(given, name) is not None:
            changes[name] = tuple(getattr(given, name))
    if given.questions is not None:
        changes["questions"] = tuple(QuestionFacts(one.prompt, one.required, one.kind) for one in given.questions)
    if given.openings is not None:
        changes["openings"] = str(given.openings)
    return replace(facts, **changes | (_pay(given.salary) if given.salary else {})).drawn()


def _pay(salary: Paying) -> dict[str, Any]:
    return {
        "salary_min": "" if salary.min is None else f"{salary.min:f}", "salary_max": f"{salary.max:f}",
        "salary_currency": salary.currency, "salary_period": salary.period,
    }  # fmt: skip
