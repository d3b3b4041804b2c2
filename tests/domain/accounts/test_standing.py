"""People before an admin: suspended, restored, made admins. The board never loses its last one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.core.links import Links
from app.domain.accounts.models import User, UserSession
from app.domain.accounts.services.standing import admin_act, locked
from app.domain.audit.models import AuditEntry
from app.domain.mail.letters import WRITERS
from app.domain.mail.models import OutboxMail
from app.domain.mail.rendering import draw
from tests.factories import Board

Act = Callable[..., None]


@pytest.fixture
def act(board: Board) -> Act:
    admin = board.admin()

    def do(user: SimpleNamespace, action: str, version: int, reason: str = "Why.", by: int = 0) -> None:
        actor = Actor(user_id=by or admin.id, is_admin=True, how="session")
        with board.writing() as session:
            admin_act(session, locked(session, user.id), action, version, actor, reason, clock.now())

    return do


def test_suspension_ends_every_session_at_once_and_is_told_once(board: Board, act: Act) -> None:
    user = board.user("ada@example.org")
    client = board.sign_in(user.email)
    assert client.get("/me/applications").status_code == 200
    act(user, "suspend", 1)
    act(user, "suspend", 1)
    assert client.get("/me/applications").status_code == 303
    act(user, "restore", 2)
    assert client.get("/me/applications").status_code == 303, "what was ended stays ended"
    with board.reading() as session:
        assert session.scalar(select(func.count()).where(UserSession.revoked_at.is_(None))) == 0
        owed = select(OutboxMail.template, OutboxMail.recipient).order_by(OutboxMail.id)
        mails = [tuple(row) for row in session.execute(owed)]
        entries = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert mails == [("account_suspend", user.email), ("account_restore", user.email)]
    assert entries == ["user.suspend", "user.restore"]


@pytest.mark.parametrize("action", ["suspend", "unmake-admin"])
def test_nobody_acts_on_themselves_nor_on_the_last_admin(board: Board, action: str) -> None:
    admin = board.admin()
    for actor_id in (admin.id, 999):
        with pytest.raises(Invalid), board.writing() as session:
            actor = Actor(user_id=actor_id, is_admin=True)
            admin_act(session, locked(session, admin.id), action, 1, actor, "Why.", clock.now())
    with board.reading() as session:
        assert session.get_one(User, admin.id).is_admin


def test_two_admins_who_unmake_each_other_leave_one(board: Board, act: Act) -> None:
    with board.writing() as session:
        session.query(User).update({"is_admin": False})
    for _ in range(5):
        pair = [board.admin(), board.admin()]

        def undo(side: int, pair: list[SimpleNamespace] = pair) -> bool:
            try:
                act(pair[side], "unmake-admin", 1, by=pair[1 - side].id)
            except (Invalid, Conflict):
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(undo, (0, 1))) == [False, True]
        with board.writing() as session:
            left = list(session.scalars(select(User).where(User.is_admin)))
            assert len(left) == 1
            left[0].is_admin = False


def test_an_admin_is_made_and_unmade_against_the_version_seen(board: Board, act: Act) -> None:
    user = board.user()
    act(user, "make-admin", 1)
    act(user, "make-admin", 1)
    with pytest.raises(Conflict):
        act(user, "unmake-admin", 1)
    act(user, "unmake-admin", 2)
    with board.reading() as session:
        assert not session.get_one(User, user.id).is_admin


def test_no_suspension_without_a_reason(board: Board, act: Act) -> None:
    with pytest.raises(Invalid) as refused:
        act(board.user(), "suspend", 1, " ")
    assert list(refused.value.fields) == ["reason"]


def test_the_letter_says_why(board: Board, act: Act) -> None:
    act(board.user(), "suspend", 1, "Spam in forms.")
    links = Links("http://board.example", b"key")
    with board.reading() as session:
        ids = session.scalars(select(OutboxMail.ids)).one()
        letter = WRITERS["account_suspend"](session, ids, links, clock.now())
        assert letter is not None
        assert "> Spam in forms." in draw(letter, "Nexus", links)[0]


@pytest.mark.parametrize("action", ["suspend", "make-admin"])
def test_nothing_is_done_to_a_closed_account(board: Board, act: Act, action: str) -> None:
    user = board.user(closed_at=clock.now())
    with pytest.raises(Invalid):
        act(user, action, 2)
    with board.reading() as session:
        assert not session.get_one(User, user.id).is_admin
        assert session.scalar(select(func.count()).select_from(OutboxMail)) == 0
