"""The outside contract, line by line: paths with their answers, arguments, and the hooks others rely on."""

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.core import clock
from app.domain.accounts.models import User
from app.domain.applications.models import Application, Stage, StoredFile
from app.domain.companies.models import Company
from app.domain.postings.models import EmploymentType, Posting, PostingStatus
from tests.factories import PASSWORD, Board
from tests.web.world import World

HTMX = {"HX-Request": "true"}
RESUME = b"Ada Lovelace. Analyst, programmer. London 1843."


def soup(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def one(page: BeautifulSoup, selector: str) -> Tag:
    found = page.select_one(selector)
    assert found is not None, f"{selector} is not on the page"
    return found


def ids(page: BeautifulSoup, selector: str = "#results article[data-posting]") -> list[int]:
    return [int(str(found["data-posting"])) for found in page.select(selector)]


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


def post(world: World, role: str, path: str, *, htmx: bool = False, **fields: Any) -> TestResponse:
    data = {"csrf_token": world.tokens[role]} | fields
    return world.clients[role].post(path, data=data, headers=HTMX if htmx else {})


def application(**changes: Any) -> dict[str, Any]:
    fields = {"name": "Ada Lovelace", "email": "ada@example.org", "cover_letter": "I count."}
    return fields | {"resume": (io.BytesIO(RESUME), "resume.txt")} | changes


# ── Pages ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_home_searches_and_shows_the_newest(board: Board, client: FlaskClient) -> None:
    posting = board.posting()
    page = soup(client.get("/"))
    assert one(page, "form[action='/jobs'] [name=q]")
    assert page.select(f"a[href='{posting.path}']")
    assert page.select("a[href^='/jobs?category=']")


def test_the_listing_is_a_page_and_a_fragment(board: Board, client: FlaskClient) -> None:
    posting = board.posting()
    assert ids(soup(client.get("/jobs"))) == [posting.id]
    fragment = client.get("/jobs/results?workplace=on_site", headers=HTMX)
    assert (fragment.status_code, "<html" in fragment.get_data(as_text=True)) == (200, False)
    assert soup(fragment).select(f"article[data-posting='{posting.id}']")
    direct = client.get("/jobs/results?workplace=on_site")
    assert direct.status_code in (302, 303)
    assert direct.headers["Location"] == "/jobs?workplace=on_site"


def test_the_hooks_of_the_listing(board: Board, client: FlaskClient) -> None:
    company = board.company()
    made = [board.posting(company.id).id for _ in range(45)]
    page = soup(client.get("/jobs"))
    assert "45" in one(page, "#count").get_text()
    assert one(page, "#toasts")
    option = one(page, "[data-facet=workplace][data-value=on_site]")
    assert option["data-count"] == "45"
    seen, path = ids(page), one(page, "a[rel=next]")["href"]
    assert "after=" in str(path)
    while path:
        page = soup(client.get(str(path)))
        seen += ids(page)
        link = page.select_one("a[rel=next]")
        path = link["href"] if link else ""
    assert sorted(seen) == made


def test_a_postings_addresses(board: Board, client: FlaskClient) -> None:
    posting = board.posting()
    short = client.get(f"/jobs/{posting.id}")
    assert (short.status_code, short.headers["Location"]) == (301, posting.path)
    assert client.get(posting.path).status_code == 200
    wrong = client.get(f"/jobs/{posting.id}/another-slug")
    assert (wrong.status_code, wrong.headers["Location"]) == (301, posting.path)
    for number in (posting.id + 1, 0, 2**63 - 1, 2**63, 10**23):
        assert client.get(f"/jobs/{number}").status_code == 404
        assert client.get(f"/jobs/{number}/x").status_code == 404


def _freeze(posting: Posting) -> None:
    posting.frozen_at = clock.now()


def _end(posting: Posting) -> None:
    posting.expires_at = clock.now() - timedelta(seconds=1)


def _suspend(posting: Posting) -> None:
    assert posting.company is not None
    posting.company.suspended_at = clock.now()


def _become(status: PostingStatus) -> Any:
    def change(posting: Posting) -> None:
        posting.status = status

    return change


DEATHS = {
    "frozen": _freeze, "expired": _end, "company suspended": _suspend, "paused": _become(PostingStatus.PAUSED),
    "filled": _become(PostingStatus.FILLED), "closed": _become(PostingStatus.CLOSED),
    "removed": _become(PostingStatus.REMOVED), "pending again": _become(PostingStatus.PENDING),
}


@pytest.mark.parametrize("death", DEATHS)
def test_what_is_not_live_any_more_is_410_everywhere(board: Board, client: FlaskClient, death: str) -> None:
    posting = board.posting()
    with board.writing() as session:
        DEATHS[death](session.get_one(Posting, posting.id))
    for path in (posting.path, f"/jobs/{posting.id}", f"/jobs/{posting.id}/any"):
        answer = client.get(path)
        assert answer.status_code == 410, path
        assert "no-store" in answer.headers["Cache-Control"]
        assert "application/ld+json" not in answer.get_data(as_text=True)
    assert ids(soup(client.get("/jobs"))) == []
    token = board.csrf(client, "/sign-in")
    data = application(csrf_token=token)
    assert client.post(f"/jobs/{posting.id}/applications", data=data).status_code == 410


@pytest.mark.parametrize("status", ["draft", "pending", "changes_requested", "rejected"])
def test_what_never_was_public_is_404(board: Board, client: FlaskClient, status: str) -> None:
    posting = board.posting(live=False, status=PostingStatus(status))
    for path in (f"/jobs/{posting.id}", f"/jobs/{posting.id}/any"):
        assert client.get(path).status_code == 404


def test_what_is_dated_later_is_404_until_then(board: Board, client: FlaskClient) -> None:
    begin = clock.now() + timedelta(days=1)
    posting = board.posting(published_at=begin, expires_at=begin + timedelta(days=9))
    assert client.get(posting.path).status_code == 404
    with clock.stopped(begin):
        assert client.get(posting.path).status_code == 200


def test_json_ld_stands_on_the_postings_page(board: Board, client: FlaskClient) -> None:
    posting = board.posting(title="Engineer </script><b>")
    script = one(soup(client.get(posting.path)), "script[type='application/ld+json']").string
    assert script and '"JobPosting"' in script
    assert "<b>" not in script


def test_applying_answers_with_a_receipt(world: World) -> None:
    made = world.rows()
    path = f"/jobs/{made.posting_id}/applications"
    answer = post(world, "anonymous", path, **application())
    assert answer.status_code == 303
    assert world.clients["anonymous"].get(answer.headers["Location"]).status_code == 200
    fragment = post(world, "anonymous", path, htmx=True, **application(email="grace@example.org"))
    assert (fragment.status_code, "<html" in fragment.get_data(as_text=True)) == (200, False)
    with world.board.reading() as session:
        found = set(session.scalars(select(Application.email).where(Application.posting_id == made.posting_id)))
    assert {"ada@example.org", "grace@example.org"} <= found


def test_a_faulty_application_comes_back_with_everything_kept(world: World) -> None:
    made = world.rows()
    path = f"/jobs/{made.posting_id}/applications"
    answer = post(world, "anonymous", path, **application(email="not an address"))
    assert answer.status_code == 422
    page = soup(answer)
    assert one(page, "[name=name]")["value"] == "Ada Lovelace"
    token = str(one(page, "[name=resume_token]")["value"])
    key = str(one(page, "[name=idempotency_key]")["value"])
    assert token and key
    fields = {"name": "Ada Lovelace", "email": "ada@example.org", "resume_token": token, "idempotency_key": key}
    assert post(world, "anonymous", path, **fields).status_code == 303
    assert post(world, "anonymous", path, **fields).status_code == 303
    with world.board.reading() as session:
        found = select(StoredFile.filename).join(Application, Application.resume_id == StoredFile.id)
        assert list(session.scalars(found.where(Application.email_key == "ada@example.org"))) == ["resume.txt"]


def test_saving_leads_the_anonymous_to_sign_in(world: World) -> None:
    made = world.rows()
    for act in ("save", "unsave"):
        path = f"/jobs/{made.posting_id}/{act}"
        answer = post(world, "anonymous", path)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/sign-in")
        htmx = post(world, "anonymous", path, htmx=True)
        assert (htmx.status_code, htmx.headers["HX-Redirect"].split("?")[0]) == (401, "/sign-in")
        assert post(world, "seeker", path).status_code == 303


def test_companies_are_listed_and_shown(board: Board, client: FlaskClient) -> None:
    company = board.company("Northwind")
    posting = board.posting(company.id)
    assert soup(client.get("/companies")).select("a[href='/companies/northwind']")
    assert soup(client.get("/companies/northwind")).select(f"a[href='{posting.path}']")
    assert client.get("/companies/nobody").status_code == 404


def test_the_fields_of_signing_in_and_up(client: FlaskClient) -> None:
    for path, names in (
        ("/sign-in", {"email", "password", "next", "csrf_token"}),
        ("/sign-up?role=employer", {"email", "password", "next", "csrf_token", "name", "role", "company_name"}),
    ):
        page = soup(client.get(path))
        forms = [{str(field.get("name")) for field in form.select("[name]")} for form in page.select("form")]
        assert any(names <= form for form in forms), path


def test_next_is_followed_after_signing_in(board: Board, client: FlaskClient) -> None:
    person = board.user()
    data = {"email": person.email, "password": PASSWORD, "next": "/me/saved"}
    answer = client.post("/sign-in", data=data | {"csrf_token": board.csrf(client, "/sign-in")})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/saved")


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("seeker", "/me/applications /me/saved /me/searches"),
        ("owner", "/employer /employer/postings /employer/postings/new /employer/team /employer/company"),
        (
            "admin",
            "/admin /admin/postings /admin/reviews /admin/users /admin/companies /admin/categories /admin/audit"
            " /admin/mail /admin/imports /admin/health",
        ),
    ],
)
def test_every_area_has_its_pages(world: World, role: str, paths: str) -> None:
    for path in paths.split():
        assert world.clients[role].get(path).status_code == 200, path
        answer = world.clients["anonymous"].get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={path}")


