"""A guest's application: taken into an account, and its link mailed anew."""

import hashlib
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict, Forbidden, Invalid, SignInRequired
from app.domain.accounts.identity import checked_email, same_mailbox
from app.domain.accounts.services.proving import address_proved
from app.domain.applications.models import Application, Stage
from app.domain.audit.services import record
from app.domain.mail.services import owe

_TWICE = (
    "Your account has applied to this job already, so this application cannot move into it. "
    "Withdraw one of the two first; both stay where they are until then."
)


def claim(session: Session, application: Application, actor: Actor, now: datetime) -> None:
    """Make a guest's application the account's, once; every link mailed before is void from then on.

    Whoever comes by the mailed link reads that address: it is proved with it. `application` came by that link.
    Raises SignInRequired, Forbidden where the account has another address, Invalid where it has applied to the same
    posting, Conflict where somebody claimed it meanwhile.
    """
    if actor.user_id is None:
        raise SignInRequired
    if not same_mailbox(actor.email, application.email):
        raise Forbidden(
            "This application was sent under another address than your account's. "
            "Sign in with an account of that address, or make one."
        )
    other = select(Application.id).where(
        Application.posting_id == application.posting_id, Application.user_id == actor.user_id,
        Application.stage.not_in((Stage.WITHDRAWN, Stage.SPAM)),
    )
    living = application.stage not in (Stage.WITHDRAWN, Stage.SPAM)
    if living and session.scalar(other) is not None:
        raise Invalid(_TWICE)
    try:
        with session.begin_nested():
            done = session.execute(
                update(Application)
                .where(
                    Application.id == application.id, Application.user_id.is_(None),
                    Application.link_number == application.link_number,
                )
                .values(user_id=actor.user_id, link_number=Application.link_number + 1)
                .returning(Application.id)
                .execution_options(synchronize_session=False)
            ).first()
    except IntegrityError:
        raise Invalid(_TWICE) from None
    if done is None:
        raise Conflict("This application has just moved into an account.")
    session.expire(application)
    address_proved(session, actor.user_id, now)
    record(session, actor, "application.claim", ("application", application.id), now)


def ask_for_links(session: Session, address: str, now: datetime) -> None:
    """Owe an address the links to what was sent under it, once an hour; nothing to what is no address.

    Whether anything was sent is asked when the mail leaves: whoever asks must not learn it, from the time it takes
    either.
    """
    try:
        email = checked_email(address)
    except Invalid:
        return
    mark = hashlib.sha256(email.lower().encode()).hexdigest()[:32]
    owe(session, "application-links", email, f"application-links:{mark}:{now:%Y%m%d%H}", now, address=email)
