"""Figures for Prometheus.

Under gunicorn each process counts into a file of PROMETHEUS_MULTIPROC_DIR, which `gunicorn.conf.py` sets before this
is imported, and whichever process is asked adds them up.
"""

import os
import time
from collections.abc import Iterable
from datetime import datetime

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.core.db import NoSchema, Session, Unavailable, pool_watchers
from app.domain.applications.queries import count as count_applications
from app.domain.board.queries import WORKER, last_beat
from app.domain.mail.queries import waiting
from app.domain.search.filters import Filters
from app.domain.search.queries import total

__all__ = ["CONTENT_TYPE", "install", "shown"]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_own = CollectorRegistry()
_seconds = Histogram(
    "nexus_request_seconds", "Time to answer, by the route's template.", ("route", "method", "status"), registry=_own,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_in_flight = Gauge("nexus_requests_in_flight", "Being answered.", registry=_own, multiprocess_mode="livesum")
_connections = Gauge(
    "nexus_database_connections_in_use", "Taken from the pool.", registry=_own, multiprocess_mode="livesum"
)


def install(app: Flask) -> None:
    """Count every request; the first hooks of all, so that refusals count too."""
    if not pool_watchers:
        pool_watchers.append(_connections.inc)

    @app.before_request
    def _begin() -> None:
        g.begun_at = time.perf_counter()
        _in_flight.inc()

    @app.after_request
    def _count(answer: Response) -> Response:
        if "begun_at" in g:
            route = str(request.url_rule) if request.url_rule is not None else "none"
            method = request.method if request.method in _METHODS else "other"
            _seconds.labels(route, method, answer.status_code).observe(time.perf_counter() - g.begun_at)
        return answer

    @app.teardown_request
    def _end(error: BaseException | None) -> None:
        if g.pop("begun_at", None) is not None:
            _in_flight.dec()


class _Board(Collector):
    """What the database says, at one moment; nothing while it is away."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now

    def collect(self) -> Iterable[Metric]:
        try:
            mails, oldest = waiting(self.session)
            facts = {
                "nexus_postings_live": ("Postings everybody can see.", total(self.session, Filters(), self.now)),
                "nexus_applications": ("Applications there are.", count_applications(self.session)),
                "nexus_mails_waiting": ("Mails the board owes.", mails),
                "nexus_mail_oldest_seconds": (
                    "Age of the oldest mail that waits.", max(0.0, (self.now - oldest).total_seconds()) if oldest else 0
                ),
            }
            seen = last_beat(self.session, WORKER)
        except (Unavailable, NoSchema):
            yield GaugeMetricFamily("nexus_database_up", "Whether the database answers.", 0)
            return
        yield GaugeMetricFamily("nexus_database_up", "Whether the database answers.", 1)
        if seen is not None:
            facts["nexus_worker_heartbeat_age_seconds"] = (
                "Since a worker was last seen alive; absent where none ever was.",
                max(0.0, (self.now - seen).total_seconds()),
            )
        for name, (meaning, value) in facts.items():
            yield GaugeMetricFamily(name, meaning, value)


def shown(session: Session, now: datetime) -> bytes:
    """All figures in Prometheus' text form."""
    registry = _own
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    board = CollectorRegistry()
    board.register(_Board(session, now))
    facts = generate_latest(board)
    return generate_latest(registry) + facts
