"""For machines that watch: is the process well, can it serve, and its figures."""

import hmac

from flask import Response, jsonify, request

from app.core import clock
from app.core.db import reading
from app.core.errors import NotFound
from app.core.health import readiness
from app.web import metrics
from app.web.context import redis, settings
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
    """Everything the process needs answers; 503 where it cannot serve without what is missing."""
    found = readiness(reading(), settings().upload_dir, redis())
    return jsonify(found), 503 if found["status"] == "unavailable" else 200


@bp.get("/metrics")
@allow(PUBLIC)
def show_metrics() -> Response:
    """The figures for Prometheus. Outside development for whoever has METRICS_TOKEN; without one for nobody."""
    token = settings().metrics_token
    if settings().nexus_env != "development" or token:
        if not token:
            raise NotFound
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.encode()):
            answer = Response("Send METRICS_TOKEN as a bearer token.\n", 401, mimetype="text/plain")
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
    return Response(metrics.shown(reading(), clock.now()), content_type=metrics.CONTENT_TYPE)
