"""The employer's desk: what waits, the table of postings, the editor, the company page, the team."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import clock, db
from app.domain.companies.models import Company, Membership
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services import facts
from tests.factories import Board
from tests.web.test_postings import HTMX, _queries

FORM = {
    "title": "Baker", "description": "We **bake**.", "category": "engineering", "type": "full_time",
    "workplace": "on_site", "places": "Berlin, Germany\nParis", "remote_countries": "", "salary_min": "40,000",
    "salary_max": "50000", "salary_currency": "EUR", "salary_period": "year", "experience": "", "openings": "2",
    "question_1": "Why?", "required_1": "1",
}  # fmt: skip


class Firm:
    """A company with its people, each in a browser, and one public posting."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.company = board.company("Northwind", owner="owner@example.org")
        for role in ("recruiter", "reviewer"):
            board.member(self.company.id, f"{role}@example.org", role)
        board.company("Rival", owner="rival@example.org")
        self.seeker = board.user().email
        self.made = board.posting(self.company.id)

    def browser(self, role: str) -> FlaskClient:
        return self.board.sign_in(self.seeker if role == "seeker" else f"{role}@example.org")

    def post(self, client: FlaskClient, path: str, data: dict[str, Any], **more: Any) -> Any:
        page = client.get("/employer/postings/new" if more.pop("editor", True) else "/").get_data(as_text=True)
        token = re.search(r'"X-CSRFToken": "([^"]+)"', page)
        assert token
        return client.post(path, data=data | {"csrf_token": token[1]}, **more)

    def stored(self, posting_id: int | None = None) -> Posting:
        with self.board.reading() as session:
            posting = session.get_one(Posting, posting_id or self.made.id)
            session.expunge(posting)
            return posting


@pytest.fixture
def firm(board: Board) -> Firm:
    return Firm(board)


READ = ["/employer", "/employer/postings", "/employer/company", "/employer/team"]


def test_everybody_sees_what_is_theirs(firm: Firm, client: FlaskClient) -> None:
    editor = f"/employer/postings/{firm.made.id}"
    for role, lists, new, one in (
        ("owner", 200, 200, 200), ("recruiter", 200, 200, 200), ("reviewer", 200, 403, 403), ("rival", 200, 200, 404),
        ("seeker", 403, 403, 404),
    ):  # fmt: skip
        browser = firm.browser(role)
        assert {browser.get(path).status_code for path in READ} == {lists}, role
        assert browser.get("/employer/postings/new").status_code == new, role
        assert browser.get(editor).status_code == one, role
        assert browser.get("/employer/postings/999999").status_code == 404
        assert browser.get(f"/employer/postings/{10**23}").status_code == 404
        for act in ("", "/move", "/repost"):
            answer = firm.post(browser, editor + act, FORM | {"version": "1", "to": "x"}, editor=False)
            assert answer.status_code == {200: answer.status_code}.get(one, one), (role, act)
    for path in [*READ, "/employer/postings/new", editor]:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={path}")
        assert client.delete(path).status_code == 405
    assert firm.stored().version == firm.made.version


def test_a_strangers_company_cannot_be_chosen(firm: Firm) -> None:
    browser = firm.browser("owner")
    for path in [*READ, "/employer/postings/new"]:
        assert browser.get(f"{path}?company=rival").status_code == 404
        assert browser.get(f"{path}?company=northwind").status_code == 200
    answer = firm.post(browser, "/employer/postings/new", FORM | {"company": "rival"})
    assert answer.status_code == 404


def test_a_member_of_two_companies_chooses(firm: Firm) -> None:
    other = firm.board.company("Second")
    firm.board.member(other.id, "owner@example.org", "reviewer")
    browser = firm.browser("owner")
    assert "Backend Engineer" in browser.get("/employer/postings").get_data(as_text=True)
    second = browser.get("/employer/postings?company=second").get_data(as_text=True)
    assert "Backend Engineer" not in second and "No posting yet" in second
    assert browser.get("/employer/postings/new?company=second").status_code == 403


