"""A posting's page, its end and its way out; companies."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine

from app.core import clock
from app.domain.companies.models import Company
from app.domain.postings.models import OutwardClick, Posting, PostingStatus
from tests.factories import PASSWORD, Board

HTMX = {"HX-Request": "true"}


def _queries(client: FlaskClient, path: str) -> int:
    client.get(path)  # the index follows the log first
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith("PRAGMA"):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(seen)


def test_every_address_of_a_posting_leads_to_the_one(board: Board, client: FlaskClient) -> None:
    made = board.posting()
    for path in (f"/jobs/{made.id}", f"/jobs/{made.id}/wrong", f"/jobs/{made.id}/-"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (301, made.path)
    page = client.get(made.path)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize(
    "path",
    ["/jobs/999999", "/jobs/0", f"/jobs/{10**23}", "/jobs/-1", "/jobs/x", f"/jobs/{2**63}/slug", "/jobs/9/-/out",
     "/jobs/9/-/panel"],
)
def test_what_never_was_is_not_found(board: Board, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("status", [PostingStatus.DRAFT, PostingStatus.PENDING, PostingStatus.CHANGES_REQUESTED])
def test_a_draft_is_nobodys_business(board: Board, client: FlaskClient, status: PostingStatus) -> None:
    company = board.company(owner="owner@example.org")
    made = board.posting(company.id, live=False, status=status)
    for browser in (client, board.sign_in("owner@example.org")):
        assert browser.get(f"/jobs/{made.id}").status_code == 404
        assert browser.get(f"/jobs/{made.id}/job").status_code == 404


def test_a_scheduled_posting_is_not_there_yet(board: Board, client: FlaskClient) -> None:
    later = clock.now() + timedelta(days=1)
    made = board.posting(published_at=later, expires_at=later + timedelta(days=1))
    assert client.get(made.path).status_code == 404


def _ago(days: int) -> dict[str, Any]:
    return {"published_at": clock.now() - timedelta(days=days + 1), "expires_at": clock.now() - timedelta(days=days)}


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (_ago(1), "has expired"), ({"status": PostingStatus.FILLED}, "has been filled"),
        ({"status": PostingStatus.CLOSED}, "is closed"), ({"status": PostingStatus.PAUSED}, "is paused"),
        ({"status": PostingStatus.PENDING}, "not on the board"),
        ({"status": PostingStatus.REMOVED}, "not on the board"),
        ({"frozen_at": clock.now()}, "not on the board"),
    ],
)
def test_what_was_public_is_gone_with_an_explanation(
    board: Board, client: FlaskClient, facts: dict[str, Any], sentence: str
) -> None:
    made, alike = board.posting(reason="Private words.", **facts), board.posting(title="Another engineer")
    for path in (made.path, f"/jobs/{made.id}", f"/jobs/{made.id}/-/panel", f"/jobs/{made.id}/-/out"):
        answer = client.get(path)
        page = answer.get_data(as_text=True)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (410, "no-store")
        assert "Set-Cookie" not in answer.headers
        assert sentence in page and alike.path in page
        assert "Private words." not in page and "Build <strong>" not in page


def test_a_suspended_company_takes_its_postings_away(board: Board, client: FlaskClient) -> None:
    company = board.company()
    made = board.posting(company.id)
    with board.writing() as session:
        session.get_one(Company, company.id).suspended_at = clock.now()
    assert client.get(made.path).status_code == 410
    assert client.get(f"/companies/{company.slug}").status_code == 404
    assert company.name not in client.get("/companies").get_data(as_text=True)


def test_the_facts_stand_on_the_page(board: Board, client: FlaskClient) -> None:
    made = board.posting(openings=3, times_reposted=2)
    page = client.get(made.path).get_data(as_text=True)
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    assert facts["Pay"] == "€60k – €80k a year"
    assert (facts["Openings"], facts["Reposted"], facts["Type"]) == ("3", "2 times", "Full time")
    assert page.index("<dl") < page.index("<p>Build <strong>things</strong>.</p>")
    assert f'hx-get="/jobs/{made.id}/-/apply"' in page


def test_words_of_an_employer_are_never_markup(board: Board, client: FlaskClient) -> None:
    company = board.company("<script>alert(1)</script>", owner="owner@example.org")
    with board.writing() as session:
        session.get_one(Company, company.id).website = "javascript:alert(1)"
    made = board.posting(company.id, title='"><img src=x onerror=alert(1)>', place_label="<b>Berlin</b>")
    for path in (made.path, f"/companies/{company.slug}", "/companies"):
        page = client.get(path).get_data(as_text=True)
        assert "<script>alert" not in page and "<img" not in page and "<b>" not in page
        assert "javascript:" not in page


def test_the_panel_is_the_posting_alone(board: Board, client: FlaskClient) -> None:
    made = board.posting()
    plain = client.get(f"/jobs/{made.id}/-/panel")
    assert (plain.status_code, plain.headers["Location"]) == (302, made.path)
    panel = client.get(f"/jobs/{made.id}/-/panel", headers=HTMX).get_data(as_text=True)
    assert 'id="posting"' in panel and "<html" not in panel


def test_the_way_out_is_counted_and_leads_to_the_web_only(board: Board, client: FlaskClient) -> None:
    made = board.posting(source="feed", source_id="1", apply_url="https://jobs.example.org/1?a=b")
    assert 'rel="nofollow noopener"' in client.get(made.path).get_data(as_text=True)
    for _ in range(2):
        answer = client.get(f"/jobs/{made.id}/-/out")
        answer.close()
        assert (answer.status_code, answer.headers["Location"]) == (303, "https://jobs.example.org/1?a=b")
    with board.reading() as session:
        assert session.scalars(select(OutwardClick.posting_id)).all() == [made.id, made.id]
    odd = board.posting(source="feed", source_id="2", apply_url="javascript:alert(1)")
    assert client.get(f"/jobs/{odd.id}/-/out").status_code == 404
    assert client.get(f"/jobs/{board.posting().id}/-/out").status_code == 404


def test_nobody_is_asked_to_apply_where_nobody_reads(board: Board, client: FlaskClient) -> None:
    made = board.posting(board.company().id)
    page = client.get(made.path).get_data(as_text=True)
    assert "Nobody at this company receives applications" in page
    assert f"/jobs/{made.id}/-/apply" not in page


def test_similar_jobs_are_live_of_the_same_field_and_five_at_most(board: Board, client: FlaskClient) -> None:
    other = board.category("nursing", "Nursing")
    made = board.posting()
    alike = [board.posting() for _ in range(6)]
    board.posting(category_id=other)
    board.posting(status=PostingStatus.CLOSED)
    page = client.get(made.path).get_data(as_text=True)
    shown = [int(found) for found in re.findall(r'data-posting="(\d+)"', page)]
    assert len(shown) == 5 and set(shown) <= {posting.id for posting in alike}


def test_the_page_costs_the_same_whatever_there_is(board: Board, client: FlaskClient) -> None:
    company = board.company(owner="owner@example.org")
    made = board.posting(company.id)
    board.posting(company.id)
    paths = (made.path, f"/companies/{company.slug}", "/companies")
    before = [_queries(client, path) for path in paths]
    for _ in range(6):
        board.posting(company.id)
        board.posting()
    assert [_queries(client, path) for path in paths] == before
    assert before[0] <= 10


def test_the_directory_meets_every_company_once(board: Board, client: FlaskClient, monkeypatch: Any) -> None:
    monkeypatch.setattr("app.web.site.companies.PAGE", 3)
    slugs = sorted(board.company(f"Company number {n:02}").slug for n in range(8))
    met, path, pages = [], "/companies", 0
    while path:
        page = client.get(path).get_data(as_text=True)
        met += re.findall(r'class="strong[^"]*" href="/companies/([^"]+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path, pages = (following[1].replace("&amp;", "&") if following else ""), pages + 1
    assert (met, pages) == (slugs, 3)
    assert client.get("/companies?after=tampered").status_code == 400
    assert client.get("/companies?after=").status_code == 200


def test_a_company_shows_its_live_postings(board: Board, client: FlaskClient) -> None:
    company = board.company("Northwind")
    made, gone = board.posting(company.id), board.posting(company.id, status=PostingStatus.CLOSED)
    page = client.get("/companies/northwind").get_data(as_text=True)
    assert made.path in page and gone.path not in page
    assert "/jobs?company=northwind" in page
    assert client.get("/companies/nobody").status_code == 404
    assert "No open job" in client.get(f"/companies/{board.company('Empty').slug}").get_data(as_text=True)


def test_a_reader_who_is_signed_in_can_save_and_share(board: Board) -> None:
    made = board.posting()
    page = board.sign_in(board.user().email).get(made.path).get_data(as_text=True)
    assert f'hx-post="/jobs/{made.id}/save"' in page
    assert f'data-copy="{made.path}"' in page
    assert PASSWORD not in page


def test_gone_means_gone_for_its_own_people_too(board: Board) -> None:
    company = board.company(owner="owner@example.org")
    made = board.posting(company.id, status=PostingStatus.PAUSED)
    assert board.sign_in("owner@example.org").get(made.path).status_code == 410
    with board.reading() as session:
        assert session.scalar(select(func.count(Posting.id))) == 1


@pytest.mark.parametrize(
    "status", [PostingStatus.PENDING, PostingStatus.CHANGES_REQUESTED, PostingStatus.REJECTED, PostingStatus.REMOVED]
)
def test_what_waits_for_review_or_was_refused_is_read_nowhere(
    board: Board, client: FlaskClient, status: PostingStatus
) -> None:
    posting, seeker = board.posting(), board.sign_in(board.user().email)
    token = board.csrf(seeker, posting.path)
    assert seeker.post(f"/jobs/{posting.id}/save", data={"csrf_token": token}).status_code == 303
    with board.writing() as session:
        found = session.get_one(Posting, posting.id)
        found.title, found.status = "Unread Secret", status
    pages = [client.get(posting.path), client.get(f"/jobs/{posting.id}/-/receipt"), seeker.get("/me/saved")]
    assert [page.status_code for page in pages] == [410, 200, 200]
    assert not any("Unread Secret" in page.get_data(as_text=True) for page in pages)
