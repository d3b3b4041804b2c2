"""What is kept in Redis: shared by processes, plain text, and done without where Redis is slow or hangs."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from flask import Flask
from sqlalchemy import event, select

from app import create_app
from app.core import clock
from app.core.cache import CacheVersion, Shelf, cache
from app.core.db import db, reading
from app.core.settings import Settings
from app.domain.search import queries
from tests.conftest import REDIS
from tests.factories import Board
from tests.web.degraded import GUESSES, looks
from tests.web.test_redis_down import hanging

LATE = 0.15


@contextmanager
def slow() -> Iterator[str]:
    """The address of the real Redis behind a wire that answers late, though not too late."""
    address = urlsplit(REDIS)

    def carry(source: socket.socket, to: socket.socket, delay: float) -> None:
        try:
            while data := source.recv(65536):
                time.sleep(delay)
                to.sendall(data)
        except OSError:
            pass

    def serve(wire: socket.socket) -> None:
        while True:
            try:
                taken, _ = wire.accept()
            except OSError:
                return
            far = socket.create_connection((address.hostname or "", address.port or 6379))
            threading.Thread(target=carry, args=(taken, far, 0), daemon=True).start()
            threading.Thread(target=carry, args=(far, taken, LATE), daemon=True).start()

    with socket.socket() as wire:
        wire.bind(("127.0.0.1", 0))
        wire.listen(64)
        threading.Thread(target=serve, args=(wire,), daemon=True).start()
        yield f"redis://127.0.0.1:{wire.getsockname()[1]}{address.path}"
        wire.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("away", [hanging, slow])
def test_every_public_page_answers_without_redis_and_limits_hold(away: object, tmp_path: Path) -> None:
    store = redis.Redis.from_url(REDIS)
    for key in store.keys("LIMIT*"):
        store.delete(key)
    with away() as url:  # type: ignore[operator]
        told = looks(url, tmp_path)
    statuses = [int(line.rsplit("=", 1)[1]) for line in told if not line.startswith("live")]
    assert len(told) > 40 and max(statuses) < 500, told
    assert "live=True" in told
    assert statuses[-GUESSES:] == [422] * (GUESSES - 1) + [429]


def with_redis(app: Flask, url: str) -> Flask:
    given: Settings = app.extensions["nexus-settings"]
    return create_app(given.model_copy(update={"redis_url": url}))


def test_what_one_process_found_serves_another_until_a_change(app: Flask, board: Board) -> None:
    store = redis.Redis.from_url(REDIS)
    first, second = with_redis(app, REDIS), with_redis(app, REDIS)
    asked = list[str]()
    board.posting()
    now = clock.now()
    with first.app_context():
        assert isinstance(cache.cache, Shelf)
        found = queries.by_category(reading(), now)
    with second.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
        assert queries.by_category(reading(), now) == found
        (only,) = (statement for statement in asked if statement.startswith(("SELECT", "WITH")))
        assert "cache_versions" in only
        version = reading().scalar(select(CacheVersion.version))
    (key,) = store.keys(f"nexus:*:{version}:*")
    assert 0 < store.ttl(key) <= 300
    assert json.loads(store.get(key))["answer"][0] == 1
    board.posting()
    with second.app_context():
        assert queries.by_category(reading(), clock.now())[0] == 2
    for one in (first, second):
        with one.app_context():
            db.engine.dispose()