def test_a_removed_recruiter_is_out_at_once(firm: Firm) -> None:
    browser = firm.browser("recruiter")
    with firm.board.writing() as session:
        for membership in session.scalars(select(Membership).where(Membership.role == "recruiter")):
            membership.ended_at = clock.now()
    assert browser.get("/employer/postings").status_code == 403
    assert browser.get(f"/employer/postings/{firm.made.id}").status_code == 404


def test_a_posting_is_written_saved_and_handed_in(firm: Firm) -> None:
    browser = firm.browser("recruiter")
    made = firm.post(browser, "/employer/postings/new", FORM | {"description": "", "then": "save"})
    assert made.status_code == 303
    path = made.headers["Location"]
    page = browser.get(path).get_data(as_text=True)
    assert "Berlin, Germany\nParis, France" in page and 'value="40000"' in page and 'value="Why?"' in page
    posting_id = int(path.rsplit("/", 1)[1])
    refused = firm.post(browser, path, FORM | {
        "description": "", "version": str(firm.stored(posting_id).version), "then": "submit", "title": "Master baker",
    })  # fmt: skip
    text = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Say what the work is." in text and 'value="Master baker"' in text
    assert firm.stored(posting_id).title == "Baker"
    done = firm.post(browser, path, FORM | {"version": str(firm.stored(posting_id).version), "then": "submit"})
    assert done.status_code == 303
    assert firm.stored(posting_id).status is PostingStatus.PENDING
    assert "With the board" in browser.get("/employer").get_data(as_text=True)


def test_what_cannot_be_taken_stands_beside_its_field_with_everything_typed(firm: Firm) -> None:
    answer = firm.post(firm.browser("owner"), "/employer/postings/new", FORM | {"places": "Nowhereland"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="places-error"' in page and "Nowhereland" in page
    assert 'value="40,000"' in page and "We **bake**." in page


def test_two_recruiters_never_overwrite_each_other(firm: Firm) -> None:
    path, old = f"/employer/postings/{firm.made.id}", str(firm.made.version)
    first, second = firm.browser("owner"), firm.browser("recruiter")
    assert firm.post(first, path, FORM | {"version": old, "title": "Theirs"}).status_code == 303
    late = firm.post(second, path, FORM | {"version": old, "title": "Mine", "description": "My words."})
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert 'value="Theirs"' in page and 'value="Mine"' not in page
    assert "Last: " in page and "My words." in page and f'value="{firm.stored().version}"' in page
    assert firm.stored().title == "Theirs"
    moved = firm.post(second, f"{path}/move", {"version": old, "to": "closed"})
    assert (moved.status_code, firm.stored().status) == (409, PostingStatus.PENDING)
    row = firm.post(second, f"{path}/move", {"version": old, "to": "closed"}, headers=HTMX)
    assert row.status_code == 409 and f'data-posting="{firm.made.id}"' in row.get_data(as_text=True)


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "1.5"])
def test_a_form_without_its_version_is_refused(firm: Firm, version: str) -> None:
    browser, path = firm.browser("owner"), f"/employer/postings/{firm.made.id}"
    assert firm.post(browser, path, FORM | {"version": version}).status_code == 422
    assert firm.post(browser, f"{path}/move", {"version": version, "to": "closed"}).status_code == 422
    assert firm.stored().version == firm.made.version


def test_a_posting_is_moved_from_the_table(firm: Firm) -> None:
    browser, path = firm.browser("recruiter"), f"/employer/postings/{firm.made.id}/move"
    table = browser.get("/employer/postings").get_data(as_text=True)
    assert re.findall(r'name="to" value="(\w+)"', table) == ["paused", "filled", "closed"]
    row = firm.post(browser, path, {"version": str(firm.made.version), "to": "paused"}, headers=HTMX)
    assert row.status_code == 200
    assert row.get_data(as_text=True).lstrip().startswith("<tr") and "Paused" in row.get_data(as_text=True)
    for to, expected in (("paused", 422), ("removed", 422), ("nonsense", 422), ("closed", 303)):
        version = str(firm.stored().version)
        answer = firm.post(browser, path, {"version": version, "to": to, "next": "/employer/postings"})
        assert answer.status_code == expected, to
    assert firm.stored().status is PostingStatus.CLOSED
    again = firm.post(browser, f"/employer/postings/{firm.made.id}/repost", {})
    assert again.status_code == 303 and browser.get(again.headers["Location"]).status_code == 200


