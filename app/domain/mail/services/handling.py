"""What an admin does to a mail by hand: have it tried again, or keep it from leaving."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.db import lock_rows, wake_at
from app.core.errors import Conflict
from app.domain.audit.services import record
from app.domain.mail.models import MailStatus, OutboxMail
from app.domain.mail.queries import by_id


def retry(session: Session, mail_id: int, actor: Actor, now: datetime) -> OutboxMail:
    """Let a parked or kept mail leave after all, as if never tried; one that waits already stays as it is.

    Raises NotFound; Conflict (fresh: the mail) where it was sent or cancelled.
    """
    mail = _locked(session, mail_id)
    if mail.status is MailStatus.WAITING:
        return mail
    if mail.status not in (MailStatus.PARKED, MailStatus.KEPT):
        raise Conflict(f"This mail was {mail.status} meanwhile: there is nothing left to try.", fresh=mail)
    _change(session, mail, MailStatus.WAITING, "mail.retry", actor, now)
    mail.attempts, mail.due_at, mail.last_error = 0, now, None
    mail.subject = mail.body_text = mail.body_html = None
    wake_at(session, now)
    return mail


def stop(session: Session, mail_id: int, actor: Actor, now: datetime) -> OutboxMail:
    """Keep a mail that waits from leaving; one that was cancelled already stays as it is.

    Raises NotFound; Conflict (fresh: the mail) where it left, or is leaving just now.
    """
    mail = _locked(session, mail_id)
    if mail.status is MailStatus.CANCELLED:
        return mail
    if mail.status is not MailStatus.WAITING:
        raise Conflict(f"This mail is {mail.status}: it waits no more.", fresh=mail)
    if mail.claimed_until is not None and mail.claimed_until > now:
        raise Conflict("This mail is being sent just now. Look again in a few minutes.", fresh=mail)
    _change(session, mail, MailStatus.CANCELLED, "mail.cancel", actor, now)
    return mail


def _locked(session: Session, mail_id: int) -> OutboxMail:
    lock_rows(session, select(OutboxMail.id).where(OutboxMail.id == mail_id))
    return by_id(session, mail_id)


def _change(
    session: Session, mail: OutboxMail, status: MailStatus, action: str, actor: Actor, now: datetime
) -> None:
    record(session, actor, action, ("mail", mail.id), now, before=mail.status, after=status)
    mail.status, mail.claimed_until = status, None
