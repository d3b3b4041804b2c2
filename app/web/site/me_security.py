"""One's own account: address, password, signed-in browsers, leaving."""

from flask import flash, redirect, render_template
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField, StringField

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Invalid, NotFound
from app.domain.accounts import passwords
from app.domain.accounts.queries import codes_left, living_sessions, open_change, own
from app.domain.accounts.services import (
    ask_to_change,
    ask_to_verify,
    change_password,
    close_account,
    end_changes,
    revoke_own,
    revoke_sessions,
)
from app.domain.accounts.services.second_factor import use
from app.web.forms import Form
from app.web.htmx import go
from app.web.people import current_actor, end_session
from app.web.policy import SIGNED_IN, allow
from app.web.proofs import own_password, proving
from app.web.security import limited
from app.web.site import blueprint as bp
from app.web.site.browsers import browser_of

MOST_BROWSERS = 50


class PasswordForm(Form):
    current_password = PasswordField("Your password now")
    password = PasswordField("New password")


class EmailForm(Form):
    email = EmailField("New address")
    current_password = PasswordField("Your password")


class CloseForm(Form):
    current_password = PasswordField("Your password")
    otp = StringField("Code")


@bp.get("/me/security")
@allow(SIGNED_IN)
def security() -> str:
    """What protects the account, and where it is signed in."""
    actor, session, now = current_actor(), reading(), clock.now()
    user = own(session, actor.user_id)
    rows = living_sessions(session, user.id, now, MOST_BROWSERS)
    return render_template(
        "site/me_security.html", person=user, change=open_change(session, user.id, now),
        codes=codes_left(session, user.id) if user.second_factor_at else 0,
        browsers=[(row, browser_of(row.user_agent), row.id == actor.session_id) for row in rows],
    )


@bp.post("/me/security/verify")
@allow(SIGNED_IN)
@limited("5 per minute;20 per hour")
def verify_again() -> Response:
    """Send the link that confirms the address once more."""
    with transaction() as session:
        user = own(session, current_actor().user_id)
        verified, email = user.email_verified_at is not None, user.email
        ask_to_verify(session, user, clock.now())
    flash("Your address is confirmed already." if verified else f"A new link is on its way to {email}.")
    return go("/me/security")


@bp.post("/me/security/sessions/<id:session_id>/revoke")
@allow(SIGNED_IN)
def revoke_browser(session_id: int) -> Response:
    """Sign one browser out."""
    actor = current_actor()
    with transaction() as session:
        if not revoke_own(session, actor.user_id or 0, session_id, clock.now()):
            raise NotFound
    if session_id == actor.session_id:
        end_session()
        return go("/")
    flash("That browser is signed out.")
    return go("/me/security")


@bp.post("/me/security/sessions/revoke")
@allow(SIGNED_IN)
def revoke_browsers() -> Response:
    """Sign every other browser out."""
    actor = current_actor()
    with transaction() as session:
        revoke_sessions(session, actor.user_id or 0, clock.now(), keep=actor.session_id)
    flash("Every other browser is signed out.")
    return go("/me/security")


@bp.get("/me/security/password")
@allow(SIGNED_IN)
def password_form() -> tuple[str, int]:
    """Asks for the old password and the new one."""
    return _password_page(PasswordForm())


@bp.post("/me/security/password")
@allow(SIGNED_IN)
@limited("10 per minute;60 per hour")
def password_post() -> Response | tuple[str, int]:
    """A new password; the other browsers are signed out."""
    form, actor, now = PasswordForm(), current_actor(), clock.now()
    new = form.password.data or ""
    try:
        old = own_password(form.current_password.data)
        passwords.check_strength(new, actor.email, actor.name, second_factor=actor.second_factor)
    except Invalid as error:
        form.take(error)
        return _password_page(form, 422)
    hashed = passwords.hashed(new)
    with transaction() as session:
        change_password(session, own(session, actor.user_id), old, hashed, actor, now)
    flash("Your password is changed. Every other browser is signed out.")
    return go("/me/security")


def _password_page(form: PasswordForm, status: int = 200) -> tuple[str, int]:
    shortest = passwords.SHORTEST_OF_TWO if current_actor().second_factor else passwords.SHORTEST
    return render_template("site/me_password.html", form=form, shortest=shortest), status


@bp.get("/me/security/email")
@allow(SIGNED_IN)
def email_form() -> tuple[str, int]:
    """Asks for the new address."""
    return _email_page(EmailForm())


@bp.post("/me/security/email")
@allow(SIGNED_IN)
@limited("10 per minute;60 per hour")
def email_post() -> Response | tuple[str, int]:
    """Begin moving to another address."""
    form, actor = EmailForm(), current_actor()
    try:
        own_password(form.current_password.data)
        with transaction() as session:
            change = ask_to_change(session, own(session, actor.user_id), form.email.data or "", clock.now())
            new = change.email
    except Invalid as error:
        form.take(error)
        return _email_page(form, 422)
    flash(f"We wrote to {actor.email} and to {new}. Both have to say yes within 24 hours.")
    return go("/me/security")


@bp.post("/me/security/email/cancel")
@allow(SIGNED_IN)
def email_cancel() -> Response:
    """Take the wish for another address back."""
    with transaction() as session:
        end_changes(session, current_actor().user_id or 0, clock.now())
    flash("Your account keeps its address.")
    return go("/me/security")


def _email_page(form: EmailForm, status: int = 200) -> tuple[str, int]:
    return render_template("site/me_email.html", form=form), status


@bp.get("/me/security/close")
@allow(SIGNED_IN)
def close_form() -> tuple[str, int]:
    """Says what closing means, and asks for the password."""
    return _close_page(CloseForm())


@bp.post("/me/security/close")
@allow(SIGNED_IN)
@limited("10 per minute;60 per hour")
def close_post() -> Response | tuple[str, int]:
    """Close the account for good."""
    form, actor, now = CloseForm(), current_actor(), clock.now()
    try:
        own_password(form.current_password.data)
        with proving(), transaction() as session:
            user = own(session, actor.user_id)
            if user.second_factor_at is not None:
                use(session, user.id, form.otp.data or "", now)
            close_account(session, user, actor, now)
    except Invalid as error:
        form.take(error)
        return _close_page(form, 422)
    end_session()
    flash("Your account is closed. A last mail says so.")
    answer = redirect("/", 303)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


def _close_page(form: CloseForm, status: int = 200) -> tuple[str, int]:
    return render_template("site/me_close.html", form=form), status
