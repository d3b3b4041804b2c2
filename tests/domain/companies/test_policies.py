"""Who may do what at their company: the whole table, written by hand from the documents."""

import pytest

from app.core.actor import ANONYMOUS, Actor, Belonging
from app.core.errors import Forbidden, NotFound
from app.domain.companies.policies import GRANTS, Permission, can, can_somewhere, require

HERE, ELSEWHERE = 7, 8
RIGHTS = {
    "applications:application:export": "owner recruiter",
    "applications:application:move": "owner recruiter",
    "applications:application:rate": "owner recruiter reviewer",
    "applications:application:read": "owner recruiter reviewer",
    "applications:stages:edit": "owner recruiter",
    "companies:company:edit": "owner",
    "companies:team:edit": "owner",
    "companies:team:read": "owner recruiter reviewer",
    "postings:posting:edit": "owner recruiter",
    "postings:posting:read": "owner recruiter reviewer",
    "webhooks:webhook:edit": "owner",
}
"""Right → the roles that have it."""
MEMBERS = [right for right in Permission if not right.for_admins]
ADMINS = [right for right in Permission if right.for_admins]
COMPANY = Permission.COMPANIES_COMPANY_EDIT


def member(role: str, company_id: int = HERE) -> Actor:
    return Actor(user_id=1, memberships=(Belonging(company_id, "here", "Here", role),), how="session")  # type: ignore[arg-type]


def test_every_right_is_in_the_table_and_nothing_else() -> None:
    assert {str(right) for right in MEMBERS} == RIGHTS.keys()
    assert GRANTS.keys() == {"owner", "recruiter", "reviewer"}


@pytest.mark.parametrize("right", MEMBERS)
@pytest.mark.parametrize("role", ["owner", "recruiter", "reviewer"])
def test_each_role_has_these_rights_at_its_own_company(role: str, right: Permission) -> None:
    expected = role in RIGHTS[right].split()
    assert can(member(role), right, HERE) is expected
    assert can_somewhere(member(role), right) is expected
    assert can(member(role), right, ELSEWHERE) is False


@pytest.mark.parametrize("right", list(Permission))
def test_nobody_and_people_without_a_company_have_no_rights(right: Permission) -> None:
    for actor in (ANONYMOUS, Actor(user_id=1, how="session")):
        assert can(actor, right, HERE) is False
        assert can(actor, right, None) is False
        assert can_somewhere(actor, right) is False


@pytest.mark.parametrize("right", list(Permission))
def test_admins_have_the_admins_rights_only(right: Permission) -> None:
    admin = Actor(user_id=1, is_admin=True, how="session")
    assert can(admin, right, HERE) is (right in ADMINS)
    assert can_somewhere(admin, right) is (right in ADMINS)
    assert can(member("owner"), right, HERE) is (right in MEMBERS)


def test_a_stranger_finds_nothing_and_a_colleague_is_refused() -> None:
    require(member("owner"), COMPANY, HERE)
    with pytest.raises(Forbidden):
        require(member("reviewer"), COMPANY, HERE)
    for stranger in (member("owner", ELSEWHERE), ANONYMOUS, Actor(user_id=1, is_admin=True, how="session")):
        with pytest.raises(NotFound):
            require(stranger, COMPANY, HERE)
