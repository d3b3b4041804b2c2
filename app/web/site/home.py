"""Home and the health of the process."""

from flask import Response, jsonify

from app.core.db import Unavailable, alive, reading
from app.web.policy import PUBLIC, allow
from app.web.site import blueprint as bp


@bp.get("/healthz")
@allow(PUBLIC)
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@allow(PUBLIC)
def readyz() -> tuple[Response, int]:
    """Everything the process needs answers."""
    try:
        alive(reading())
    except Unavailable:
        return jsonify(status="unavailable", database="unreachable"), 503
    return jsonify(status="ok", database="ok"), 200
