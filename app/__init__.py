"""Nexus, a job board."""

from flask import Flask
from flask_migrate import Migrate

import app.domain  # noqa: F401  every room's tables and handlers
from app import cli, web, worker
from app.core import clock
from app.core.cache import cache
from app.core.db import NoSchema, Unavailable, db, let_go, reading
from app.core.settings import ROOT, Settings, UnsafeSettings
from app.domain.accounts.queries import has_demo_accounts
from app.domain.postings import gazetteer
from app.domain.search.queries import index
from config import flask_config


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings (default: the environment's).

    Raises UnsafeSettings in an unsafe production, RuntimeError where a route declares no policy.
    """
    settings = settings or Settings()
    flask_app = Flask(__name__)
    flask_app.config.from_mapping(flask_config(settings))
    db.init_app(flask_app)
    Migrate(flask_app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    web.install(flask_app, settings)
    cache.init_app(flask_app)
    worker.install(flask_app)
    cli.install(flask_app, settings)
    if settings.production:
        _refuse_demo(flask_app)
    return flask_app


def warm_up(flask_app: Flask) -> None:
    """Have the search index and the places at hand before workers fork, who share them.

    Where the database is away, they make the index.
    """
    gazetteer.load()
    settings: Settings = flask_app.extensions["nexus-settings"]
    with flask_app.app_context():
        try:
            index.warm(reading(), clock.now(), settings.index_file, settings.default_currency)
        except (Unavailable, NoSchema):
            return
        finally:
            let_go()
            db.engine.dispose()


def keep(flask_app: Flask) -> None:
    """Leave the search index on disk for the next start."""
    settings: Settings = flask_app.extensions["nexus-settings"]
    with flask_app.app_context():
        index.save(reading(), settings.index_file, clock.now())


def _refuse_demo(flask_app: Flask) -> None:
    """Raise UnsafeSettings where the demo's well-known accounts are in a production database."""
    with flask_app.app_context():
        try:
            found = has_demo_accounts(reading())
        except (Unavailable, NoSchema):
            found = False  # a database that is away or empty holds nobody yet; /readyz tells of it
        reading().close()
        db.engine.dispose()  # whoever forks now shares no connection with its children
    if found:
        raise UnsafeSettings("This database holds the demo board, whose passwords everybody knows. Use another one.")
