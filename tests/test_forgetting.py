"""What lets nobody in any more is forgotten in the background, and nothing that does."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import worker as work
from app.core import clock
from app.domain.accounts.identity import token_hash
from app.domain.accounts.models import IdempotencyKey, RefreshToken, User, UserSession
from app.domain.accounts.services import SESSION_LIFE, close_session, open_session, repeating, sweeping
from app.domain.accounts.services.refreshing import issue, renew
from app.domain.accounts.services.repeating import once
from app.domain.companies.models import ApiToken
from app.domain.companies.queries import actor_by_session
from app.domain.companies.services import tokens
from tests.factories import Board

MOMENT = timedelta(seconds=1)
PIECE = next(piece for piece in work.DUE if piece.name == "forget ended access")


def swept(app: Flask, at: datetime) -> dict[str, int]:
    with app.app_context():
        return dict(work.work(PIECE, work.Shift(app.extensions["nexus-settings"], now=lambda: at)))


def left(board: Board, column: Any) -> list[Any]:
    with board.reading() as session:
        return list(session.scalars(select(column).order_by(column)))


@pytest.fixture
def email(board: Board) -> str:
    return str(board.user().email)


def test_it_is_done_once_an_hour() -> None:
    assert PIECE.hourly


def test_sessions_that_ended_are_forgotten_with_what_renewed_them(app: Flask, board: Board, email: str) -> None:
    now = clock.now()
    with board.writing() as session:
        for agent in ("ended", "ended lately", "over", "living"):
            begun = now - SESSION_LIFE - sweeping.KEPT if agent == "over" else now - timedelta(days=10)
            shown = token_hash(open_session(session, email, agent, begun))
            opened = session.scalars(select(UserSession).where(UserSession.token_hash == shown)).one()
            issue(session, opened.id, begun)
            if agent.startswith("ended"):
                ago = sweeping.KEPT - (MOMENT if agent == "ended lately" else timedelta())
                close_session(session, opened.id, now - ago)
    assert swept(app, now) == {"sessions": 2}
    assert left(board, UserSession.user_agent) == ["ended lately", "living"]
    assert len(left(board, RefreshToken.id)) == 2
    assert swept(app, now) == {}


def test_a_used_refresh_token_is_known_long_enough_to_tell_a_thief(app: Flask, board: Board, email: str) -> None:
    now = clock.now()
    with board.writing() as session:
        actor = actor_by_session(session, open_session(session, email, "", now), now)
        assert actor
        assert actor.session_id
        first = issue(session, actor.session_id, now)
        renewed = renew(session, first, now)
        assert renewed
    assert swept(app, now + sweeping.KEPT - MOMENT) == {}
    assert swept(app, now + sweeping.KEPT) == {"refresh tokens": 1}
    assert left(board, RefreshToken.token_hash) == [token_hash(renewed.token)]
    with board.writing() as session:
        assert renew(session, first, now + sweeping.KEPT) is None
        assert renew(session, renewed.token, now + sweeping.KEPT), "its session goes on"


def test_tokens_and_keys_that_mean_nothing_are_forgotten(app: Flask, board: Board, email: str) -> None:
    now = clock.now()
    with board.writing() as session:
        actor = actor_by_session(session, open_session(session, email, "", now), now)
        assert actor
        made = {
            name: tokens.create_token(session, name, ["account"], None, days, name, actor, now).id
            for name, days in (("over", 1), ("revoked", 90), ("living", 90))
        }
        tokens.revoke_token(session, made["revoked"], actor, now + timedelta(days=1))
        user_id = session.scalars(select(User.id)).one()
        once(session, user_id, "make", "key", "body", lambda: 1, now)
    assert swept(app, now + repeating.KEPT - MOMENT) == {}
    assert swept(app, now + repeating.KEPT) == {"keys": 1}
    assert left(board, IdempotencyKey.id) == []
    end = now + timedelta(days=1) + tokens.KEPT
    assert swept(app, end - MOMENT).get("tokens") is None
    assert swept(app, end)["tokens"] == 2
    assert left(board, ApiToken.name) == ["living"]


def test_more_than_fits_one_transaction_is_forgotten_too(
    app: Flask, board: Board, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    monkeypatch.setattr(work, "BATCH", 2)
    with board.writing() as session:
        user_id = session.scalars(select(User.id)).one()
        for key in "abcde":
            once(session, user_id, "make", key, "body", lambda: 1, now)
    assert swept(app, now + repeating.KEPT) == {"keys": 5}
