"""Signing in, up and out."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from flask import flash, redirect, render_template, request
from flask import session as flask_session
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField, StringField

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import BadCursor, Invalid, NotFound
from app.core.paging import seal, unseal
from app.domain.accounts import passwords
from app.domain.accounts.identity import token_hash
from app.domain.accounts.models import User
from app.domain.accounts.queries import by_email, own, stored_hash
from app.domain.accounts.services import ask_to_verify, close_session, create_user, forget, open_session
from app.domain.accounts.services.second_factor import use
from app.domain.companies.queries import actor_by_session
from app.domain.companies.services import sign_up_employer
from app.web.context import demo_roles, settings
from app.web.forms import Form, way_back
from app.web.people import current_actor, end_session, start_session
from app.web.policy import PUBLIC, SIGNED_IN, allow
from app.web.proofs import check_wait, note_failure, proven
from app.web.security import csrf, limited
from app.web.site import blueprint as bp

HALF_LIFE = timedelta(minutes=10)
"""How long after the password the code may follow."""
ROLES = [("seeker", "Find work"), ("employer", "Hire people")]


class SignInForm(Form):
    email = EmailField("E-mail")
    password = PasswordField("Password")


class CodeForm(Form):
    otp = StringField("Code")


class SignUpForm(Form):
    role = StringField("I want to", default="seeker")
    name = StringField("Your name")
    email = EmailField("E-mail")
    password = PasswordField("Password")
    company_name = StringField("Company")


def _begin_session(email: str) -> None:
    with transaction() as session:
        forget(session, email)
        token = open_session(session, email, request.user_agent.string, clock.now())
    _hand_over(token)


def _hand_over(token: str) -> None:
    actor = actor_by_session(reading(), token, clock.now())
    if actor is None:
        raise NotFound("This account is closed. Write to the board's operator.")
    start_session(token, actor)


def _home() -> str:
    actor = current_actor()
    if actor.is_admin:
        return "/admin"
    return "/employer" if actor.is_employer else "/jobs"


def _page(template: str, form: Form, status: int = 200, **more: Any) -> tuple[str, int]:
    return render_template(template, form=form, next=way_back(""), **more), status


@bp.get("/sign-in")
@allow(PUBLIC)
def sign_in() -> Response | tuple[str, int]:
    """The sign-in page; people who are signed in already are sent on."""
    if current_actor().is_authenticated:
        return redirect(way_back(_home()), 303)
    return _page("site/sign_in.html", SignInForm())


@bp.post("/sign-in")
@allow(PUBLIC)
@limited("10 per minute;60 per hour")
def sign_in_post() -> Response | tuple[str, int]:
    """Check the password and start a session; the same sentence for every refusal."""
    form = SignInForm()
    email, password = form.email.data or "", form.password.data or ""
    stored = proven(email, password)
    if stored is None:
        form.form_errors.append("E-mail and password do not fit together. Check both and try again.")
        return _page("site/sign_in.html", form, 422)
    person = by_email(reading(), email)
    if person is not None and person.second_factor_at is not None:
        half = [person.id, token_hash(stored)[:16], int((clock.now() + HALF_LIFE).timestamp())]
        flask_session["half"] = seal(settings().key, "half-session", half)
        return redirect(_with_next("/sign-in/code"), 303)
    _begin_session(email)
    return redirect(way_back(_home()), 303)


def _half() -> User | None:
    """Whose password was right in this browser a moment ago; nobody once that is over, or the password is another."""
    try:
        user_id, fingerprint, until = unseal(settings().key, "half-session", flask_session.get("half", ""))
    except BadCursor:
        return None
    if until < clock.now().timestamp():
        return None
    try:
        user = own(reading(), user_id)
    except NotFound:
        return None
    same = token_hash(user.password_hash)[:16] == fingerprint
    return user if same and user.suspended_at is None and user.second_factor_at is not None else None


def _with_next(path: str) -> str:
    back = way_back("")
    return f"{path}?next={quote(back)}" if back else path


@bp.get("/sign-in/code")
@allow(PUBLIC)
def sign_in_code() -> Response | tuple[str, int]:
    """The second step of signing in, for those who asked for one."""
    if _half() is None:
        return redirect(_with_next("/sign-in"), 303)
    return _page("site/sign_in_code.html", CodeForm())


@bp.post("/sign-in/code")
@allow(PUBLIC)
@limited("10 per minute;60 per hour")
def sign_in_code_post() -> Response | tuple[str, int]:
    """Check the code, once, and start the session."""
    user, form, now = _half(), CodeForm(), clock.now()
    if user is None:
        flash("Too much time has passed. Sign in again.", "error")
        return redirect(_with_next("/sign-in"), 303)
    user_id, email = user.id, user.email
    check_wait(email)
    try:
        with transaction() as session:
            use(session, user_id, form.otp.data or "", now)
            forget(session, email)
            token = open_session(session, email, request.user_agent.string, now)
    except Invalid as error:
        note_failure(email)
        form.take(error)
        return _page("site/sign_in_code.html", form, 422)
    _hand_over(token)
    return redirect(way_back(_home()), 303)


@bp.get("/sign-up")
@allow(PUBLIC)
def sign_up() -> Response | tuple[str, int]:
    """The sign-up page, for seekers and employers; `?role=employer` chooses beforehand."""
    if current_actor().is_authenticated:
        return redirect(way_back(_home()), 303)
    role = request.args.get("role")
    form = SignUpForm(formdata=None, role=role if role in dict(ROLES) else "seeker")
    return _page("site/sign_up.html", form, roles=ROLES)


@bp.post("/sign-up")
@allow(PUBLIC)
@limited("10 per minute;60 per hour")
def sign_up_post() -> Response | tuple[str, int]:
    """Make the account (and company) and sign in."""
    form = SignUpForm()
    email, name = form.email.data or "", form.name.data or ""
    form.validate()
    try:
        passwords.check_strength(form.password.data or "", email, name)
        hashed = passwords.hashed(form.password.data or "")
        if form.role.data not in dict(ROLES):
            raise Invalid("Choose what you want to do.", {"role": "Choose one of the two."})
        now = clock.now()
        with transaction() as session:
            if form.role.data == "employer":
                user = sign_up_employer(session, email, name, hashed, form.company_name.data or "", now)
            else:
                user = create_user(session, email, name, hashed, now)
            ask_to_verify(session, user, now)
    except Invalid as error:
        form.take(error)
        return _page("site/sign_up.html", form, 422, roles=ROLES)
    _begin_session(email)
    return redirect(way_back(_home()), 303)


@bp.post("/sign-out")
@allow(SIGNED_IN)
def sign_out() -> Response:
    """End this session, in the table and in the browser."""
    session_id = current_actor().session_id
    if session_id is not None:
        with transaction() as session:
            close_session(session, session_id, clock.now())
    end_session()
    answer = redirect("/", 303)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


@bp.post("/demo/sign-in")
@allow(PUBLIC)
@csrf.exempt  # a form on every anonymous page, which sets no cookie; another site's is refused by its origin
def demo_sign_in() -> Response:
    """One click into one of the demo's roles: development on this machine only."""
    email = request.form.get("email", "")
    if request.remote_addr not in ("127.0.0.1", "::1") or email not in {known for _, known in demo_roles()}:
        raise NotFound
    if stored_hash(reading(), email) is None:
        raise NotFound("The demo board is not loaded. Run `flask --app wsgi demo` first.")
    _begin_session(email)
    return redirect(_home(), 303)