def test_the_table_meets_every_posting_once_and_costs_the_same(firm: Firm, monkeypatch: Any) -> None:
    browser = firm.browser("owner")
    before = _queries(browser, "/employer/postings"), _queries(browser, "/employer")
    made = {firm.made.id, *(firm.board.posting(firm.company.id).id for _ in range(5))}
    assert (_queries(browser, "/employer/postings"), _queries(browser, "/employer")) == before
    monkeypatch.setattr("app.web.desk.postings.PAGE", 2)
    met: list[str] = []
    path = "/employer/postings?company=northwind"
    while path:
        page = browser.get(path).get_data(as_text=True)
        met += re.findall(r'data-posting="(\d+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert sorted(met, key=int) == [str(posting_id) for posting_id in sorted(made)]
    assert browser.get("/employer/postings?after=tampered").status_code == 400


def test_the_preview_is_what_readers_will_see(firm: Firm) -> None:
    answer = firm.post(
        firm.browser("owner"), "/employer/postings/preview", {"description": "**Bread** <script>x</script>"}
    )
    page = answer.get_data(as_text=True)
    assert "<strong>Bread</strong>" in page and "<script>" not in page and "<html" not in page


def test_home_names_what_was_sent_back_and_why(firm: Firm) -> None:
    firm.board.posting(
        firm.company.id, live=False, status=PostingStatus.CHANGES_REQUESTED, title="Sent back", reason="State the pay."
    )
    page = firm.browser("reviewer").get("/employer").get_data(as_text=True)
    assert "Sent back" in page and "State the pay." in page
    assert "Nothing waits on you" in firm.browser("rival").get("/employer").get_data(as_text=True)


def test_only_owners_change_the_company_page(firm: Firm) -> None:
    facts = {"name": "Northwind Energy", "website": "https://northwind.example", "description": "We **blow**.",
             "version": "1"}  # fmt: skip
    assert firm.post(firm.browser("recruiter"), "/employer/company", facts).status_code == 403
    owner = firm.browser("owner")
    assert firm.post(owner, "/employer/company", facts).status_code == 303
    stale = firm.post(owner, "/employer/company", facts | {"name": "Stale"})
    assert stale.status_code == 409 and 'value="Northwind Energy"' in stale.get_data(as_text=True)
    page = firm.board.app.test_client().get("/companies/northwind").get_data(as_text=True)
    assert "Northwind Energy" in page and "We <strong>blow</strong>." in page


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": " "}, "name"), ({"name": "x" * 161}, "name"), ({"website": "javascript:1"}, "website"),
     ({"website": "https://"}, "website"), ({"website": "https://[x"}, "website"),
     ({"description": "x" * 10_001}, "description")],
)  # fmt: skip
def test_a_company_page_that_cannot_be_is_refused(firm: Firm, change: dict[str, str], field: str) -> None:
    facts = {"name": "Northwind", "website": "", "description": "", "version": "1"} | change
    answer = firm.post(firm.browser("owner"), "/employer/company", facts)
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.get_data(as_text=True)
    with firm.board.reading() as session:
        assert session.get_one(Company, firm.company.id).version == 1


def test_the_team_is_listed_with_its_roles(firm: Firm) -> None:
    page = firm.browser("reviewer").get("/employer/team").get_data(as_text=True)
    for email in ("owner@example.org", "recruiter@example.org", "reviewer@example.org"):
        assert email in page
    assert "rival@example.org" not in page


def test_a_description_is_drawn_before_anybody_waits(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[bool] = []
    draw = facts.render_markdown
    monkeypatch.setattr(facts, "render_markdown", lambda text: begun.append(db._writing.get()) or draw(text))
    owner = firm.browser("owner")
    assert firm.post(owner, "/employer/postings/new", FORM).status_code == 303
    path = f"/employer/postings/{firm.made.id}"
    assert firm.post(owner, path, FORM | {"version": str(firm.made.version)}).status_code == 303
    assert begun
    assert not any(begun)
