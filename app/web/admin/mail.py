"""Outgoing mail: what waits, what left, what could not; one mail's own page, and the two acts on it."""

from collections.abc import Callable

from flask import flash, redirect, render_template
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import Session, reading, transaction
from app.core.errors import Conflict
from app.domain.companies.policies import Permission
from app.domain.mail import queries, services
from app.domain.mail.models import MailStatus, OutboxMail
from app.web.admin import blueprint as bp
from app.web.admin.tables import PAGE, view
from app.web.context import settings
from app.web.forms import way_back
from app.web.htmx import is_htmx, toast
from app.web.people import current_actor
from app.web.policy import allow

HOME = "/admin/mail"
STATES = {str(status): status for status in MailStatus}


@bp.get(HOME)
@allow(Permission.ADMIN_MAIL_READ)
def outbox() -> str:
    """Mail owed and sent, newest first: which, to whom, in what state."""
    asked = view(HOME, status=STATES)
    left = asked.left()
    found = queries.page(reading(), left[0] if left else None, PAGE, STATES.get(asked.get("status")))
    shown, next_url = asked.split(found, lambda mail: [mail.id])
    return render_template(
        "admin/mails.html", mails=shown, next_url=next_url, view=asked, here=asked.here(), states=list(STATES),
        server=bool(settings().smtp_url), now=clock.now(),
    )


@bp.get(f"{HOME}/<id:mail_id>")
@allow(Permission.ADMIN_MAIL_READ)
def outbox_mail(mail_id: int) -> str:
    """One mail: how it fared and, in development, what it says."""
    mail = queries.by_id(reading(), mail_id)
    return render_template("admin/mail.html", mail=mail, here=f"{HOME}/{mail_id}", now=clock.now(), problem="")


@bp.post(f"{HOME}/<id:mail_id>/retry")
@allow(Permission.ADMIN_MAIL_SEND)
def retry_mail(mail_id: int) -> Response | tuple[str, int]:
    """Let a mail leave after all."""
    return _act(mail_id, services.retry, "It is tried again now.")


@bp.post(f"{HOME}/<id:mail_id>/cancel")
@allow(Permission.ADMIN_MAIL_SEND)
def cancel_mail(mail_id: int) -> Response | tuple[str, int]:
    """Keep a mail from leaving."""
    return _act(mail_id, services.stop, "It does not leave.")


def _act(mail_id: int, act: Callable[..., OutboxMail], told: str) -> Response | tuple[str, int]:
    """Do one thing to one mail; answers with its row, whatever came of it."""
    try:
        with transaction() as session:
            act(session, mail_id, current_actor(), clock.now())
    except Conflict as error:
        return _refused(reading(), mail_id, error.message)
    if not is_htmx():
        flash(told)
        return redirect(way_back(HOME), 303)
    return f"{_row(reading(), mail_id, '')}{toast(told)}", 200


def _row(session: Session, mail_id: int, problem: str) -> str:
    return render_template(
        "admin/_mail_row.html", mail=queries.by_id(session, mail_id), problem=problem, here=way_back(HOME),
        now=clock.now(),
    )


def _refused(session: Session, mail_id: int, message: str) -> tuple[str, int]:
    if is_htmx():
        return f"{_row(session, mail_id, message)}{toast(message, 'error')}", 409
    mail = queries.by_id(session, mail_id)
    return render_template("admin/mail.html", mail=mail, here=HOME, now=clock.now(), problem=message), 409
