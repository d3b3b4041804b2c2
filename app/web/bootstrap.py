"""The order in which the web's plumbing and doors are put on the application."""

from flask import Flask
from jinja2 import StrictUndefined

from app.core.settings import Settings
from app.web import assets, context, errors, htmx, logs, metrics, people, policy, routing, security
from app.web.admin import blueprint as admin
from app.web.api import blueprint as api
from app.web.api.graphql import blueprint as graphql
from app.web.desk import blueprint as desk
from app.web.feeds import blueprint as feeds
from app.web.site import blueprint as site


def install(app: Flask, settings: Settings) -> None:
    """Plumbing first, doors next, the policy check over all of them, then checks that read bodies."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    routing.install(app)
    logs.install(app)
    metrics.install(app)
    context.install(app, settings)
    assets.install(app, settings)
    htmx.install(app)
    errors.install(app)
    security.install_first(app, settings)
    people.install(app)
    for door in (site, desk, admin, feeds, api, graphql):
        app.register_blueprint(door)
    policy.install(app)
    security.install_last(app)
