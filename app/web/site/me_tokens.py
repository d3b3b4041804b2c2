"""One's own tokens for programs: what there are, making one, ending one."""

import secrets
from typing import NamedTuple

from flask import Response as Page
from flask import flash, render_template, request
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, StringField

from app.core import clock
from app.core.actor import Actor
from app.core.db import reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.accounts.services import repeating
from app.domain.companies.models import ApiToken
from app.domain.companies.policies import Scope
from app.domain.companies.queries import tokens_of
from app.domain.companies.services.tokens import create_token, maker, revoke_token, secret_again, secret_of
from app.web.context import settings
from app.web.forms import Form, whole_number
from app.web.htmx import go
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow
from app.web.proofs import confidential, own_password
from app.web.security import limited
from app.web.site import blueprint as bp


class ScopeWords(NamedTuple):
    """What a scope lets a program do: for a button's length, and whole."""

    short: str
    whole: str


PERSONAL = {
    Scope.ACCOUNT: ScopeWords("Your account", "Read who you are and where you belong, save jobs, end your tokens"),
    Scope.APPLY: ScopeWords("Applying", "Apply for you, read your applications and withdraw them"),
}
COMPANY = {
    Scope.POSTINGS_READ: ScopeWords("Read postings", "Read your company's postings, drafts too"),
    Scope.POSTINGS_WRITE: ScopeWords("Write postings", "Write your company's postings, hand them in and close them"),
    Scope.APPLICATIONS_READ: ScopeWords("Read applicants", "Read your company's applicants, their letters and answers"),
    Scope.APPLICATIONS_WRITE: ScopeWords("Move applicants", "Move your company's applicants and write to them by that"),
    Scope.WEBHOOKS: ScopeWords("Events", "Be told of what happens at your company"),
}
ADMIN = {Scope.ADMIN: ScopeWords("Admin", "Do what admins do: decide postings, edit fields of work")}
WORDS = {str(scope): words for scope, words in (PERSONAL | COMPANY | ADMIN).items()}
LIVES = [("7", "A week"), ("30", "30 days"), ("90", "90 days"), ("366", "A year")]


class TokenForm(Form):
    key = HiddenField("Key")
    name = StringField("What it is for")
    scopes = StringField("What it may do")
    company = StringField("Where")
    days = StringField("How long")
    current_password = PasswordField("Your password")


@bp.get("/me/tokens")
@allow(SIGNED_IN)
def my_tokens() -> str:
    """One's living tokens, without what shows them."""
    actor, now = current_actor(), clock.now()
    found = tokens_of(reading(), actor.user_id or 0, now)
    return render_template("site/me_tokens.html", tokens=found, words=WORDS)


@bp.get("/me/tokens/new")
@allow(SIGNED_IN)
def token_form() -> tuple[str, int]:
    """Asks what the token is for."""
    return _form_page(TokenForm(data={"days": "90"}))


@bp.post("/me/tokens/new")
@allow(SIGNED_IN)
@limited("10 per minute;60 per hour")
def token_make() -> Page | tuple[str, int]:
    """A new token, shown this once. It asks the password: a borrowed browser makes nothing that outlives it."""
    form, actor, now = TokenForm(), current_actor(), clock.now()
    name, scopes, company = form.name.data or "", request.form.getlist("scopes"), form.company.data or None
    days, key, user_id = whole_number(form.days.data or "", digits=4) or 0, form.key.data or "", maker(actor)
    secret = secret_of(settings().key, key, user_id, now)

    def make() -> int:
        return create_token(session, name, scopes, company, days, secret, actor, now).id

    try:
        own_password(form.current_password.data)
        with transaction() as session:
            body = repr((name, sorted(scopes), company, days))
            token_id, new = repeating.once(session, user_id, "site.token_make", key, body, make, now)
            token = session.get_one(ApiToken, token_id)
            if not new:
                secret = secret_again(settings().key, key, token)
            page = render_template("site/me_token.html", token=token, secret=secret, words=WORDS)
    except Conflict as error:
        form.form_errors.append(error.message)
        return _form_page(form, 409)
    except Invalid as error:
        form.take(error)
        return _form_page(form, 422)
    return confidential(page)


@bp.post("/me/tokens/<id:token_id>/revoke")
@allow(SIGNED_IN)
def token_revoke(token_id: int) -> Response:
    """End a token, at once and for good."""
    with transaction() as session:
        revoke_token(session, token_id, current_actor(), clock.now())
    flash("The token is revoked: programs that use it are refused from now on.")
    return go("/me/tokens")


def _form_page(form: TokenForm, status: int = 200) -> tuple[str, int]:
    actor = current_actor()
    page = render_template(
        "site/me_token_new.html", form=form, key=form.key.data or secrets.token_urlsafe(16), offered=_offered(actor),
        companies=[("", "Wherever I belong")] + [(one.company_slug, one.company_name) for one in actor.memberships],
        lives=LIVES, chosen=request.form.getlist("scopes"),
    )
    return page, status


def _offered(actor: Actor) -> list[tuple[str, ScopeWords]]:
    """The scopes that would let this person's programs do something."""
    offered = PERSONAL | (COMPANY if actor.is_employer else {}) | (ADMIN if actor.is_admin else {})
    return [(str(scope), words) for scope, words in offered.items()]