def test_the_employers_postings_and_board(world: World) -> None:
    made, owner = world.rows(), world.clients["owner"]
    assert owner.get(f"/employer/postings/{made.posting_id}").status_code == 200
    board = soup(owner.get(f"/employer/postings/{made.posting_id}/applicants"))
    assert one(board, f"[data-stage=submitted] [data-application='{made.application_id}']")
    table = owner.get(f"/employer/postings/{made.posting_id}/applicants?view=table")
    assert table.status_code == 200
    assert owner.get(f"/employer/applications/{made.application_id}").status_code == 200
    assert owner.get("/employer?company=northwind").status_code == 200
    assert owner.get("/employer?company=rival").status_code == 404


def test_moving_an_application(world: World) -> None:
    made = world.rows()
    path = f"/employer/applications/{made.application_id}/move"
    version = str(made.application_version)
    assert post(world, "owner", path, to="hired", version=version).status_code == 422
    assert post(world, "owner", path, to="in_review", version=version, notify="no").status_code == 303
    stale = post(world, "recruiter", path, htmx=True, to="interview", version=version, notify="no")
    assert stale.status_code == 409
    assert soup(stale).select(f"[data-application='{made.application_id}']"), "the fresh card comes along"
    assert "Owner" in stale.get_data(as_text=True), "and who changed it"
    with world.board.reading() as session:
        assert session.get_one(Application, made.application_id).stage == "in_review"
        now = session.get_one(Application, made.application_id).version
    undo = f"/employer/applications/{made.application_id}/undo"
    assert post(world, "owner", undo, version=str(now)).status_code == 303


