"""Members, their roles and the last owner; invitations by mail. On each engine."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.core import clock
from app.core.actor import Actor, Belonging
from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from app.core.links import Links
from app.domain.accounts.models import User
from app.domain.audit.models import AuditEntry
from app.domain.companies.models import CompanyRole, Invitation, Membership
from app.domain.companies.policies import Permission
from app.domain.companies.services import invitations, membership
from app.domain.mail.letters import WRITERS
from app.domain.mail.models import MailStatus, OutboxMail
from tests.factories import Board

EDIT = Permission.COMPANIES_TEAM_EDIT
LINKS = Links("https://board.example", b"a key")


class Team:
    """A company with two owners and a recruiter."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.company = board.company("Northwind")
        self.people = {
            name: board.member(self.company.id, f"{name}@example.org", role)
            for name, role in (("ann", "owner"), ("ben", "owner"), ("cleo", "recruiter"))
        }

    def actor(self, name: str, role: str = "owner") -> Actor:
        here = Belonging(self.company.id, self.company.slug, self.company.name, role)  # type: ignore[arg-type]
        person = self.people[name]
        return Actor(user_id=person.user_id, name=name, email=person.email, memberships=(here,), how="session")

    def role(self, name: str, role: str, by: str, version: int = 1) -> None:
        with self.board.writing() as session:
            member = membership.member_for(session, self.people[name].id, self.actor(by), EDIT)
            membership.change_role(session, member, role, version, self.actor(by), clock.now())

    def remove(self, name: str, by: str, version: int = 1) -> None:
        with self.board.writing() as session:
            member = membership.member_for(session, self.people[name].id, self.actor(by), EDIT)
            membership.remove_member(session, member, version, self.actor(by), clock.now())

    def living(self) -> dict[str, str]:
        with self.board.reading() as session:
            rows = session.execute(
                select(User.email, Membership.role)
                .join(User, User.id == Membership.user_id)
                .where(Membership.company_id == self.company.id, Membership.ended_at.is_(None))
            )
            return {email.split("@")[0]: role.value for email, role in rows}

    def mails(self) -> list[tuple[str, str]]:
        with self.board.reading() as session:
            rows = session.execute(select(OutboxMail.template, OutboxMail.recipient).order_by(OutboxMail.id))
            return [(template, recipient) for template, recipient in rows]

    def invite(self, email: str = "New@Example.org", role: str = "recruiter", now: datetime | None = None) -> int:
        with self.board.writing() as session:
            membership.hold_team(session, self.company.id, self.actor("ann"), EDIT)
            return invitations.invite(
                session, self.company.id, email, role, self.actor("ann"), now or clock.now()
            ).id

    def act(self, invitation_id: int, act: Callable[..., object], *args: object) -> None:
        with self.board.writing() as session:
            act(session, invitations.for_owner(session, invitation_id, self.actor("ann")), *args)

    def mailed(self, invitation_id: int, now: datetime | None = None) -> str:
        """The token in the mail that leaves now."""
        with self.board.writing() as session:
            times = session.get_one(Invitation, invitation_id).times_sent
            ids = {"invitation_id": invitation_id, "times_sent": times}
            letter = WRITERS["company-invitation"](session, ids, LINKS, now or clock.now())
            assert letter is not None
            return str(letter.values["link"]).rsplit("/", 1)[1]

    def accept(self, token: str, person: Actor, now: datetime | None = None) -> None:
        with self.board.writing() as session:
            invitations.accept(session, token, person, now or clock.now())

    def somebody(self, email: str = "new@example.org") -> Actor:
        user = self.board.user(email)
        return Actor(user_id=user.id, name=user.name, email=email, how="session")


@pytest.fixture
def team(board: Board) -> Team:
    return Team(board)


