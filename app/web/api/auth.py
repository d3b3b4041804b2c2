"""Signing in as a program does for a person: access for a quarter of an hour, and what renews it once."""

from flask import Response, jsonify, request

from app.core import clock
from app.core.db import reading, transaction
from app.core.errors import Invalid, SignInRequired
from app.domain.accounts.queries import by_email
from app.domain.accounts.services import forget, open_session
from app.domain.accounts.services.refreshing import end, issue, renew
from app.domain.accounts.services.second_factor import use
from app.domain.companies.queries import actor_by_session
from app.web import bearer
from app.web.api import blueprint as bp
from app.web.api.bodies import body
from app.web.api.describing import described
from app.web.api.schemas.access import Access, Credentials, Refresh
from app.web.context import settings
from app.web.policy import PUBLIC, allow
from app.web.proofs import check_wait, note_failure, proven
from app.web.security import limited


@bp.post("/v1/auth/token")
@allow(PUBLIC)
@limited("10 per minute;60 per hour")
@described("Access", Access, 401, takes=Credentials)
def sign_in() -> Response:
    """Access by e-mail and password, and by a code (`otp`) where a second factor is on."""
    given, now = body(Credentials), clock.now()
    if proven(given.email, given.password) is None:
        raise SignInRequired("E-mail and password do not fit together.")
    _check_code(given)
    with transaction() as session:
        forget(session, given.email)
        opened = open_session(session, given.email, request.user_agent.string, now)
        actor = actor_by_session(session, opened, now)
        if actor is None or actor.session_id is None:
            raise SignInRequired("This account is closed.")
        return _access(actor.session_id, issue(session, actor.session_id, now))


def _check_code(given: Credentials) -> None:
    """Use the code up where the account asks for one; a wrong one counts like a wrong password."""
    person = by_email(reading(), given.email)
    if person is None or person.second_factor_at is None:
        return
    if not given.otp:
        raise Invalid("A code is needed.", {"otp": "This account has a second factor: send its code."})
    check_wait(given.email)
    try:
        with transaction() as session:
            use(session, person.id, given.otp, clock.now())
    except Invalid:
        note_failure(given.email)
        raise


@bp.post("/v1/auth/refresh")
@allow(PUBLIC)
@limited("60 per minute")
@described("Access", Access, 401, takes=Refresh)
def refresh() -> Response:
    """New access for a refresh token, which is used up: a second use ends the session."""
    given = body(Refresh)
    with transaction() as session:
        renewed = renew(session, given.refresh_token, clock.now())
    if renewed is None:
        raise SignInRequired("This refresh token is not good, or not any more. Sign in again.")
    return _access(renewed.session_id, renewed.token)


@bp.post("/v1/auth/revoke")
@allow(PUBLIC)
@limited("60 per minute")
@described("Access", None, takes=Refresh)
def revoke() -> tuple[str, int]:
    """End the session of a refresh token."""
    given = body(Refresh)
    with transaction() as session:
        end(session, given.refresh_token, clock.now())
    return "", 204


def _access(session_id: int, refresh_token: str) -> Response:
    answer = jsonify(
        access_token=bearer.access_token(session_id, settings().key, clock.now()), token_type="Bearer",  # noqa: S106
        expires_in=int(bearer.LIFE.total_seconds()), refresh_token=refresh_token,
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer
