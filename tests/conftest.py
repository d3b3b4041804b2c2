"""Both engines, one application for each, an empty board for every test."""

import asyncio
import os
import shutil
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from werkzeug.serving import make_server

from app import create_app
from app.core.db import db, writing
from app.core.settings import Settings
from app.domain.accounts import passwords
from app.domain.search.queries import index
from tests.factories import Board

REQUIRED = {word.strip() for word in os.environ.get("NEXUS_REQUIRE", "").split(",") if word.strip()}
POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgresql://root@127.0.0.1:5432/test")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
NAMED = os.environ.get("NEXUS_BROWSER")
BROWSER = next((path for path in ([NAMED] if NAMED else BROWSERS) if Path(path).exists()), "")
DATA = os.environ.get("NEXUS_DATA", "")

passwords.use_cheap_hashes()
hypothesis.settings.register_profile("nexus", deadline=None)  # times belong in the bench
hypothesis.settings.load_profile("nexus")


def _postgres_answers() -> bool:
    try:
        psycopg.connect(POSTGRES, connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


def _redis_answers() -> bool:
    try:
        address = urlsplit(REDIS)
        with socket.create_connection((address.hostname or "", address.port or 6379), timeout=1) as wire:
            wire.sendall(b"PING\r\n")
            return wire.recv(16).startswith(b"+PONG")
    except OSError:
        return False


MISSING = {
    name
    for name, here in (
        ("postgres", _postgres_answers()), ("redis", _redis_answers()), ("browser", bool(BROWSER)),
        ("nginx", bool(shutil.which("nginx") and shutil.which("openssl"))),
    )
    if not here
}
ENGINES = ["sqlite"] if "postgres" in MISSING else ["sqlite", "postgresql"]


def pytest_configure(config: pytest.Config) -> None:
    absent = REQUIRED & MISSING
    if absent:
        raise pytest.UsageError(f"NEXUS_REQUIRE names what this machine lacks: {', '.join(sorted(absent))}")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Tests on the real inputs are collected only where NEXUS_DATA names them; browser tests with a browser."""
    if collection_path.name.endswith("_real.py") and not DATA:
        return True
    if collection_path.name.endswith("_redis.py") and "redis" in MISSING:
        return True
    if collection_path.parent.name == "browser" and collection_path.name.startswith("test_") and not BROWSER:
        return True
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    said = {
        "postgres": "PostgreSQL did not answer: nothing ran on it (set TEST_DATABASE_URL).",
        "redis": "Redis did not answer: nothing ran with it (set TEST_REDIS_URL).",
        "browser": "No Chromium: the browser tests did not run (apt-get install chromium).",
        "nginx": "No nginx or openssl: nothing read its configuration (apt-get install nginx openssl).",
    }
    if not LISTS_STATEMENTS:
        terminalreporter.write_line("NOT RUN: this SQLite does not tell of answers left unread.")
    for name in sorted(MISSING):
        terminalreporter.write_line(f"NOT RUN: {said[name]}")
    if not DATA:
        terminalreporter.write_line("NOT RUN: tests on real inputs (set NEXUS_DATA to their folder).")


@event.listens_for(Engine, "connect")
def _hurry(connection: Any, record: ConnectionPoolEntry) -> None:
    """No test loses its machine's power, so none waits for a disk (PostgreSQL is told so in `_database`)."""
    if type(connection).__module__.startswith("sqlite3"):
        connection.execute("PRAGMA synchronous=OFF")


def _lists_statements() -> bool:
    with closing(sqlite3.connect(":memory:")) as one:
        return bool(one.execute("SELECT 1 FROM pragma_module_list WHERE name = 'sqlite_stmt'").fetchall())


LISTS_STATEMENTS = _lists_statements()
UNREAD: list[str] = []


@event.listens_for(Pool, "checkin")
def _read_to_the_end(connection: Any, record: ConnectionPoolEntry) -> None:
    """An answer not read to its end keeps SQLite's connection in the past, for whoever takes it next."""
    if LISTS_STATEMENTS and type(connection).__module__.startswith("sqlite3"):
        busy = connection.execute("SELECT sql FROM sqlite_stmt WHERE busy AND sql NOT LIKE '%sqlite_stmt%'")
        UNREAD.extend(sql for (sql,) in busy)


@pytest.fixture(autouse=True)
def _no_answer_left_unread() -> Iterator[None]:
    UNREAD.clear()
    yield
    assert UNREAD == []


@pytest.fixture(autouse=True)
def _no_loop_of_a_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Playwright, once a browser test of this process started it, leaves its loop marked as running in this thread."""
    loop = None if request.node.get_closest_marker("browser") else asyncio._get_running_loop()
    if loop is None:
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Without pytest-flask's own: it would leak the person signed in, and hide missing commits."""


def _database(engine: str, folder: Path, worker: str) -> str:
    if engine == "sqlite":
        return f"sqlite:///{folder / 'nexus.db'}"
    name = f"nexus_test_{worker}"
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
        admin.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    return POSTGRES.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture(scope="session", params=ENGINES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Flask]:
    """The application on one engine, its schema made by the migrations."""
    folder = tmp_path_factory.mktemp(request.param)
    settings = Settings(
        nexus_env="testing", database_url=_database(request.param, folder, f"{worker_id}_{os.getpid()}"),
        secret_key="a secret for tests only, long enough", upload_dir=folder / "uploads", rate_limits="off",
        redis_url="", smtp_url="", base_url="http://127.0.0.1:5000",
    )
    app = create_app(settings)
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()
    if request.param == "postgresql":
        with psycopg.connect(POSTGRES, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{settings.database_url.rsplit("/", 1)[1]}" WITH (FORCE)')


def _empty(app: Flask) -> None:
    with app.app_context(), writing(), db.engine.begin() as connection:
        names = [n for n in inspect(connection).get_table_names() if n != "alembic_version" and "_fts" not in n]
        if connection.dialect.name == "postgresql":
            _delete(connection, names)
            return
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        for name in names:
            connection.execute(text(f"DELETE FROM {name}"))  # noqa: S608  our own tables' names
        if "posting_fts" in inspect(connection).get_table_names():
            connection.execute(text("INSERT INTO posting_fts(posting_fts) VALUES ('rebuild')"))


def _delete(connection: Connection, names: list[str]) -> None:
    """Rows and numbers back to nothing: TRUNCATE would make every table a new file and wait for the disk."""
    known = [table.name for table in reversed(db.metadata.sorted_tables)]
    for name in sorted(names, key=lambda name: known.index(name) if name in known else -1):
        connection.execute(text(f"DELETE FROM {name}"))  # noqa: S608  our own tables' names
    connection.execute(
        text("SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value > 0")
    )


@pytest.fixture
def app(built: Flask) -> Flask:
    """The application with an empty database and no file, on each engine in turn."""
    _empty(built)
    shutil.rmtree(built.extensions["nexus-settings"].upload_dir, ignore_errors=True)
    index.forget()
    return built


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies."""
    return app.test_client()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application answers, served by threads as in `make run`."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A writing session for tests of services; undone afterwards. Not together with `client` or `board`."""
    with app.app_context(), writing():
        yield db.session()
        db.session.rollback()


@pytest.fixture
def board(app: Flask) -> Board:
    """Makes rows: `board.posting()`, `board.user()`, … each committed."""
    return Board(app)


