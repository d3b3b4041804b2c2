"""Who is signed in, who may, who is counted: each beside people it must not touch."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Invalid, NotFound
from app.domain.accounts.identity import token_hash
from app.domain.accounts.models import FailedAttempts, User, UserSession
from app.domain.accounts.notices import Frequency, Notice, choices, choose
from app.domain.accounts.queries import admins, living_sessions, own, session_by_token, stored_hash
from app.domain.accounts.services import attempts, create_user
from app.domain.accounts.services.closing import close_account
from app.domain.accounts.services.sessions import SESSION_LIFE, close_session, open_session, revoke_sessions
from app.domain.accounts.services.standing import locked


def _make(session: Session, email: str, **facts: object) -> User:
    user = create_user(session, email, "Somebody", "hash", clock.now(), verified=True)
    for name, value in facts.items():
        setattr(user, name, value)
    session.flush()
    return user


def _open(session: Session, user: User) -> UserSession:
    token = open_session(session, user.email, "A browser", clock.now())
    return session.scalars(select(UserSession).where(UserSession.token_hash == token_hash(token))).one()


def test_a_session_ends_with_its_time_and_with_the_account(session: Session) -> None:
    now, user = clock.now(), _make(session, "ada@example.org")
    token = open_session(session, user.email, "A browser", now)
    assert session_by_token(session, token, now) is not None
    assert session_by_token(session, token, now + SESSION_LIFE) is None
    user.closed_at = now
    session.flush()
    assert session_by_token(session, token, now) is None


def test_only_what_still_lives_is_listed(session: Session) -> None:
    now, user = clock.now(), _make(session, "ada@example.org")
    living, ended = _open(session, user), _open(session, user)
    close_session(session, ended.id, now)
    assert living_sessions(session, user.id, now, 10) == [living]
    assert living_sessions(session, user.id, living.expires_at, 10) == []


def test_ending_sessions_leaves_others_and_what_had_ended(session: Session) -> None:
    now = clock.now()
    user, stranger = _make(session, "ada@example.org"), _make(session, "bob@example.org")
    first, second, theirs = _open(session, user), _open(session, user), _open(session, stranger)
    close_session(session, first.id, now)
    close_session(session, first.id, now + timedelta(hours=1))
    revoke_sessions(session, user.id, now + timedelta(hours=2))
    session.expire_all()
    assert (first.revoked_at, second.revoked_at, theirs.revoked_at) == (now, now + timedelta(hours=2), None)


def test_nobody_is_found_who_is_not_there_or_has_left(session: Session) -> None:
    closed = _make(session, "ada@example.org", closed_at=clock.now())
    for number in (closed.id, closed.id + 1000, None):
        with pytest.raises(NotFound):
            own(session, number)
    with pytest.raises(NotFound):
        locked(session, closed.id + 1000)
    assert stored_hash(session, "ada@example.org") is None


@pytest.mark.parametrize("column", ["suspended_at", "closed_at"])
def test_admins_who_are_out_neither_count_nor_keep_the_board(session: Session, column: str) -> None:
    last = _make(session, "admin@example.org", is_admin=True)
    _make(session, "out@example.org", is_admin=True, **{column: clock.now()})
    assert admins(session) == (1, 1)
    with pytest.raises(Invalid):
        close_account(session, last, Actor(last.id, is_admin=True), clock.now())


def test_what_one_chose_to_hear_is_theirs(session: Session) -> None:
    user, other = _make(session, "ada@example.org"), _make(session, "bob@example.org")
    choose(session, other.id, Notice.NEW_APPLICANT, Frequency.OFF)
    assert choices(session, user.id)[Notice.NEW_APPLICANT] is Frequency.INSTANT


def test_two_first_wrong_guesses_at_once_are_both_counted(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, overtaken = attempts._count, []

    def late(session: Session, mine: str, now: object) -> bool:
        """The first look comes just before somebody else's row."""
        if not overtaken:
            overtaken.append(mine)
            session.add(FailedAttempts(address_hash=mine, failures=1, last_at=now))
            session.flush()
            return False
        return real(session, mine, now)  # type: ignore[arg-type]

    monkeypatch.setattr(attempts, "_count", late)
    attempts.failed(session, "ada@example.org", clock.now())
    assert session.scalars(select(FailedAttempts.failures)).one() == 2