def test_a_role_is_changed_once_told_and_logged(team: Team) -> None:
    team.role("cleo", "reviewer", "ann")
    team.role("cleo", "reviewer", "ann")
    assert team.living()["cleo"] == "reviewer"
    assert team.mails() == [("company-role-changed", "cleo@example.org")]
    with pytest.raises(Conflict):
        team.role("cleo", "owner", "ben", version=1)
    with pytest.raises(Invalid):
        team.role("cleo", "emperor", "ann", version=2)
    with team.board.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "membership.role")).one()
        assert (entry.before, entry.after) == ("recruiter", "reviewer")


def test_only_owners_change_the_team_and_the_right_is_looked_at_behind_the_lock(team: Team) -> None:
    with team.board.writing() as session, pytest.raises(Forbidden):
        membership.member_for(session, team.people["ann"].id, team.actor("cleo", "recruiter"), EDIT)
    stranger = Actor(user_id=99, how="session")
    with team.board.writing() as session, pytest.raises(NotFound):
        membership.member_for(session, team.people["ann"].id, stranger, EDIT)
    team.role("ben", "recruiter", "ann")
    with pytest.raises(Forbidden):  # what the request read of ben says owner still
        team.remove("cleo", "ben")
    team.remove("ben", "ann", version=2)
    with pytest.raises(NotFound):
        team.remove("cleo", "ben")


def test_the_last_owner_stays(team: Team) -> None:
    team.role("ann", "recruiter", "ann")
    with pytest.raises(Invalid, match="needs an owner"):
        team.role("ben", "recruiter", "ben")
    with team.board.writing() as session, pytest.raises(Invalid, match="needs an owner"):
        mine = membership.own_membership(session, team.company.id, team.actor("ben"))
        membership.leave(session, mine, team.actor("ben"), clock.now())
    assert team.living() == {"ann": "recruiter", "ben": "owner", "cleo": "recruiter"}


def test_a_suspended_owner_does_not_count(team: Team) -> None:
    with team.board.writing() as session:
        session.execute(update(User).where(User.email == "ben@example.org").values(suspended_at=clock.now()))
    with pytest.raises(Invalid, match="needs an owner"):
        team.role("ann", "recruiter", "ann")


