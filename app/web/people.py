"""Who is behind this request: Flask-Login over the sessions table, answering with a frozen Actor."""

from datetime import timedelta
from typing import cast

from flask import Flask, Response, current_app, g, request, session
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user, login_user, logout_user

from app.core import clock
from app.core.actor import ANONYMOUS, Actor
from app.core.db import reading
from app.core.errors import SignInRequired
from app.core.settings import Settings
from app.domain.accounts.services import seen
from app.domain.companies.queries import actor_by_session, actor_by_session_id, actor_by_token
from app.domain.companies.services.tokens import used
from app.web import bearer
from app.web.recorder import after_response

MACHINES = ("/api/v1/", "/graphql")
"""Where these addresses begin."""
GIVES_ACCESS = "/api/v1/auth/"
"""Where programs get something better than what they show: it is not looked at."""
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


class Program(UserMixin):
    """The same of who asks by a bearer token."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor


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


def for_machines() -> bool:
    """Whether this address answers to bearer tokens, and to nothing a browser brings by itself."""
    return request.path.startswith(MACHINES)


def _program() -> Actor | None:
    token = bearer.shown(request.headers.get("Authorization", ""))
    if token is None:
        return None
    session_id = bearer.session_of(token, cast(Settings, current_app.extensions["nexus-settings"]).key, clock.now())
    found = (
        actor_by_session_id(reading(), session_id, clock.now()) if session_id is not None
        else actor_by_token(reading(), token, clock.now())
    )  # fmt: skip
    if found is None:
        raise SignInRequired("This token is not good, or not any more. Get another one.")
    return found


def install(app: Flask) -> None:
    manager.init_app(app)

    @app.before_request
    def _recognise_programs() -> None:
        """A token that is not good is refused even where none is needed: its bearer would miss what is theirs."""
        if for_machines():
            g._login_user = Nobody()
            actor = None if request.path.startswith(GIVES_ACCESS) else _program()
            if actor is not None:
                g._login_user = Program(actor)

    @app.after_request
    def _note_seen(answer: Response) -> Response:
        if "_login_user" not in g or request.endpoint == "static":  # nobody was asked for, or nobody could be
            return answer
        actor, now = current_actor(), clock.now()
        if not actor.is_authenticated or (actor.seen_at is not None and now - actor.seen_at < SEEN_EVERY):
            return answer
        session_id, token_id = actor.session_id, actor.token_id
        if session_id is not None:
            return after_response(answer, lambda writing: seen(writing, session_id, now))
        return after_response(answer, lambda writing: used(writing, token_id, now)) if token_id else answer
