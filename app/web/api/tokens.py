"""One's own account, and one's tokens for programs."""

from flask import Response, jsonify

from app.core import clock
from app.core.db import reading, transaction
from app.domain.companies.models import ApiToken
from app.domain.companies.policies import Scope
from app.domain.companies.queries import tokens_of
from app.domain.companies.services.tokens import create_token, maker, revoke_token, secret_again, secret_of
from app.web.api import blueprint as bp
from app.web.api.bodies import body
from app.web.api.describing import described
from app.web.api.repeats import Repeatable, key_given, once
from app.web.api.schemas.access import Me, NewToken, Secret, Tokens
from app.web.api.telling import me_document
from app.web.context import settings
from app.web.documents import at
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow, need


@bp.get("/v1/me")
@allow(SIGNED_IN)
@described("Account", Me, 403)
def me() -> Response:
    """Who asks, and where they belong."""
    need(Scope.ACCOUNT)
    return jsonify(me_document(current_actor()))


@bp.get("/v1/tokens")
@allow(SIGNED_IN)
@described("Account", Tokens, 403)
def tokens() -> Response:
    """One's living tokens, without what shows them."""
    need(Scope.ACCOUNT)
    found = tokens_of(reading(), current_actor().user_id or 0, clock.now())
    return jsonify(items=[_told(token) for token in found])


@bp.post("/v1/tokens")
@allow(SIGNED_IN)
@described("Account", Secret, 403, 409, takes=NewToken, headers=Repeatable, status=201)
def make_token() -> tuple[Response, int]:
    """A new token. What shows it is told this once, and again to who sends the same under its `Idempotency-Key`."""
    given, actor, now, key = body(NewToken), current_actor(), clock.now(), key_given()
    secret = secret_of(settings().key, key, maker(actor), now)

    def make() -> int:
        return create_token(session, given.name, given.scopes, given.company, given.days, secret, actor, now).id

    with transaction() as session:
        token_id, new = once(session, given, make)
        token = session.get_one(ApiToken, token_id)
        if not new:
            secret = secret_again(settings().key, key, token)
        answer = jsonify(_told(token) | {"token": secret})
    answer.headers["Cache-Control"] = "no-store"
    return answer, 201


@bp.delete("/v1/tokens/<id:token_id>")
@allow(SIGNED_IN)
@described("Account", None, 403, 404)
def end_token(token_id: int) -> tuple[str, int]:
    """Revoke one of one's tokens, at once and for good."""
    need(Scope.ACCOUNT)
    with transaction() as session:
        revoke_token(session, token_id, current_actor(), clock.now())
    return "", 204


def _told(token: ApiToken) -> dict[str, object]:
    return {
        "id": token.id, "name": token.name, "hint": token.hint, "scopes": token.scopes.split(),
        "company": token.company.slug if token.company else None, "created_at": at(token.created_at),
        "expires_at": at(token.expires_at), "last_used_at": at(token.last_used_at),
    }  # fmt: skip
