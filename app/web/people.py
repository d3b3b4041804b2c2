"""Who is behind this request: Flask-Login over the sessions table, answering with a frozen Actor."""

from datetime import timedelta
from typing import cast

from flask import Flask, Response, g, request, session
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user, login_user, logout_user

from app.core import clock
from app.core.actor import ANONYMOUS, Actor
from app.core.db import reading
from app.domain.accounts.services import seen
from app.domain.companies.queries import actor_by_session
from app.web.recorder import after_response

SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when a session was last in use."""

manager = LoginManager()
manager.session_protection = None


class Person(UserMixin):
    """Flask-Login's view of an actor; its id is the session's token."""

    def __init__(self, token: str, actor: Actor) -> None:
        self.token = token
        self.actor = actor

    def get_id(self) -> str:
        return self.token


class Nobody(AnonymousUserMixin):
    actor = ANONYMOUS


manager.anonymous_user = Nobody


@manager.user_loader
def _load(token: str) -> Person | None:
    actor = actor_by_session(reading(), token, clock.now())
    return Person(token, actor) if actor else None


def current_actor() -> Actor:
    """The actor of this request, read once a request from the sessions table."""
    return cast(Actor, current_user.actor)


def forget_actor() -> None:
    """Draw the rest of this request for nobody: who asked cannot be read."""
    g._login_user = Nobody()


def start_session(token: str, actor: Actor) -> None:
    """Hand the browser its new session; what it carried before, form tokens too, is somebody else's."""
    session.clear()
    login_user(Person(token, actor))


def end_session() -> None:
    """Make the browser forget its session."""
    logout_user()


def install(app: Flask) -> None:
    manager.init_app(app)

    @app.after_request
    def _note_seen(answer: Response) -> Response:
        if "_login_user" not in g or request.endpoint == "static":  # nobody was asked for, or nobody could be
            return answer
        actor, now = current_actor(), clock.now()
        if actor.session_id is None or (actor.seen_at is not None and now - actor.seen_at < SEEN_EVERY):
            return answer
        session_id = actor.session_id
        return after_response(answer, lambda writing: seen(writing, session_id, now))
