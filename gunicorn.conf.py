"""How gunicorn serves Nexus; read from the folder it is started in. Variables: WEB_CONCURRENCY, WEB_THREADS, BIND.

A worker takes about 150 MB, and at a million postings up to 400 MB of its own; each of its threads takes at most one
connection of the database: PostgreSQL must allow WEB_CONCURRENCY × WEB_THREADS and a few more.
"""

import os
import shutil
import tempfile
from typing import Any

if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # before the application is imported: its counters look for it
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="nexus-metrics-")

bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or min(4, (os.cpu_count() or 1) + 1))
threads = int(os.environ.get("WEB_THREADS") or 8)
preload_app = True
timeout = 60  # no sign of life from a worker, not a slow answer: its threads beat apart from requests
graceful_timeout = 30  # after SIGTERM, for what is in flight
keepalive = 75  # seconds, longer than the proxy's: a connection closed from here may have a request on its way
backlog = 1024
max_requests = 50_000
max_requests_jitter = 5_000
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  a heartbeat must not wait for a disk
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
accesslog = None  # the application logs each request once
errorlog = "-"
control_socket_disable = True


def when_ready(server: Any) -> None:
    """The search index is made once, and its memory shared by every worker."""
    from app import warm_up

    warm_up(server.app.wsgi())


def worker_exit(server: Any, worker: Any) -> None:
    """What this worker's index has learned is there for the next start."""
    from app import keep

    keep(server.app.wsgi())


def post_fork(server: Any, worker: Any) -> None:
    """No connection to the database is shared between processes."""
    from app.core.db import db

    with server.app.wsgi().app_context():
        db.engine.dispose(close=False)


def child_exit(server: Any, worker: Any) -> None:
    """A worker that is gone is in no sum of what is in flight."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """The counters end with the server."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
