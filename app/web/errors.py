"""Every error with three faces: a page, a fragment, a problem document."""

from http import HTTPStatus
from urllib.parse import quote, urlsplit

import structlog
from flask import Flask, jsonify, make_response, redirect, render_template, request
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import Unavailable
from app.core.errors import (
    BadCursor,
    Conflict,
    DomainError,
    Forbidden,
    Gone,
    Invalid,
    Malformed,
    NoRoom,
    NotFound,
    SignInRequired,
    TooSoon,
)
from app.web.context import stand_alone
from app.web.htmx import is_htmx, toast
from app.web.security import limiter

log = structlog.get_logger()

STATUS: dict[type[DomainError], int] = {
    NotFound: 404, Gone: 410, NoRoom: 507, Forbidden: 403, Conflict: 409, Invalid: 422, BadCursor: 400, Malformed: 400,
    SignInRequired: 401, TooSoon: 429,
}

SENTENCES = {
    400: "The request could not be read. Go back and try again.",
    404: "There is nothing at this address. It may have moved, or the link may be broken.",
    405: "This address does not take that kind of request.",
    412: "Somebody changed this since you read it. Read it again, and repeat.",
    413: "This is too large. A résumé may have 5 MB at the most.",
    415: "This kind of content is not taken here.",
    429: "Too many requests in a short time. Wait a moment and try again.",
    500: "Something broke on our side. Nothing you sent was saved; please try again in a minute.",
    503: "The board cannot reach its database just now. Please try again in a few seconds.",
}


def wants_json() -> bool:
    """Whether a machine asks."""
    path = request.path
    if path.startswith(("/api/", "/graphql", "/feeds/")) or path.endswith((".json", ".atom", ".rss", ".xml")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"


def face(
    status: int, message: str, fields: dict[str, str] | None = None, version: int | None = None
) -> Response:
    """One error, in the form its asker can use; machines are told the `version` that something has now."""
    title = HTTPStatus(status).phrase
    if wants_json():
        problem = {"type": "about:blank", "title": title, "status": status, "detail": message}
        more = {"errors": _told(fields) if fields else None, "version": version}
        answer = jsonify(problem | {name: said for name, said in more.items() if said is not None})
        answer.mimetype = "application/problem+json"
    elif is_htmx():
        answer = make_response(
            render_template("errors/fragment.html", status=status, title=title, message=message, fields=fields or {})
        )
        answer.data = answer.get_data() + toast(message, "error").encode()
        answer.headers.setdefault("HX-Reswap", "none")
    else:
        answer = make_response(
            render_template("errors/page.html", status=status, title=title, message=message, fields=fields or {})
        )
    answer.status_code = status
    if status in (429, 503):
        answer.headers["Retry-After"] = "5"
    return answer


def _told(fields: dict[str, str]) -> list[dict[str, str]]:
    """What is wrong, field by field, each with its pointer (RFC 6901)."""
    return [{"name": name, "pointer": f"#/{name}", "detail": sentence} for name, sentence in fields.items()]


def _came_from() -> str:
    """The path of the page that asked; empty where its address is none."""
    try:
        return urlsplit(request.referrer or "").path
    except ValueError:
        return ""


def _sign_in(message: str) -> Response:
    if wants_json():
        answer = face(401, message)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    here = request.full_path.rstrip("?") if request.method == "GET" else _came_from()
    target = f"/sign-in?next={quote(here)}" if here else "/sign-in"
    if is_htmx():
        answer = make_response("", 401)
        answer.headers["HX-Redirect"] = target
        return answer
    return redirect(target, 303)


def install(app: Flask) -> None:
    @app.errorhandler(SignInRequired)
    def _anonymous(error: SignInRequired) -> Response:
        return _sign_in(error.message)

    @app.errorhandler(SecurityError)
    def _foreign(error: SecurityError) -> Response:
        return make_response("This board does not answer under that name. BASE_URL sets the name it has.\n", 400)

    @app.errorhandler(DomainError)
    def _domain(error: DomainError) -> Response:
        fields = error.fields if isinstance(error, Invalid) else None
        version = error.version if isinstance(error, Conflict) else None
        answer = face(STATUS[type(error)], error.message, fields, version)
        if isinstance(error, TooSoon):
            answer.headers["Retry-After"] = str(error.seconds)
        return answer

    @app.errorhandler(CSRFError)
    def _csrf(error: CSRFError) -> Response:
        return face(400, "This form is too old or came from elsewhere. Reload the page and send it again.")

    @app.errorhandler(RateLimitExceeded)
    def _limited(error: RateLimitExceeded) -> Response:
        answer = face(429, SENTENCES[429])
        held = limiter.current_limit
        if held is not None:
            answer.headers["Retry-After"] = str(max(1, round(held.reset_at - clock.now().timestamp())))
        return answer

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        status = error.code or 500
        if status in (301, 302, 303, 307, 308):
            return error.get_response()
        answer = face(status, SENTENCES.get(status, error.description or HTTPStatus(status).phrase))
        if status == 405:
            answer.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or []))
        return answer

    @app.errorhandler(Unavailable)
    def _gone(error: Exception) -> Response:
        log.error("database unavailable", error=str(error))
        stand_alone()
        return face(503, SENTENCES[503])

    @app.errorhandler(Exception)
    def _broken(error: Exception) -> Response:
        log.exception("unhandled error")
        return face(500, SENTENCES[500])
