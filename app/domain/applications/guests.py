"""The signed link by which somebody without an account reaches their application, and what waits for their word."""

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from app.core.actor import Actor
from app.core.db import lock_rows
from app.core.errors import NotFound
from app.core.links import Links
from app.domain.accounts.identity import email_key, same_mailbox
from app.domain.applications.models import Application, ApplicationProposal
from app.domain.applications.queries import whole
from app.domain.postings.models import PostingSnapshot

_PURPOSE = "application"
_VOID = "This link is no longer good: the application has moved to an account, or is not there any more."
MOST = 20
"""How many proposals a page shows, and how many links a mail holds."""


def path_of(links: Links, application: Application) -> str:
    """Path of the page by which a guest reaches their application; their account's page where it has one."""
    if application.user_id is not None:
        return f"/me/applications/{application.id}"
    return f"/applications/{links.token(_PURPOSE, application.id, application.link_number)}"


def by_token(session: Session, links: Links, token: str, *, lock: bool = False) -> Application:
    """The application a guest's link opens.

    Raises BadCursor where this board never signed it, NotFound where it was claimed, voided or erased since.
    """
    application_id, number = links.values(_PURPOSE, token)
    if lock:
        lock_rows(session, select(Application.id).where(Application.id == application_id))
    found = session.scalar(whole(select(Application).where(Application.id == application_id)))
    if found is None or found.user_id is not None or found.link_number != number:
        raise NotFound(_VOID)
    return found


def of_address(session: Session, address: str, limit: int) -> list[Application]:
    """Guests' applications under an address, newest first, at most `limit`."""
    found = session.scalars(
        select(Application)
        .where(Application.email_key == email_key(address), Application.user_id.is_(None))
        .options(joinedload(Application.snapshot).defer(PostingSnapshot.description_html))
        .order_by(Application.id.desc())
        .limit(limit)
    )
    return [application for application in found if same_mailbox(application.email, address)]


def waiting(session: Session, application_id: int) -> list[ApplicationProposal]:
    """What waits for the applicant's word, newest first."""
    return list(
        session.scalars(
            select(ApplicationProposal)
            .where(ApplicationProposal.application_id == application_id)
            .options(joinedload(ApplicationProposal.file))
            .order_by(ApplicationProposal.id.desc())
            .limit(MOST)
        )
    )


def for_word(session: Session, proposal_id: int, actor: Actor) -> ApplicationProposal:
    """A proposal this account may decide, its application locked. Raises NotFound to everybody else.

    They may where they sent it to their own application themselves, or have proved that the application's address is
    theirs.
    """
    found = session.scalar(
        select(ApplicationProposal).where(ApplicationProposal.id == proposal_id)
        .options(joinedload(ApplicationProposal.application))
    )
    if found is None or not _may(found, actor):
        raise NotFound
    lock_rows(session, select(Application.id).where(Application.id == found.application_id))
    session.refresh(found.application)
    return found


def _may(proposal: ApplicationProposal, actor: Actor) -> bool:
    owner = proposal.application.user_id
    if actor.user_id is None or owner not in (None, actor.user_id):
        return False
    if owner == actor.user_id and proposal.user_id == actor.user_id:
        return True
    return actor.email_verified and (owner is not None or same_mailbox(proposal.application.email, actor.email))


def own_waiting(session: Session, actor: Actor, limit: int) -> list[tuple[ApplicationProposal, bool]]:
    """Proposals that concern this account, newest first, each with whether it may decide them here.

    What it sent waits for the mailed link where the application is not its own and its address is unproven.
    """
    mine = or_(ApplicationProposal.user_id == actor.user_id, Application.user_id == actor.user_id)
    if actor.email_verified:
        mine = or_(mine, and_(Application.user_id.is_(None), Application.email_key == email_key(actor.email)))
    found = session.scalars(
        select(ApplicationProposal)
        .join(ApplicationProposal.application)
        .where(mine)
        .options(
            joinedload(ApplicationProposal.application).joinedload(Application.snapshot)
            .defer(PostingSnapshot.description_html),
            joinedload(ApplicationProposal.application).joinedload(Application.resume),
            joinedload(ApplicationProposal.file),
        )
        .order_by(ApplicationProposal.id.desc())
        .limit(limit)
    )
    each = [(proposal, _may(proposal, actor)) for proposal in found]
    return [(proposal, may) for proposal, may in each if may or _sent_or_owned(proposal, actor)]


def _sent_or_owned(proposal: ApplicationProposal, actor: Actor) -> bool:
    return actor.user_id in (proposal.user_id, proposal.application.user_id)
