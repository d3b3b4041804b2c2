"""The second factor: turned on by scanning and one code, renewed, turned off."""

import segno
from flask import flash, render_template
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, StringField

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import BadCursor, Conflict, Invalid
from app.core.paging import seal, unseal
from app.domain.accounts import passwords
from app.domain.accounts.queries import codes_left, own
from app.domain.accounts.services.second_factor import enrol, enrolment_uri, new_secret, remove, renew_codes
from app.web.context import board, settings
from app.web.forms import Form, way_back
from app.web.htmx import go
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow
from app.web.proofs import confidential, own_password, proving
from app.web.security import limited
from app.web.site import blueprint as bp


class EnrolForm(Form):
    key = HiddenField("Key")
    current_password = PasswordField("Your password")
    otp = StringField("Code")


class FactorForm(Form):
    current_password = PasswordField("Your password")
    otp = StringField("Code")


def _purpose() -> str:
    return f"second-factor:{current_actor().user_id}"


@bp.get("/me/security/second-factor")
@allow(SIGNED_IN)
def second_factor() -> Response:
    """How to turn it on; once it is on, how to renew the recovery codes or turn it off."""
    if current_actor().second_factor:
        return _on_page(FactorForm())
    return _off_page(EnrolForm(), new_secret())


@bp.post("/me/security/second-factor")
@allow(SIGNED_IN)
@limited("10 per minute;60 per hour")
def second_factor_on() -> Response:
    """Turn it on and show the recovery codes, once. It asks the password: a borrowed browser locks nobody out."""
    form, actor, now = EnrolForm(), current_actor(), clock.now()
    try:
        secret = str(unseal(settings().key, _purpose(), form.key.data or "")[0])
    except BadCursor:
        form.otp.errors = ["Scan the new code and type what the app shows."]
        return _off_page(form, new_secret(), 422)
    try:
        own_password(form.current_password.data)
        with transaction() as session:
            codes = enrol(session, own(session, actor.user_id), secret, form.otp.data or "", actor, now)
    except Invalid as error:
        form.take(error)
        return _off_page(form, secret, 422)
    return _codes_page(codes, "The second factor is on")


@bp.post("/me/security/second-factor/codes")
@allow(SIGNED_IN)
@limited("10 per minute;60 per hour")
def recovery_codes() -> Response:
    """New recovery codes, shown once; the old ones are worthless."""
    form, actor, now = FactorForm(), current_actor(), clock.now()
    _refuse_off()
    try:
        own_password(form.current_password.data)
        with proving(), transaction() as session:
            codes = renew_codes(session, own(session, actor.user_id), form.otp.data or "", actor, now)
    except Invalid as error:
        form.take(error)
        return _on_page(form, 422)
    return _codes_page(codes, "Your new recovery codes")


@bp.post("/me/security/second-factor/remove")
@allow(SIGNED_IN)
@limited("10 per minute;60 per hour")
def second_factor_off() -> Response:
    """Turn it off; a short password has to grow first."""
    form, actor, now = FactorForm(), current_actor(), clock.now()
    _refuse_off()
    try:
        own_password(form.current_password.data)
        if len(form.current_password.data or "") < passwords.SHORTEST:
            raise Invalid(
                f"Without a second factor a password needs {passwords.SHORTEST} characters. Change yours first."
            )
        with proving(), transaction() as session:
            remove(session, own(session, actor.user_id), form.otp.data or "", actor, now)
    except Invalid as error:
        form.take(error)
        return _on_page(form, 422)
    flash("Signing in no longer asks for a code.")
    return go("/me/security")


def _refuse_off() -> None:
    if not current_actor().second_factor:
        raise Conflict("The second factor is off. Turn it on under My page, Security.")


def _off_page(form: EnrolForm, secret: str, status: int = 200) -> Response:
    uri = enrolment_uri(secret, current_actor().email, board().site_name)
    page = render_template(
        "site/me_second_factor.html", form=form, key=seal(settings().key, _purpose(), [secret]), next=way_back(""),
        qr=segno.make(uri, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff"),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        required=current_actor().is_admin and settings().production,
    )
    return confidential(page, status)


def _on_page(form: FactorForm, status: int = 200) -> Response:
    left = codes_left(reading(), current_actor().user_id or 0)
    return confidential(render_template("site/me_second_factor_on.html", form=form, codes=left), status)


def _codes_page(codes: list[str], title: str) -> Response:
    return confidential(
        render_template("site/me_recovery_codes.html", codes=codes, heading=title, next=way_back("/me/security"))
    )