def test_two_owners_demoting_each_other_leave_one(team: Team) -> None:
    """One of the two comes second and is refused: their right is gone, or they are the last owner."""
    app, start = team.board.app, threading.Barrier(2)
    ended: list[str] = []

    def demote(whom: str, by: str) -> None:
        with app.app_context():
            actor, member_id = team.actor(by), team.people[whom].id
            start.wait()
            try:
                with transaction() as session:
                    member = membership.member_for(session, member_id, actor, EDIT)
                    membership.change_role(session, member, "recruiter", 1, actor, clock.now())
                ended.append("done")
            except (Forbidden, Invalid, Conflict):
                ended.append("refused")

    for _ in range(5):
        ended.clear()
        threads = [threading.Thread(target=demote, args=pair) for pair in (("ann", "ben"), ("ben", "ann"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(ended) == ["done", "refused"]
        assert sorted(team.living().values()) == ["owner", "recruiter", "recruiter"]
        with team.board.writing() as session:
            session.execute(
                update(Membership)
                .where(Membership.id.in_([team.people["ann"].id, team.people["ben"].id]))
                .values(role=CompanyRole.OWNER, version=1)
            )


def test_a_removed_member_is_told_and_a_second_click_changes_nothing(team: Team) -> None:
    team.remove("cleo", "ann")
    team.remove("cleo", "ann")
    assert "cleo" not in team.living()
    assert team.mails() == [("company-member-removed", "cleo@example.org")]
    with pytest.raises(Invalid, match="yourself"):
        team.remove("ann", "ann")


def test_an_invitation_holds_no_token_until_its_mail_leaves(team: Team) -> None:
    asked = team.invite()
    assert team.invite() == asked, "asked twice it is one"
    assert team.mails() == [("company-invitation", "New@example.org")]
    with team.board.reading() as session:
        assert session.get_one(Invitation, asked).token_hash is None
    token = team.mailed(asked)
    assert team.mailed(asked) == token, "a mail tried again carries the same link"
    with team.board.reading() as session:
        kept = session.get_one(Invitation, asked).token_hash
        assert kept and token not in kept and len(token) >= 43


def test_an_invitation_is_accepted_once_by_whom_it_was_mailed_to(team: Team) -> None:
    token = team.mailed(team.invite())
    with pytest.raises(Forbidden):
        team.accept(token, team.somebody("other@example.org"))
    new = team.somebody()
    team.accept(token, new)
    team.accept(token, new)
    assert team.living()["new"] == "recruiter"
    with team.board.reading() as session:
        assert session.get_one(User, new.user_id).email_verified_at is not None
        assert len(session.scalars(select(Membership).where(Membership.user_id == new.user_id)).all()) == 1
    with pytest.raises(NotFound):
        team.accept("x" * 43, new)


def test_a_look_alike_of_the_invited_address_is_not_the_invited_one(team: Team) -> None:
    token = team.mailed(team.invite("new@straße.example"))
    with pytest.raises(Forbidden):
        team.accept(token, team.somebody("new@strasse.example"))


def test_a_removed_member_cannot_use_the_old_link_again(team: Team) -> None:
    token, new = team.mailed(team.invite()), team.somebody()
    team.accept(token, new)
    with team.board.writing() as session:
        session.execute(update(Membership).where(Membership.user_id == new.user_id).values(ended_at=clock.now()))
    team.accept(token, new)
    assert "new" not in team.living()


def test_an_invitation_ends_after_seven_days_or_when_taken_back(team: Team) -> None:
    now = clock.now()
    asked = team.invite(now=now)
    token, new = team.mailed(asked), team.somebody()
    with pytest.raises(Gone):
        team.accept(token, new, now + timedelta(days=7))
    team.act(asked, invitations.revoke, team.actor("ann"), now)
    team.act(asked, invitations.revoke, team.actor("ann"), now)
    with pytest.raises(Gone):
        team.accept(token, new)
    assert "new" not in team.living()
    with team.board.reading() as session:
        assert session.scalars(select(OutboxMail.status)).one() is MailStatus.CANCELLED


def test_sending_again_is_limited_and_kills_the_older_link(team: Team) -> None:
    now = clock.now()
    asked = team.invite(now=now)
    first = team.mailed(asked)
    with pytest.raises(Invalid, match="a moment ago"):
        team.act(asked, invitations.send_again, _version(team, asked), team.actor("ann"), now)
    for number in range(1, invitations.MOST_SENT):
        later = now + number * invitations.PAUSE
        team.act(asked, invitations.send_again, _version(team, asked), team.actor("ann"), later)
        team.mailed(asked)
    later = now + 10 * invitations.PAUSE
    with pytest.raises(Invalid, match="5 times"):
        team.act(asked, invitations.send_again, _version(team, asked), team.actor("ann"), later)
    with pytest.raises(NotFound):
        team.accept(first, team.somebody())


def _version(team: Team, invitation_id: int) -> int:
    with team.board.reading() as session:
        return session.get_one(Invitation, invitation_id).version


def test_members_are_not_asked_nor_a_person_for_two_roles(team: Team) -> None:
    with pytest.raises(Invalid, match="on the team"):
        team.invite("CLEO@example.org")
    team.invite()
    with pytest.raises(Invalid, match="asked already"):
        team.invite(role="owner")


def test_what_is_over_is_not_mailed(team: Team) -> None:
    asked = team.invite()
    team.act(asked, invitations.revoke, team.actor("ann"), clock.now())
    with team.board.writing() as session:
        ids = {"invitation_id": asked, "times_sent": 1}
        assert WRITERS["company-invitation"](session, ids, LINKS, clock.now()) is None
        ids = {"membership_id": team.people["cleo"].id, "role": "owner"}
        assert WRITERS["company-role-changed"](session, ids, LINKS, clock.now()) is None
        assert WRITERS["company-member-removed"](session, ids, LINKS, clock.now()) is None
