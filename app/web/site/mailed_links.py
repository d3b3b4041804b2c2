"""Pages behind mailed links: looking changes nothing, the button does."""

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Conflict, Gone, Invalid
from app.domain.accounts import passwords
from app.domain.accounts.models import AccountToken, TokenPurpose
from app.domain.accounts.queries import living_token
from app.domain.accounts.services import answer_change, ask_to_reset, reset_password, verify
from app.domain.accounts.services.emails import stands_for
from app.domain.accounts.services.passwords import resettable
from app.web.forms import Form
from app.web.people import current_actor
from app.web.policy import PUBLIC, allow
from app.web.proofs import confidential
from app.web.security import limited
from app.web.site import blueprint as bp

_CHANGES = (TokenPurpose.CHANGE_EMAIL_OLD, TokenPurpose.CHANGE_EMAIL_NEW)


class ForgottenForm(Form):
    email = EmailField("E-mail")


class ResetForm(Form):
    password = PasswordField("New password")


def _over(what: str, again: str) -> Response:
    """The page of a link that is no good: `what` it was for, and the path where one gets another."""
    return confidential(render_template("site/link_over.html", what=what, again=again), 410)


def _after(path: str, said: str) -> Response:
    """On to `path`, where the person is signed in; to the sign-in page otherwise."""
    flash(said)
    return redirect(path if current_actor().is_authenticated else "/sign-in", 303)


@bp.get("/verify-email/<token>")
@allow(PUBLIC)
def verify_email(token: str) -> Response:
    """Asks for the one click that confirms an address."""
    found = living_token(reading(), token, (TokenPurpose.VERIFY_EMAIL,), clock.now())
    if found is None:
        return _verified_or_over()
    return confidential(render_template("site/verify_email.html", token=token, email=found.user.email))


@bp.post("/verify-email/<token>")
@allow(PUBLIC)
@limited("30 per minute")
def verify_email_post(token: str) -> Response:
    """The address is theirs."""
    try:
        with transaction() as session:
            verify(session, token, clock.now())
    except Gone:
        return _verified_or_over()
    return _after("/me/security", "Your e-mail address is confirmed.")


def _verified_or_over() -> Response:
    if current_actor().email_verified:
        return _after("/me/security", "Your e-mail address is confirmed.")
    return _over("confirm an e-mail address", "/me/security")


@bp.get("/forgot-password")
@allow(PUBLIC)
def forgot_password() -> str:
    """Asks for the address of the account."""
    return render_template("site/forgot_password.html", form=ForgottenForm(), sent="")


@bp.post("/forgot-password")
@allow(PUBLIC)
@limited("5 per minute;30 per hour")
def forgot_password_post() -> str | tuple[str, int]:
    """Owe a mail to this address, whoever has it; the answer is the same for all."""
    form = ForgottenForm()
    try:
        with transaction() as session:
            ask_to_reset(session, form.email.data or "", clock.now())
    except Invalid as error:
        form.take(error)
        return render_template("site/forgot_password.html", form=form, sent=""), 422
    return render_template("site/forgot_password.html", form=form, sent=form.email.data)


def _resettable(token: str) -> AccountToken | None:
    found = living_token(reading(), token, (TokenPurpose.RESET_PASSWORD,), clock.now())
    return found if found is not None and resettable(found) else None


@bp.get("/reset-password/<token>")
@allow(PUBLIC)
def reset_password_form(token: str) -> Response:
    """Asks for the new password."""
    found = _resettable(token)
    if found is None:
        return _over("choose a new password", "/forgot-password")
    return _reset_page(token, ResetForm(), found)


@bp.post("/reset-password/<token>")
@allow(PUBLIC)
@limited("10 per minute;60 per hour")
def reset_password_post(token: str) -> Response:
    """Take the new password; every browser is signed out."""
    form, found = ResetForm(), _resettable(token)
    if found is None:
        return _over("choose a new password", "/forgot-password")
    user = found.user
    try:
        passwords.check_strength(
            form.password.data or "", user.email, user.name, second_factor=user.second_factor_at is not None
        )
    except Invalid as error:
        form.take(error)
        return _reset_page(token, form, found, 422)
    hashed = passwords.hashed(form.password.data or "")
    try:
        with transaction() as session:
            reset_password(session, token, hashed, clock.now())
    except Gone:
        return _over("choose a new password", "/forgot-password")
    flash("Your password is changed. Sign in with the new one.")
    return redirect("/sign-in", 303)


def _reset_page(token: str, form: ResetForm, found: AccountToken, status: int = 200) -> Response:
    user = found.user
    shortest = passwords.SHORTEST_OF_TWO if user.second_factor_at else passwords.SHORTEST
    page = render_template(
        "site/reset_password.html", token=token, form=form, email=user.email, shortest=shortest
    )
    return confidential(page, status)


@bp.get("/change-email/<token>")
@allow(PUBLIC)
def change_email(token: str) -> Response:
    """Asks one of the two addresses for its yes or no."""
    found = living_token(reading(), token, _CHANGES, clock.now())
    if found is None or not stands_for(found) or found.change is None:
        return _over("move an account to another address", "/me/security/email")
    page = render_template(
        "site/change_email.html", token=token, old=found.user.email, new=found.change.email,
        at_old=found.purpose is TokenPurpose.CHANGE_EMAIL_OLD, alone=found.user.email_verified_at is None,
    )
    return confidential(page)


@bp.post("/change-email/<token>")
@allow(PUBLIC)
@limited("30 per minute")
def change_email_post(token: str) -> Response:
    """One address's answer, `answer` being `yes` or `no`."""
    answer = request.form.get("answer", "")
    if answer not in ("yes", "no"):
        raise Invalid("Say yes or no.", {"answer": "Choose one of the two buttons."})
    try:
        with transaction() as session:
            change = answer_change(session, token, clock.now(), yes=answer == "yes")
            both, email = change.old_confirmed_at and change.new_confirmed_at, change.email
    except Gone:
        return _over("move an account to another address", "/me/security/email")
    except Conflict as error:
        raise Conflict(
            "This address cannot be used for the account any more. Ask for another one under My page, Security."
        ) from error
    if answer == "no":
        said = "The account keeps its address."
    else:
        said = f"The account's address is {email} now." if both else "Thank you. The other address has to say yes too."
    return confidential(render_template("site/link_done.html", said=said))