def test_a_file_comes_back_as_it_was_sent(world: World) -> None:
    made = world.rows()
    post(world, "anonymous", f"/jobs/{made.posting_id}/applications", **application())
    with world.board.reading() as session:
        file = select(StoredFile.public_id).join(Application, Application.resume_id == StoredFile.id)
        public_id = session.scalars(file.where(Application.email_key == "ada@example.org")).one()
    answer = world.clients["owner"].get(f"/files/{public_id}")
    assert (answer.status_code, answer.get_data()) == (200, RESUME)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert world.clients["rival"].get(f"/files/{public_id}").status_code == 404


def test_an_admins_act_gives_the_one_row_back(world: World) -> None:
    made = world.rows()
    path = f"/admin/postings/{made.posting_id}"
    page = soup(world.clients["admin"].get("/admin/postings"))
    assert one(page, f"tr[data-posting='{made.posting_id}']")
    fragment = soup(post(world, "admin", f"{path}/freeze", htmx=True, version=str(made.version)))
    assert ids(fragment, "tr[data-posting]") == [made.posting_id]
    assert post(world, "admin", f"{path}/feature", version=str(made.version)).status_code == 409
    assert post(world, "admin", f"{path}/reject", version=str(made.version + 1), reason="No.").status_code == 422
    assert post(world, "admin", f"{path}/remove", version=str(made.version + 1)).status_code == 422


def test_health_is_told(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.is_json) == (200, True)


# ── Arguments of the listing ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("q=backend", True), ("q=%22backend+engineer%22", True), ("q=backend+-engineer", False),
        ("q=nothing+OR+backend", True), ("q=back*", True), ("category=engineering", True), ("category=nonsense", None),
        ("type=full_time", True), ("type=part_time&type=full_time", True), ("type=internship", False),
        ("workplace=on_site", True), ("workplace=remote", False), ("country=DE", True), ("country=FR", False),
        ("place=berlin-de", True), ("place=Berlin&radius_km=5", True), ("place=paris-fr", False),
        ("salary_min=70000&currency=EUR", True), ("salary_min=90000&currency=EUR", False),
        ("salary_min=100&currency=USD", False), ("posted_within=1", True), ("experience=senior", False),
        ("company=northwind", True), ("company=rival", False), ("sort=newest", True), ("sort=salary", None),
        ("sort=relevance&q=engineer", True), ("colour=green", True), ("q=", True), ("type=", True),
    ],
)
def test_the_arguments_of_the_listing(world: World, client: FlaskClient, query: str, fits: bool | None) -> None:
    made = world.rows()
    answer = client.get(f"/jobs?{query}")
    assert answer.status_code == 200
    if fits is not None:
        assert ids(soup(answer)) == ([made.posting_id] if fits else [])


