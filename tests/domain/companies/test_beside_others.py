"""A company's team, invitations and merges beside other companies, people who left and people who are out."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actor import Actor, Belonging
from app.core.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from app.domain.accounts.models import User
from app.domain.accounts.services import create_user
from app.domain.companies import directory, queries
from app.domain.companies.models import Company, CompanyRole, Invitation
from app.domain.companies.policies import Permission
from app.domain.companies.services import create_company, invitations, join, membership, merging
from app.domain.companies.services.founding import leave_all, recognise
from app.domain.companies.services.standing import locked
from app.domain.mail.models import OutboxMail
from app.domain.mail.services import owe

OWNER, RECRUITER = CompanyRole.OWNER, CompanyRole.RECRUITER
EDIT = Permission.COMPANIES_TEAM_EDIT
ADMIN = Actor(user_id=None, is_admin=True)


class Town:
    """Northwind (owner Ann, recruiter Cleo, Dan who left) beside Southgate (owner Sue, recruiter Ann)."""

    def __init__(self, session: Session) -> None:
        self.session, self.now = session, clock.now()
        self.north, self.south = (create_company(session, name, self.now) for name in ("Northwind", "Southgate"))
        self.ann, self.cleo, self.dan, self.sue = (self.person(name) for name in ("ann", "cleo", "dan", "sue"))
        self.left = join(session, self.dan, self.north, OWNER, self.now)
        self.left.ended_at = self.now
        self.owner = join(session, self.ann, self.north, OWNER, self.now)
        self.recruiter = join(session, self.cleo, self.north, RECRUITER, self.now)
        join(session, self.sue, self.south, OWNER, self.now)
        join(session, self.ann, self.south, RECRUITER, self.now)

    def person(self, name: str, **facts: Any) -> User:
        user = create_user(self.session, f"{name}@example.org", name.title(), "hash", self.now, verified=True)
        for key, value in facts.items():
            setattr(user, key, value)
        self.session.flush()
        return user

    def actor(self, user: User, *companies: Company, role: str = "owner") -> Actor:
        """The person with these belongings, whatever the rows say by now."""
        held = tuple(Belonging(each.id, each.slug, each.name, role) for each in companies)  # type: ignore[arg-type]
        return Actor(user_id=user.id, name=user.name, email=user.email, memberships=held, how="session")

    def invite(self, company: Company, email: str) -> Invitation:
        return invitations.invite(self.session, company.id, email, "recruiter", Actor(self.ann.id), self.now)


@pytest.fixture
def town(session: Session) -> Town:
    return Town(session)


def test_what_is_not_there_is_not_found(session: Session, town: Town) -> None:
    nowhere = town.south.id + 1000
    owner = town.actor(town.ann, town.north)
    for ask in (
        lambda: queries.by_id(session, nowhere),
        lambda: locked(session, nowhere),
        lambda: directory.person(session, nowhere),
        lambda: membership.member_for(session, nowhere, owner, EDIT),
        lambda: invitations.for_owner(session, nowhere, owner),
        lambda: merging.pair(session, nowhere, town.north.id),
        lambda: merging.pair(session, town.north.id, nowhere),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_team_is_held_by_its_living_members_alone(session: Session, town: Town) -> None:
    read = Permission.COMPANIES_TEAM_READ
    for user, belongs in (
        (town.ann, ()),  # what signs in for her was given nothing
        (town.dan, (town.north,)),  # has left since
        (town.sue, (town.north,)),  # belongs elsewhere
    ):
        actor = town.actor(user, *belongs)
        for hold in (
            lambda actor=actor: membership.hold_team(session, town.north.id, actor, read),
            lambda actor=actor: membership.own_membership(session, town.north.id, actor),
        ):
            with pytest.raises(NotFound):
                hold()
    membership.hold_team(session, town.north.id, town.actor(town.ann, town.north), EDIT)
    with pytest.raises(Forbidden):
        membership.hold_team(session, town.south.id, town.actor(town.ann, town.south), EDIT)


def test_ones_own_membership_is_the_living_one_of_this_company(session: Session, town: Town) -> None:
    again = join(session, town.dan, town.north, RECRUITER, town.now)
    assert membership.own_membership(session, town.north.id, town.actor(town.dan, town.north)) is again
    both = town.actor(town.ann, town.north, town.south)
    assert membership.own_membership(session, town.north.id, both) is town.owner


def test_teams_count_their_own_living_members(session: Session, town: Town) -> None:
    assert queries.team_sizes(session, [town.north.id]) == {town.north.id: 2}
    deserted = create_company(session, "Deserted", town.now)
    join(session, town.dan, deserted, OWNER, town.now).ended_at = town.now
    session.flush()
    employers = directory.people(session, directory.Asked(show=directory.People.EMPLOYERS), None, 10)
    assert {user.name for user in employers} == {"Ann", "Cleo", "Sue"}
    alone = directory.companies(session, directory.Asked(show=directory.Companies.WITHOUT_MEMBERS), None, 10)
    assert alone == [deserted]
    assert {each.company_id for each in directory.memberships(session, town.cleo.id)} == {town.north.id}


def test_suspended_companies_are_those_an_admin_suspended(session: Session, town: Town) -> None:
    out, merged = (create_company(session, name, town.now) for name in ("Outcast", "Absorbed"))
    out.suspended_at = merged.suspended_at = town.now
    merged.merged_into_id = town.north.id
    session.flush()
    asked = directory.Asked(show=directory.Companies.SUSPENDED)
    assert directory.companies(session, asked, None, 10) == [out]


def test_unverified_people_are_those_who_have_still_to_confirm(session: Session, town: Town) -> None:
    waiting = town.person("wendy", email_verified_at=None)
    town.person("gone", email_verified_at=None, closed_at=town.now)
    asked = directory.Asked(show=directory.People.UNVERIFIED)
    assert directory.people(session, asked, None, 10) == [waiting]


@pytest.mark.parametrize("out", ["suspended_at", "closed_at"])
def test_a_company_is_owned_alone_by_its_only_owner_who_can_act(session: Session, town: Town, out: str) -> None:
    west, east = (create_company(session, name, town.now) for name in ("Westend", "Eastend"))
    join(session, town.ann, west, OWNER, town.now).ended_at = town.now
    outside = town.person("eve", **{out: town.now})
    join(session, outside, east, OWNER, town.now)
    join(session, outside, town.north, OWNER, town.now)
    session.flush()
    assert queries.owned_alone(session, town.ann.id) == [town.north]


def test_an_owner_who_left_does_not_keep_a_company(session: Session, town: Town) -> None:
    with pytest.raises(Invalid):
        membership.leave(session, town.owner, town.actor(town.ann, town.north), town.now)


def test_a_member_who_left_or_was_changed_since_is_not_changed_unseen(session: Session, town: Town) -> None:
    owner = town.actor(town.ann, town.north)
    with pytest.raises(Conflict):
        membership.change_role(session, town.left, "reviewer", town.left.version, owner, town.now)
    with pytest.raises(Conflict):
        membership.remove_member(session, town.recruiter, town.recruiter.version + 1, owner, town.now)
    assert town.recruiter.ended_at is None


def test_leaving_everywhere_ends_ones_own_living_memberships(session: Session, town: Town) -> None:
    later = town.now + timedelta(hours=1)
    again = join(session, town.dan, town.north, RECRUITER, town.now)
    leave_all(session, town.dan.id, Actor(town.dan.id), later)
    assert (town.left.ended_at, again.ended_at, town.owner.ended_at) == (town.now, later, None)


def test_nobody_is_a_member_twice_but_may_come_back(session: Session, town: Town) -> None:
    with pytest.raises(Conflict):
        join(session, town.ann, town.north, RECRUITER, town.now)
    assert join(session, town.dan, town.north, RECRUITER, town.now).id != town.left.id


def test_a_company_all_members_left_is_recognised_again(session: Session, town: Town) -> None:
    deserted = create_company(session, "Deserted", town.now)
    join(session, town.dan, deserted, OWNER, town.now).ended_at = town.now
    session.flush()
    found = recognise(session, ["Deserted", "Northwind"], town.now)
    assert found["deserted"] == deserted.id
    assert found["northwind"] != town.north.id, "whose members might be anybody"


def test_whoever_belongs_elsewhere_or_left_can_be_asked_and_joins(session: Session, town: Town) -> None:
    for user in (town.sue, town.dan):
        asked = town.invite(town.north, user.email)
        token = invitations.mint(session, asked, b"key")
        invitations.accept(session, token, town.actor(user), town.now)
    names = {each.user.name for each in queries.team(session, town.north.id)}
    assert names == {"Ann", "Cleo", "Sue", "Dan"}


def test_an_invitation_is_for_somebody_who_is_signed_in(session: Session, town: Town) -> None:
    token = invitations.mint(session, town.invite(town.north, "new@example.org"), b"key")
    with pytest.raises(Forbidden):
        invitations.accept(session, token, Actor(user_id=None), town.now)


def test_a_suspended_company_takes_nobody_in(session: Session, town: Town) -> None:
    token = invitations.mint(session, town.invite(town.north, "new@example.org"), b"key")
    town.north.suspended_at = town.now
    session.flush()
    with pytest.raises(Gone):
        queries.invitation_by_token(session, token, town.now)


def _three(town: Town) -> SimpleNamespace:
    """Northwind's invitations: one open, one accepted, one taken back."""
    open_, accepted, revoked = (town.invite(town.north, f"{name}@example.net") for name in ("a", "b", "c"))
    accepted.accepted_at = revoked.revoked_at = town.now
    town.session.flush()
    return SimpleNamespace(open=open_, accepted=accepted, revoked=revoked)


