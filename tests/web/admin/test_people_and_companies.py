"""The admin's tables of people, companies and fields of work: one request acts on one row."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import clock
from app.core.links import Links
from app.domain.accounts.models import User
from app.domain.audit.models import AuditEntry
from app.domain.companies.models import Company, Membership
from app.domain.mail.letters import WRITERS
from app.domain.mail.models import OutboxMail
from app.domain.mail.rendering import draw
from app.domain.postings.models import Category, Posting
from tests.factories import Board
from tests.web.admin.test_postings import HTMX, token


@pytest.fixture
def admin(board: Board) -> FlaskClient:
    """A browser in which an admin is signed in."""
    return board.sign_in(board.user("admin@example.org", name="Priya", is_admin=True).email)


def post(client: FlaskClient, path: str, *, htmx: bool = True, **fields: str) -> Any:
    data = {"version": "1", "csrf_token": token(client)} | fields
    return client.post(path, data=data, headers=HTMX if htmx else {})


def audited(board: Board) -> list[str]:
    with board.reading() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def names(client: FlaskClient, path: str) -> list[str]:
    return re.findall(r'class="primary"[^>]*>\s*<a href="[^"]*">([^<]+)</a>', client.get(path).get_data(as_text=True))


def test_people_are_searched_filtered_and_sorted_by_the_address(board: Board, admin: FlaskClient) -> None:
    board.user(name="Ömer Çelik")
    board.member(board.company("Acme").id, "rita@example.org")
    assert names(admin, "/admin/users?q=ömer") == ["Ömer Çelik"]
    assert names(admin, "/admin/users?q=ÇELIK") == ["Ömer Çelik"]
    assert names(admin, "/admin/users?show=admins") == ["Priya"]
    assert names(admin, "/admin/users?show=employers") == ["Recruiter"]
    assert names(admin, "/admin/users?sort=name")[0] == "Priya"
    assert "not known and was ignored" in admin.get("/admin/users?show=everything").get_data(as_text=True)


@pytest.mark.parametrize("path", ["/admin/users", "/admin/companies"])
@pytest.mark.parametrize("sort", ["newest", "name"])
def test_pages_meet_every_row_once(board: Board, admin: FlaskClient, path: str, sort: str) -> None:
    with board.writing() as session:
        for number in range(45):
            user = session.scalars(select(User).limit(1)).one()
            facts = {"name": f"N{number % 3}", "created_at": user.created_at}
            email = f"n{number}@example.org"
            session.add(User(email=email, email_key=email, password_hash="", **facts))
            session.add(Company(slug=f"n{number}", name_key=f"n{number}", **facts))
    seen: list[str] = []
    address = f"{path}?sort={sort}&q=n"
    for _ in range(3):
        page = admin.get(address).get_data(as_text=True)
        seen += re.findall(r'<tr id="([^"]+)"', page)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        if not more:
            break
        address = more[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) >= 45


def test_a_suspension_asks_why_then_swaps_the_one_row(board: Board, admin: FlaskClient) -> None:
    user = board.user(name="Ada")
    asked = post(admin, f"/admin/users/{user.id}/suspend")
    assert asked.status_code == 422
    assert 'name="reason"' in asked.get_data(as_text=True)
    done = post(admin, f"/admin/users/{user.id}/suspend", reason="Spam.")
    page = done.get_data(as_text=True)
    assert done.status_code == 200
    assert page.lstrip().startswith(f'<tr id="user-{user.id}"')
    assert page.count("<tr") == 1
    again = post(admin, f"/admin/users/{user.id}/suspend", reason="Spam.")
    assert again.status_code == 200
    assert audited(board) == ["user.suspend"]


def test_the_loser_sees_the_winners_row_and_who_it_was(board: Board, admin: FlaskClient) -> None:
    company = board.company("Acme")
    other = board.sign_in(board.user("grace@example.org", name="Grace", is_admin=True).email)
    assert post(other, f"/admin/companies/{company.id}/trust").status_code == 200
    late = post(admin, f"/admin/companies/{company.id}/suspend", reason="No.")
    assert late.status_code == 409
    assert "Grace did: trust." in late.get_data(as_text=True)
    assert 'data-version="2"' in late.get_data(as_text=True)
    assert audited(board) == ["company.trust"]


def test_without_scripts_an_act_leads_back_to_the_view(board: Board, admin: FlaskClient) -> None:
    company = board.company("Acme")
    back = "/admin/companies?show=trusted"
    done = post(admin, f"/admin/companies/{company.id}/trust", htmx=False, next=back)
    assert (done.status_code, done.headers["Location"]) == (303, back)
    asked = post(admin, f"/admin/companies/{company.id}/suspend", htmx=False, version="2")
    assert asked.status_code == 422
    assert "<!doctype html>" in asked.get_data(as_text=True)


def test_a_persons_page_says_where_they_belong_and_ends_it(board: Board, admin: FlaskClient) -> None:
    company = board.company("Acme")
    member = board.member(company.id, "rita@example.org")
    page = admin.get(f"/admin/users/{member.user_id}").get_data(as_text=True)
    assert "Acme" in page
    way = f"/admin/users/{member.user_id}/memberships/{member.id}/end"
    for reason, problem in (("", "Say why, in a sentence."), ("long " * 500, "2,000 characters at the most")):
        refused = post(admin, way, htmx=False, reason=reason)
        assert refused.status_code == 422
        assert problem in refused.get_data(as_text=True) and f">{reason}</textarea>" in refused.get_data(as_text=True)
    for _ in range(2):
        assert post(admin, way, htmx=False, reason="You left the company.").status_code == 303
    assert post(admin, f"/admin/users/999/memberships/{member.id}/end", htmx=False, reason="No").status_code == 404
    with board.reading() as session:
        assert session.get_one(Membership, member.id).ended_at is not None
        (mail,) = session.scalars(select(OutboxMail).where(OutboxMail.template == "company-member-removed"))
        letter = WRITERS[mail.template](session, mail.ids, Links("http://board.example", b"key"), clock.now())
    assert letter is not None and mail.recipient == "rita@example.org"
    text, html = draw(letter, "Nexus", Links("http://board.example", b"key"))
    for body in (text, html):
        assert "An admin of this board removed you from the team of Acme" in body and "You left the company." in body
    assert audited(board) == ["membership.end"]


def test_no_admin_takes_a_companys_last_owner(board: Board, admin: FlaskClient) -> None:
    company = board.company("Acme", owner="olga@example.org")
    with board.reading() as session:
        owner = session.scalars(select(Membership).where(Membership.company_id == company.id)).one()
        way = f"/admin/users/{owner.user_id}/memberships/{owner.id}/end"
    refused = post(admin, way, htmx=False, reason="Fraud.")
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert "A company needs an owner." in page and ">Fraud.</textarea>" in page
    board.member(company.id, "otto@example.org", "owner")
    assert post(admin, way, htmx=False, reason="Fraud.").status_code == 303


def test_a_merge_shows_what_it_means_then_leads_the_old_address_to_the_new(
    board: Board, admin: FlaskClient, client: FlaskClient
) -> None:
    old, new = board.company("Acme Import"), board.company("Acme", owner="owner@example.org")
    posting = board.posting(old.id)
    form = admin.get(f"/admin/companies/{old.id}/merge?into={new.id}").get_data(as_text=True)
    assert "cannot be undone" in form
    fields = {"into": str(new.id), "into_version": "1"}
    path = f"/admin/companies/{old.id}/merge"
    for _ in range(2):
        assert post(admin, path, htmx=False, **fields).headers["Location"] == f"/admin/companies/{new.id}"
    moved = client.get(f"/companies/{old.slug}")
    assert (moved.status_code, moved.headers["Location"]) == (301, f"/companies/{new.slug}")
    listing = client.get(f"/jobs?company={old.slug}&q=engineer")
    assert listing.status_code == 301
    assert f"company={new.slug}" in listing.headers["Location"]
    with board.reading() as session:
        assert session.get_one(Posting, posting.id).company_id == new.id
    assert audited(board) == ["company.merge"]


def test_fields_of_work_are_added_renamed_merged_and_their_old_address_answers(
    board: Board, admin: FlaskClient, client: FlaskClient
) -> None:
    board.posting(category_id=board.category("old-field", "Old field"))
    with board.reading() as session:
        old = session.scalars(select(Category.id).where(Category.slug == "old-field")).one()
    added = post(admin, "/admin/categories", name="New field")
    assert added.status_code == 200
    assert '<div id="categories"' in added.get_data(as_text=True), "markup, not its escaped words"
    with board.reading() as session:
        new = session.scalars(select(Category.id).where(Category.slug == "new-field")).one()
    assert post(admin, f"/admin/categories/{new}/rename", name="", slug="x").status_code == 422
    assert post(admin, f"/admin/categories/{new}/rename", name="Fresh", slug="fresh").status_code == 200
    assert post(admin, f"/admin/categories/{new}/rename", name="Other", slug="other").status_code == 409
    fields = {"into": str(new), "into_version": "2", "slug": "old-field"}
    for _ in range(2):
        assert post(admin, f"/admin/categories/{old}/merge", htmx=False, **fields).status_code == 303
    listing = client.get("/jobs?category=old-field")
    assert (listing.status_code, listing.headers["Location"]) == (301, "/jobs?category=fresh")
    swapped = client.get("/jobs/results?category=old-field", headers=HTMX)
    assert swapped.headers["HX-Push-Url"] == "/jobs?category=fresh"
    assert swapped.get_data(as_text=True).count("data-posting=") == 1
    assert audited(board) == ["category.add", "category.rename", "category.merge"]


def test_the_log_is_filtered_by_its_address_and_exported_without_formulas(board: Board, admin: FlaskClient) -> None:
    user = board.user(name="=HYPERLINK()")
    company = board.company("Acme")
    post(admin, f"/admin/users/{user.id}/suspend", reason="@SUM(1)")
    post(admin, f"/admin/companies/{company.id}/trust")
    everything = admin.get("/admin/audit").get_data(as_text=True)
    assert f'href="/admin/users/{user.id}"' in everything
    only = admin.get(f"/admin/audit?kind=user&subject={user.id}").get_data(as_text=True)
    assert "user: suspend" in only
    assert "company: trust" not in only
    assert "user: suspend" not in admin.get("/admin/audit?until=2001-01-01").get_data(as_text=True)
    assert "Write a day" in admin.get("/admin/audit?since=tomorrow").get_data(as_text=True)
    table = admin.get("/admin/audit.csv?action=user.")
    assert table.mimetype == "text/csv"
    text = table.get_data(as_text=True)
    assert "'@SUM(1)" in text
    assert text.count("\r\n") == 2


def test_a_field_of_work_that_is_not_there_is_not_merged(admin: FlaskClient) -> None:
    assert admin.get("/admin/categories/999999/merge").status_code == 404