@pytest.mark.parametrize("path", ["/jobs", "/jobs/results"])
def test_broken_bytes_and_cursors_are_400(client: FlaskClient, path: str) -> None:
    for query in ("q=%00", "q=%FF", "colour=%FF", "after=nonsense", "after=AAAA"):
        assert client.get(f"{path}?{query}", headers=HTMX).status_code == 400, query


@pytest.mark.parametrize(
    "query",
    ["radius_km=many", "salary_min=lots", "posted_within=-3", "sort=colour", "type=slavery", "country=Narnia"],
)
def test_another_bad_value_is_told_and_ignored(world: World, client: FlaskClient, query: str) -> None:
    made = world.rows()
    answer = client.get(f"/jobs?{query}")
    assert answer.status_code == 200
    assert ids(soup(answer)) == [made.posting_id]
    assert soup(answer).select(".field-error, [aria-invalid=true], .notice"), "and the page says so"


def test_a_cursor_belongs_to_one_sort_and_filter_set(board: Board, client: FlaskClient) -> None:
    company = board.company()
    for _ in range(30):
        board.posting(company.id)
    link = str(one(soup(client.get("/jobs")), "a[rel=next]")["href"])
    cursor = re.search(r"after=([^&]+)", link)
    assert cursor
    assert client.get(link).status_code == 200
    for other in ("sort=salary", "type=full_time", "q=engineer"):
        assert client.get(f"/jobs?{other}&after={cursor[1]}").status_code == 400, other
    page = soup(client.get(link))
    assert not page.select("form[action='/jobs'] [name=after]")
    assert not [chip for chip in page.select(".chip") if "after=" in str(chip.get("href"))]


def test_money_without_a_currency_is_the_boards(world: World, client: FlaskClient) -> None:
    assert "USD" in one(soup(client.get("/jobs?salary_min=50000")), "#chips").get_text()


# ── Everywhere ───────────────────────────────────────────────────────────────────────────────────────────────


def test_anonymous_pages_set_no_cookie(world: World) -> None:
    made = world.rows()
    client = world.app.test_client()
    for path in ("/", "/jobs", f"/jobs/{made.posting_id}/{made.slug}", "/companies", "/companies/northwind"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (200, []), path


def test_a_stale_version_overwrites_nothing(world: World) -> None:
    made = world.rows()
    with world.board.writing() as session:
        session.execute(update(Posting).where(Posting.id == made.posting_id).values(version=made.version + 1))
    path = f"/employer/postings/{made.posting_id}"
    facts = {
        "title": "Another", "description": "Other.", "category": "engineering", "type": "full_time",
        "workplace": "on_site", "places": "Berlin, Germany", "salary_min": "1", "salary_max": "2",
        "salary_currency": "EUR", "salary_period": "hour", "openings": "1",
    }
    assert post(world, "owner", path, version=str(made.version), **facts).status_code == 409
    moved = post(world, "owner", f"{path}/move", version=str(made.version), to="paused")
    assert moved.status_code == 409
    with world.board.reading() as session:
        row = session.get_one(Posting, made.posting_id)
        assert (row.title, row.status) == ("Backend Engineer", PostingStatus.PUBLISHED)


# ── Commands ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_create_user_makes_people_who_sign_in(app: Flask, board: Board) -> None:
    for role in ("admin", "employer", "seeker"):
        arguments = ["create-user", f"{role}@example.org", "--role", role, "--password-stdin"]
        done = app.test_cli_runner().invoke(args=arguments, input=f"{PASSWORD}\n")
        assert done.exit_code == 0, done.output
        board.sign_in(f"{role}@example.org")
    with board.reading() as session:
        assert session.scalars(select(User.email).where(User.is_admin)).all() == ["admin@example.org"]
        assert len(session.scalars(select(Company)).all()) == 1


@pytest.mark.parametrize("more", [["--format", "nonsense"], []])
def test_an_unknown_format_changes_nothing(app: Flask, tmp_path: Path, more: list[str]) -> None:
    source = tmp_path / "source.xyz"
    source.write_bytes(b"\x01\x02 neither this nor that")
    done = app.test_cli_runner().invoke(args=["import", str(source), *more])
    assert done.exit_code == 2
    assert "unknown format, nothing changed" in done.output


def test_every_state_is_named_as_promised() -> None:
    assert {stage.value for stage in Stage} >= {"submitted", "in_review", "interview", "offer", "hired", "rejected"}
    kinds = "full_time part_time contract temporary internship volunteer per_diem other"
    assert {kind.value for kind in EmploymentType} == set(kinds.split())
