"""Structured logs, each line with its request's id."""

import re
import secrets
import sys

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger()
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def _configure() -> None:
    """As structlog does by itself, but for tracebacks: they never show what variables held, passwords among them."""
    plain = structlog.dev.ConsoleRenderer(
        colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


def install(app: Flask) -> None:
    _configure()

    @app.before_request
    def _name() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def _tell(answer: Response) -> Response:
        answer.headers["X-Request-ID"] = g.get("request_id", "")
        if not app.testing and request.endpoint != "static":
            log.info("request", method=request.method, path=_path(), status=answer.status_code)
        return answer


def _path() -> str:
    """What was asked for; a link's token stands for somebody's word and is not written down."""
    secret = "token" in (request.view_args or {}) and request.url_rule is not None
    return str(request.url_rule) if secret else request.path
