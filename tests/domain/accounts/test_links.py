"""Mailed links and moving to another address: good once, for whom they were made, while the account lives."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Gone
from app.domain.accounts.models import AccountToken, EmailChange, TokenPurpose, User
from app.domain.accounts.queries import living_token, open_change
from app.domain.accounts.services import ask_to_change, create_user
from app.domain.accounts.services import tokens as links
from app.domain.accounts.services.emails import answer_change, end_changes
from app.domain.accounts.services.passwords import change_password, reset_password
from app.domain.accounts.services.tokens import consume, mint, void
from app.domain.mail.models import OutboxMail

OLD, NEW, RESET = TokenPurpose.CHANGE_EMAIL_OLD, TokenPurpose.CHANGE_EMAIL_NEW, TokenPurpose.RESET_PASSWORD
Make = Callable[[str], User]


@pytest.fixture
def make(session: Session) -> Make:
    return lambda email: create_user(session, email, "Somebody", "hash", clock.now(), verified=True)


def _used(session: Session, token: str) -> datetime | None:
    return session.scalar(select(AccountToken.used_at).where(AccountToken.token_hash == links.token_hash(token)))


def test_of_two_who_press_one_link_at_once_one_is_told_it_is_used(
    session: Session, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, now = make("ada@example.org"), clock.now()
    token = mint(session, user, RESET, user.email, now)

    def overtaken(*asked: object) -> AccountToken | None:
        found = living_token(*asked)  # type: ignore[arg-type]
        other = update(AccountToken).values(used_at=now).execution_options(synchronize_session=False)
        session.execute(other)
        return found

    monkeypatch.setattr(links, "living_token", overtaken)
    with pytest.raises(Gone):
        consume(session, token, (RESET,), now)


def test_making_a_persons_links_worthless_leaves_others_and_what_was_used(session: Session, make: Make) -> None:
    now = clock.now()
    user, stranger = make("ada@example.org"), make("bob@example.org")
    spent, mine = (mint(session, user, RESET, user.email, now) for _ in range(2))
    theirs = mint(session, stranger, RESET, stranger.email, now)
    consume(session, spent, (RESET,), now)
    void(session, user.id, now + timedelta(minutes=1), RESET)
    assert _used(session, theirs) is None
    assert _used(session, spent) == now
    assert _used(session, mine) == now + timedelta(minutes=1)


def test_an_open_change_is_ones_own_unanswered_and_young(session: Session, make: Make) -> None:
    now = clock.now()
    user, stranger = make("ada@example.org"), make("bob@example.org")
    change = ask_to_change(session, user, "ada@example.net", now)
    ask_to_change(session, stranger, "bob@example.net", now)
    assert open_change(session, user.id, now) is change
    assert open_change(session, user.id, now + timedelta(hours=25)) is None
    end_changes(session, user.id, now)
    session.expire_all()
    assert open_change(session, user.id, now) is None
    assert open_change(session, stranger.id, now) is not None


def test_an_address_that_was_never_proved_is_not_asked_whether_another_may_take_its_place(
    session: Session, make: Make
) -> None:
    """It may be mistyped, and then nobody reads it."""
    now = clock.now()
    user = make("ada@exmaple.org")
    user.email_verified_at = None
    change = ask_to_change(session, user, "ada@example.org", now)
    keys = session.scalars(select(OutboxMail.template).order_by(OutboxMail.id)).all()
    assert keys[-1] == "change-email-new" and "change-email-old" not in keys
    answer_change(session, mint(session, user, NEW, change.email, now, change_id=change.id), now, yes=True)
    assert (user.email, user.email_verified_at) == ("ada@example.org", now)


def test_what_ended_keeps_its_moment(session: Session, make: Make) -> None:
    now = clock.now()
    user = make("ada@example.org")
    change = ask_to_change(session, user, "ada@example.net", now)
    end_changes(session, user.id, now)
    end_changes(session, user.id, now + timedelta(hours=1))
    session.expire_all()
    assert change.ended_at == now


@pytest.mark.parametrize("what", ["ended", "suspended", "closed", "without a change"])
def test_an_answer_counts_while_the_wish_and_the_account_stand(session: Session, make: Make, what: str) -> None:
    user, now = make("ada@example.org"), clock.now()
    change: EmailChange | None = ask_to_change(session, user, "ada@example.net", now)
    assert change is not None
    if what == "ended":
        change.ended_at = now
    elif what == "suspended":
        user.suspended_at = now
    elif what == "closed":
        user.closed_at = now
    else:
        change = None
    token = mint(session, user, OLD, user.email, now, change_id=change.id if change else None)
    with pytest.raises(Gone):
        answer_change(session, token, now, yes=True)


def test_an_address_that_became_somebody_elses_is_not_taken(session: Session, make: Make) -> None:
    user, now = make("ada@example.org"), clock.now()
    change = ask_to_change(session, user, "ada@example.net", now)
    make("ada@example.net")
    answer_change(session, mint(session, user, OLD, user.email, now, change_id=change.id), now, yes=True)
    with pytest.raises(Conflict):
        answer_change(session, mint(session, user, NEW, change.email, now, change_id=change.id), now, yes=True)
    assert user.email == "ada@example.org"


@pytest.mark.parametrize("column", ["suspended_at", "closed_at"])
def test_no_new_password_by_a_link_for_an_account_that_is_out(session: Session, make: Make, column: str) -> None:
    user, now = make("ada@example.org"), clock.now()
    token = mint(session, user, RESET, user.email, now)
    setattr(user, column, now)
    with pytest.raises(Gone):
        reset_password(session, token, "another", now)
    assert user.password_hash == "hash"


def test_a_password_changed_meanwhile_is_not_overwritten(session: Session, make: Make) -> None:
    user = make("ada@example.org")
    with pytest.raises(Conflict):
        change_password(session, user, "an older hash", "another", Actor(user.id), clock.now())
    assert user.password_hash == "hash"
