"""What every template and view can reach: settings, the actor, the demo's roles, filters."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from babel.dates import format_date, format_timedelta
from flask import Flask, current_app, g

from app.core import clock
from app.core.db import NoSchema, Session, Unavailable, is_writing, let_go, reading
from app.core.links import Links
from app.core.redis import Lifeline
from app.core.settings import Settings
from app.domain.accounts.demo import SIGN_INS
from app.domain.board.queries import Board, from_environment, standing
from app.domain.search import changes
from app.web.people import current_actor, forget_actor

_EXACT = (
    (timedelta(minutes=1), timedelta(seconds=1)), (timedelta(hours=3), timedelta(minutes=1)),
    (timedelta(days=3), timedelta(hours=1)), (timedelta.max, timedelta(days=1)),
)  # fmt: skip
"""Below which age how exact it is, so that the same few are put in words."""


def settings() -> Settings:
    """The settings this application was made with."""
    return cast(Settings, current_app.extensions["nexus-settings"])


def redis() -> Lifeline | None:
    """The way to Redis, where the settings name one."""
    return cast("Lifeline | None", current_app.extensions["nexus-redis"])


def board() -> Board:
    """The board as it stands; as the environment says while the database is away."""
    if "board" not in g:
        try:
            g.board = _standing(reading())
        except (Unavailable, NoSchema):
            let_go()
            return from_environment(settings())
    return cast(Board, g.board)


def _standing(session: Session) -> Board:
    """Read once for each stand of the log of changes: where that stands is asked for the listing's sake anyway."""
    if is_writing():
        return standing(session, settings())  # what is not committed is not kept
    stand = changes.stand(session)
    at, kept = current_app.extensions.get("nexus-board", (None, None))
    if kept is None or at != stand or not stand.version:
        kept = standing(session, settings())
        current_app.extensions["nexus-board"] = stand, kept
    return cast(Board, kept)


def stand_alone() -> None:
    """Draw the rest of this request without the database: as the environment says, for nobody in particular."""
    let_go()
    g.board = from_environment(settings())
    forget_actor()


def links() -> Links:
    """Builds the board's addresses, whole and signed."""
    return Links(settings().base_url, settings().key)


def demo_roles() -> tuple[tuple[str, str], ...]:
    """The demo's people, where one may sign in as them by one click: development on this machine only."""
    if settings().nexus_env != "development":
        return ()
    return tuple((person.email.split("@")[0].title(), person.email) for person in SIGN_INS)


def ago(then: datetime, now: datetime | None = None) -> str:
    """How long ago, in words: "3 days ago"."""
    length = then - (now or clock.now())
    size = abs(length)
    unit = next(unit for most, unit in _EXACT if size < most)
    return _ago(round(length / unit) * unit)


@lru_cache(maxsize=4096)
def _ago(length: timedelta) -> str:
    return format_timedelta(length, add_direction=True, locale="en")


def install(app: Flask, given: Settings) -> None:
    app.extensions["nexus-settings"] = given
    app.extensions["nexus-redis"] = Lifeline(given.redis_url) if given.redis_url else None
    app.jinja_env.filters["ago"] = ago
    app.jinja_env.filters["lasting"] = lambda length: format_timedelta(length, locale="en")
    app.jinja_env.filters["iso"] = lambda moment: moment.isoformat(timespec="seconds")
    app.jinja_env.filters["date"] = lambda moment: format_date(moment, "d MMM y", locale="en")

    @app.teardown_appcontext
    def _leave(error: BaseException | None) -> None:
        """Before the session is put away: an answer that is ready is not lost with the database."""
        let_go()

    @app.context_processor
    def _everywhere() -> dict[str, Any]:
        here = board()
        return {
            "site_name": here.site_name, "legal_pages": here.legal, "actor": current_actor(),
            "demo_roles": demo_roles(),
        }
