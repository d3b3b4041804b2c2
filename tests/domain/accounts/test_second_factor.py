"""A second factor is one person's: beside somebody else's it neither helps nor is touched."""

from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.domain.accounts.models import SecondFactor, User
from app.domain.accounts.queries import codes_left
from app.domain.accounts.services import create_user, second_factor

STEP = timedelta(seconds=second_factor.STEP)


class Pair:
    """Two people with a second factor each; the stranger had theirs first."""

    def __init__(self, session: Session) -> None:
        self.session, self.now = session, clock.now()
        self.stranger, self.theirs, self.their_codes = self._enrolled("bob@example.org")
        self.user, self.secret, self.codes = self._enrolled("ada@example.org")

    def _enrolled(self, email: str) -> tuple[User, str, list[str]]:
        user = create_user(self.session, email, "Somebody", "hash", self.now, verified=True)
        secret = second_factor.new_secret()
        return user, secret, second_factor.enrol(
            self.session, user, secret, pyotp.TOTP(secret).at(self.now), Actor(user.id), self.now
        )

    def last_step(self, user: User) -> int | None:
        self.session.expire_all()
        return self.session.scalar(select(SecondFactor.last_step).where(SecondFactor.user_id == user.id))


@pytest.fixture
def pair(session: Session) -> Pair:
    return Pair(session)


def _code(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


def test_a_code_of_the_app_is_its_owners(session: Session, pair: Pair) -> None:
    then = pair.now + STEP
    before = pair.last_step(pair.stranger)
    with pytest.raises(Invalid):
        second_factor.use(session, pair.user.id, _code(pair.theirs, then), then)
    second_factor.use(session, pair.user.id, _code(pair.secret, then), then)
    assert pair.last_step(pair.stranger) == before
    with pytest.raises(Invalid):
        second_factor.use(session, pair.user.id, _code(pair.secret, then), then)
    second_factor.use(session, pair.stranger.id, _code(pair.theirs, then), then)


def test_a_recovery_code_is_its_owners(session: Session, pair: Pair) -> None:
    with pytest.raises(Invalid):
        second_factor.use(session, pair.user.id, pair.their_codes[0], pair.now)
    assert (codes_left(session, pair.user.id), codes_left(session, pair.stranger.id)) == (10, 10)
    second_factor.use(session, pair.user.id, pair.codes[0], pair.now)
    assert (codes_left(session, pair.user.id), codes_left(session, pair.stranger.id)) == (9, 10)


def test_new_codes_and_turning_it_off_leave_everybody_elses(session: Session, pair: Pair) -> None:
    second_factor.renew_codes(session, pair.user, pair.codes[0], Actor(pair.user.id), pair.now)
    assert codes_left(session, pair.stranger.id) == 10
    code = second_factor.new_codes(session, pair.user, pair.now)[0]
    second_factor.remove(session, pair.user, code, Actor(pair.user.id), pair.now)
    assert (codes_left(session, pair.user.id), codes_left(session, pair.stranger.id)) == (0, 10)
    assert pair.last_step(pair.user) is None
    assert pair.last_step(pair.stranger) is not None


def test_it_is_turned_on_once(session: Session, pair: Pair) -> None:
    other = second_factor.new_secret()
    with pytest.raises(Conflict):
        second_factor.enrol(session, pair.user, other, _code(other, pair.now), Actor(pair.user.id), pair.now)
