"""The way of a mail out of the outbox. Each step is a short transaction; talking to the server lies between them."""

import logging
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from jinja2 import TemplateError
from sqlalchemy import CursorResult, or_, select, update
from sqlalchemy.orm import Session

from app.core.errors import Gone, NotFound
from app.core.links import Links
from app.core.smtp import sender
from app.core.waits import doubled
from app.domain.mail.letters import WRITERS, Letter
from app.domain.mail.messages import message
from app.domain.mail.models import MailStatus, OutboxMail
from app.domain.mail.rendering import draw

LEASE = timedelta(minutes=5)
"""How long a claimed mail is its claimer's: longer than all time-outs of one delivery together."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=4)
MOST_TRIES = 20
"""With the waits of `delay` about two days."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed mail, ready to be handed over. `until` is its lease's end, by which the claimer is known."""

    id: int
    attempts: int
    until: datetime
    message: EmailMessage
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Office:
    """Who sends: the board's name, its sender (MAIL_FROM) and its links."""

    board: str
    mail_from: str
    links: Links


def delay(attempts: int, chance: Callable[[], float] = random.random) -> timedelta:
    """How long to wait after this many tries: 30 s · 2^(tries − 1), at most 4 h, times a chance from 0.75 to 1.25."""
    return doubled(FIRST_WAIT, LONGEST_WAIT, attempts, chance)


def claim(session: Session, office: Office, now: datetime) -> Outgoing | int | None:
    """Take the mail that is due the longest and write it; None where none is due.

    The id alone where the mail needs no more: cancelled for want of anything to say, or parked. Several claimers get
    different mails. Raises whatever the mail's writer raises: then call `spoilt` in a transaction of its own.
    """
    mail = session.scalar(
        select(OutboxMail)
        .where(
            OutboxMail.status == MailStatus.WAITING, OutboxMail.due_at <= now,
            or_(OutboxMail.claimed_until.is_(None), OutboxMail.claimed_until <= now),
        )
        .order_by(OutboxMail.due_at, OutboxMail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if mail is None:
        return None
    mail.attempts += 1
    session.info["mail in hand"] = mail.id, mail.attempts
    writer = WRITERS.get(mail.template)
    if writer is None or mail.attempts > MOST_TRIES:
        return _closed(mail, MailStatus.PARKED, "Nothing writes this kind of mail." if writer is None else _TIRED)
    try:
        letter = writer(session, mail.ids, office.links, now)
    except (NotFound, Gone):
        letter = None  # what it was about is no more
    if letter is None:
        return _closed(mail, MailStatus.CANCELLED, None)
    return _written(mail, letter, office, now)


_TIRED = f"Given up after {MOST_TRIES} tries."


def _closed(mail: OutboxMail, status: MailStatus, why: str | None) -> int:
    mail.status, mail.last_error, mail.claimed_until = status, why or mail.last_error, None
    return mail.id


def _written(mail: OutboxMail, letter: Letter, office: Office, now: datetime) -> Outgoing | int:
    sent_by = sender(office.mail_from)
    mail.message_id = mail.message_id or f"<{mail.id}.{secrets.token_hex(12)}@{sent_by.domain}>"
    mail.claimed_until = until = now + LEASE
    text, html = draw(letter, office.board, office.links)
    try:
        made = message(
            letter, text, html, recipient=mail.recipient, sent_by=sent_by, message_id=mail.message_id,
            links=office.links, now=now,
        )
    except ValueError:
        return _closed(mail, MailStatus.PARKED, "An address in it is none that mail can be sent to.")
    return Outgoing(mail.id, mail.attempts, until, made, text, html)


def in_hand(session: Session) -> tuple[int, int] | None:
    """(id, attempts) of the mail that `claim` was writing when it raised; forgotten once asked."""
    found: tuple[int, int] | None = session.info.pop("mail in hand", None)
    return found


def spoilt(session: Session, mail_id: int, attempts: int, error: Exception, now: datetime) -> None:
    """Note that a mail could not be written; it is tried again like one that the server would not take."""
    _LOG.error("mail %s could not be written", mail_id, exc_info=error)
    kind = "template" if isinstance(error, TemplateError) else "writer"
    why = f"Its {kind} failed ({type(error).__name__}); the log tells more."
    session.execute(
        update(OutboxMail)
        .where(OutboxMail.id == mail_id, OutboxMail.status == MailStatus.WAITING)
        .values(**_again(attempts, why, now), attempts=attempts, claimed_until=None)
    )


def _again(attempts: int, why: str, now: datetime) -> dict[str, object]:
    if attempts >= MOST_TRIES:
        return {"status": MailStatus.PARKED, "last_error": f"{_TIRED} {why}"[:300]}
    return {"due_at": now + delay(attempts), "last_error": why[:300]}


def sent(session: Session, mail: Outgoing, now: datetime, *, kept: bool = False, body: bool = False) -> None:
    """Note that a mail was handed over or, with `kept`, that it stays here; with `body`, together with what it says.

    A fact: it holds even where the lease ran out meanwhile, or somebody cancelled it too late.
    """
    says = (
        {"subject": str(mail.message["Subject"]), "body_text": mail.text, "body_html": mail.html}
        if body else {"subject": None, "body_text": None, "body_html": None}
    )
    session.execute(
        update(OutboxMail)
        .where(OutboxMail.id == mail.id, OutboxMail.status != MailStatus.SENT)
        .values(
            status=MailStatus.KEPT if kept else MailStatus.SENT, sent_at=None if kept else now, claimed_until=None,
            last_error=None, **says,
        )
    )


def failed(session: Session, mail: Outgoing, why: str, now: datetime, *, perhaps_sent: bool) -> bool:
    """Note that a mail did not leave this time: it waits longer each time, and is parked after `MOST_TRIES`.

    With `perhaps_sent` it stays claimed until it is tried again: nobody may say that it did not leave.
    False where the lease ran out and somebody else has it.
    """
    again = _again(mail.attempts, why, now)
    again["claimed_until"] = again.get("due_at") if perhaps_sent else None
    return _if_mine(session, mail, again)


def parked(session: Session, mail: Outgoing, why: str) -> bool:
    """Note that the server refused a mail for good. False where the lease ran out and somebody else has it."""
    return _if_mine(session, mail, {"status": MailStatus.PARKED, "last_error": why[:300], "claimed_until": None})


def _if_mine(session: Session, mail: Outgoing, values: dict[str, object]) -> bool:
    done = session.execute(
        update(OutboxMail)
        .where(
            OutboxMail.id == mail.id, OutboxMail.status == MailStatus.WAITING, OutboxMail.claimed_until == mail.until
        )
        .values(**values)
    )
    return isinstance(done, CursorResult) and done.rowcount == 1