def test_only_a_companys_own_open_invitations_wait(session: Session, town: Town) -> None:
    asked = _three(town)
    town.invite(town.south, "d@example.net")
    assert queries.invitations_waiting(session, town.north.id) == [asked.open]


def test_an_invitation_that_is_answered_or_changed_is_not_sent_nor_taken_back(session: Session, town: Town) -> None:
    asked, owner, later = _three(town), town.actor(town.ann, town.north), town.now + timedelta(hours=1)
    for invitation, version in (
        (asked.accepted, asked.accepted.version), (asked.revoked, asked.revoked.version),
        (asked.open, asked.open.version + 1),
    ):
        with pytest.raises(Conflict):
            invitations.send_again(session, invitation, version, owner, later)
        assert invitation.times_sent == 1
    with pytest.raises(Conflict):
        invitations.revoke(session, asked.accepted, owner, later)


def test_a_merge_moves_who_is_there_and_ends_what_was_open(session: Session, town: Town) -> None:
    asked, later = _three(town), town.now + timedelta(hours=1)
    theirs = town.invite(town.south, "d@example.net")
    versions = (town.north.version, town.south.version)
    with pytest.raises(Conflict):
        merging.merge(session, town.north, town.south, (99, versions[1]), ADMIN, later, confirmed=True)
    merging.merge(session, town.north, town.south, versions, ADMIN, later, confirmed=True)
    session.expire_all()
    assert (town.left.company_id, town.left.ended_at) == (town.north.id, town.now)
    assert (town.recruiter.company_id, town.owner.ended_at) == (town.south.id, later)
    taken_back = [each.revoked_at for each in (asked.open, asked.accepted, asked.revoked, theirs)]
    assert taken_back == [later, None, town.now, None]


def test_one_key_owes_one_mail(session: Session) -> None:
    first, second = (owe(session, "account-closed", "ada@example.org", "once", clock.now()) for _ in range(2))
    assert first is second
    session.flush()
    assert session.scalar(select(func.count()).select_from(OutboxMail)) == 1
