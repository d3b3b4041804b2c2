"""Walls around every request: bytes that are text, our own host, our own pages, safe headers."""

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, current_app, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core.errors import Forbidden, Malformed
from app.core.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])
csrf = CSRFProtect()


def limits_off() -> bool:
    """Whether RATE_LIMITS=off: acceptance and load tests only."""
    return not current_app.config["NEXUS_LIMITS"]


limiter = Limiter(
    get_remote_address, default_limits=["1200 per minute"], default_limits_exempt_when=limits_off,
    strategy="fixed-window",
)


def limited(
    limits: str, counted: Callable[[Response], bool] | None = None, *, within: bool = False
) -> Callable[[View], View]:
    """Hold a view to `limits` for each address, such as "10 per minute;60 per hour".

    With `counted` only the answers it says yes to count. `within` holds what a view calls, beside the view's own.
    """

    def hold(view: View) -> View:
        limit = limiter.limit(limits, exempt_when=limits_off, deduct_when=counted, override_defaults=not within)
        return cast(View, limit(view))

    return hold


CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE_HEADERS = {
    "Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip
"""What every answer says that does not say otherwise itself."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_FIELDS = 300


def _refuse_bytes(raw: bytes, where: str) -> None:
    _refuse_decoded(unquote_to_bytes(raw.replace(b"+", b" ")), where)


def _refuse_decoded(decoded: bytes, where: str) -> None:
    if b"\0" in decoded:
        raise Malformed(f"The {where} contains a NUL character. Remove it and try again.")
    try:
        decoded.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(f"The {where} is not valid UTF-8 text. Check the link or the file it came from.") from None


def _check_address() -> None:
    _refuse_decoded(request.environ["PATH_INFO"].encode("latin-1"), "address")
    _refuse_bytes(request.environ.get("RAW_URI", "").encode("latin-1"), "address")  # servers mend what a path holds
    _refuse_bytes(request.query_string, "address")


def _check_body() -> None:
    if request.method in SAFE_METHODS:
        return
    if request.mimetype == "application/x-www-form-urlencoded":
        raw = request.get_data(cache=True)
        if raw.count(b"&") > MOST_FIELDS:
            raise Malformed("The form has too many fields.")
        _refuse_bytes(raw, "form")
    elif request.mimetype == "multipart/form-data":
        names = [*request.form, *request.files]
        if not all(names):
            raise Malformed("A field of the form has no name. Take it out and send the form again.")
        values = [*request.form.values(), *names]
        if any("\0" in value or "\ufffd" in value for value in values):
            raise Malformed("The form contains characters that are not text. Remove them and try again.")


def _check_origin() -> None:
    if request.method not in SAFE_METHODS and not _from_here():
        raise Forbidden("This form was sent from another site. Open it here and send it again.")


def _from_here() -> bool:
    """Whether the browser says that one of our own pages asks; programs say nothing, and show a token.

    A sibling host is another site, and so is a page that hides its origin: ours never do.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or origin.partition("://")[2] == request.host


def _harden(answer: Response) -> Response:
    headers = answer.headers
    for name, value in SAFE_HEADERS.items():
        headers.setdefault(name, value)
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    headers.setdefault("Cache-Control", "private, no-store" if session.get("_user_id") else "private, no-cache")
    return answer


def install_first(app: Flask, settings: Settings) -> None:
    """Checks that come before anybody is recognised."""
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]
    app.before_request(_check_address)
    app.before_request(_check_origin)
    app.after_request(_harden)
    limiter.init_app(app)


def install_last(app: Flask) -> None:
    """Checks that read the body, after the policy said yes to whoever sends it."""
    app.before_request(_check_body)
    csrf.init_app(app)
