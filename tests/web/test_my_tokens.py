"""A person's tokens for programs on their own page, and what owners see and end of them."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core import clock
from app.domain.companies.models import ApiToken
from app.domain.companies.services.tokens import LONGEST_DAYS
from tests.factories import PASSWORD, Board
from tests.web.test_api_access import ME, bearer
from tests.web.test_api_access import made as made_by_rest

PAGE, NEW = "/me/tokens", "/me/tokens/new"
OWNER, RECRUITER, SEEKER, ADMIN = (f"{who}@example.org" for who in ("owner", "recruiter", "seeker", "admin"))
GIVEN: dict[str, Any] = {
    "name": "Nightly import", "scopes": ["account", "postings:write"], "company": "acme", "days": "30",
    "current_password": PASSWORD,
}


@pytest.fixture
def acme(board: Board) -> Any:
    company = board.company("Acme", owner=OWNER)
    board.member(company.id, RECRUITER)
    board.user(SEEKER)
    board.admin(ADMIN)
    return company


def asked(client: FlaskClient) -> dict[str, str]:
    """What the form carries besides what one types."""
    page = client.get(NEW).get_data(as_text=True)
    return {name: re.findall(rf'name="{name}" value="([^"]+)"', page)[0] for name in ("csrf_token", "key")}


def make(client: FlaskClient, given: dict[str, Any] | None = None, **more: Any) -> Any:
    return client.post(NEW, data=(given or asked(client)) | GIVEN | more)


def secret_in(page: str) -> str:
    found = re.search(r'id="token" value="(nxs_[^"]+)"', page)
    assert found, page
    return found[1]


def token_in(client: FlaskClient, path: str, start: str) -> tuple[str, str]:
    """Where the form that ends the first token leads, and the page's own token."""
    page = client.get(path).get_data(as_text=True)
    found = re.search(rf'action="({start}/\d+/revoke)"', page)
    assert found, page
    return found[1], re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]


def number(board: Board) -> int:
    with board.reading() as session:
        return session.scalar(select(func.count(ApiToken.id))) or 0


def test_a_token_is_made_shown_once_and_revoked(acme: Any, board: Board) -> None:
    browser, program = board.sign_in(OWNER), board.app.test_client()
    assert "No tokens yet" in browser.get(PAGE).get_data(as_text=True)
    assert PAGE in browser.get("/me/security").get_data(as_text=True)
    answer = make(browser)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "no-store" in answer.headers["Cache-Control"]
    secret = secret_in(page)
    with program.get(ME, headers=bearer(secret)) as seen:
        assert seen.json["scopes"] == ["account", "postings:write"]
    listed = browser.get(PAGE)
    text = listed.get_data(as_text=True)
    assert secret not in text and f"{secret[:8]}…" in text and "no-store" in listed.headers["Cache-Control"]
    assert all(words in text for words in ("Nightly import", "only at Acme", "Write postings", "last used"))
    path, token = token_in(browser, PAGE, PAGE)
    assert browser.post(path, data={"csrf_token": token}).status_code == 303
    assert program.get(ME, headers=bearer(secret)).status_code == 401
    assert "Nightly import" not in browser.get(PAGE).get_data(as_text=True)


def test_a_form_sent_twice_makes_one(acme: Any, board: Board) -> None:
    browser = board.sign_in(OWNER)
    form = asked(browser)
    first, again = make(browser, form), make(browser, form)
    assert (first.status_code, again.status_code, number(board)) == (200, 200, 1)
    secret = secret_in(first.get_data(as_text=True))
    assert secret_in(again.get_data(as_text=True)) == secret, "whoever lost the first answer has it by the second"
    assert make(browser, form, current_password="guess").status_code == 422
    assert "with something else before" in make(browser, form, name="Another").get_data(as_text=True)
    path, token = token_in(browser, PAGE, PAGE)
    browser.post(path, data={"csrf_token": token})
    ended = make(browser, form)
    assert (ended.status_code, number(board)) == (409, 1) and secret not in ended.get_data(as_text=True)


def test_a_borrowed_browser_makes_none(acme: Any, board: Board) -> None:
    browser = board.sign_in(OWNER)
    answer = make(browser, current_password="guess")
    page = answer.get_data(as_text=True)
    assert (answer.status_code, number(board)) == (422, 0) and "This is not your password" in html.unescape(page)
    assert 'value="Nightly import"' in page and 'value="postings:write" checked' in page, "what was typed stays"
    assert 'value="acme" selected' in page and 'value="30" selected' in page


@pytest.mark.parametrize(("wrong", "field"), [
    ({"name": " "}, "name"), ({"scopes": []}, "scopes"), ({"scopes": ["everything"]}, "scopes"),
    ({"scopes": ["admin"]}, "scopes"), ({"company": "rival"}, "company"), ({"days": "0"}, "days"),
    ({"days": "ten"}, "days"), ({"days": str(LONGEST_DAYS + 1)}, "days"),
])  # fmt: skip
def test_what_cannot_be_a_token_is_told_beside_its_field(
    acme: Any, board: Board, wrong: dict[str, Any], field: str
) -> None:
    answer = make(board.sign_in(OWNER), **wrong)
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.get_data(as_text=True)
    assert number(board) == 0


def test_what_is_offered_is_what_would_do_something(acme: Any, board: Board) -> None:
    offered = {
        who: set(re.findall(r'name="scopes" value="([^"]+)"', board.sign_in(who).get(NEW).get_data(as_text=True)))
        for who in (SEEKER, OWNER, ADMIN)
    }
    assert offered[SEEKER] == {"account", "apply"}
    assert offered[OWNER] > offered[SEEKER] | {"postings:write", "applications:read"} and "admin" not in offered[OWNER]
    assert offered[ADMIN] == offered[SEEKER] | {"admin"}


def test_nobody_ends_anothers(acme: Any, board: Board) -> None:
    make(board.sign_in(OWNER))
    other = board.sign_in(SEEKER)
    with board.reading() as session:
        token_id = session.scalars(select(ApiToken.id)).one()
    form = {"csrf_token": asked(other)["csrf_token"]}
    assert other.post(f"{PAGE}/{token_id}/revoke", data=form).status_code == 404
    with board.reading() as session:
        assert session.scalars(select(ApiToken.revoked_at)).one() is None


def test_an_owner_sees_and_ends_what_members_made_for_the_company(
    acme: Any, board: Board, client: FlaskClient
) -> None:
    assert "No program has a token" in board.sign_in(OWNER).get("/employer/team").get_data(as_text=True)
    bound = bearer(made_by_rest(client, "account", email=RECRUITER, company="acme", name="Import").json["token"])
    made_by_rest(client, "account", email=RECRUITER, name="Mine alone")
    owner, recruiter = board.sign_in(OWNER), board.sign_in(RECRUITER)
    page = owner.get("/employer/team").get_data(as_text=True)
    assert "Import" in page and "Mine alone" not in page, "what is bound to no company is nobody else's"
    assert "/employer/team/tokens" not in recruiter.get("/employer/team").get_data(as_text=True)
    path, token = token_in(owner, "/employer/team", "/employer/team/tokens")
    refused = recruiter.post(path, data={"csrf_token": asked(recruiter)["csrf_token"]})
    assert refused.status_code == 403 and client.get(ME, headers=bound).status_code == 200
    assert owner.post(path, data={"csrf_token": token}).status_code == 303
    assert client.get(ME, headers=bound).status_code == 401
    with board.reading() as session:
        other = session.scalars(select(ApiToken.id).where(ApiToken.company_id.is_(None))).one()
    answer = owner.post(f"/employer/team/tokens/{other}/revoke", data={"csrf_token": token})
    assert answer.status_code == 404


def test_tokens_of_who_left_are_not_listed(acme: Any, board: Board, client: FlaskClient) -> None:
    made_by_rest(client, "account", email=RECRUITER, company="acme", name="Import")
    owner = board.sign_in(OWNER)
    with clock.stopped(clock.now() + timedelta(days=91)):
        later = board.sign_in(OWNER)
        assert "Import" not in later.get("/employer/team").get_data(as_text=True)
    page = owner.get("/employer/team").get_data(as_text=True)
    found = re.search(r'action="(/employer/team/members/\d+/remove)".*?name="version" value="(\d+)"', page, re.S)
    assert found
    assert "Import" in page
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    owner.post(found[1], data={"csrf_token": token, "version": found[2]})
    assert "Import" not in owner.get("/employer/team").get_data(as_text=True)


def test_the_number_of_statements_does_not_grow_with_the_list(acme: Any, board: Board, client: FlaskClient) -> None:
    browser, counts = board.sign_in(OWNER), []
    for _ in range(2):
        for _ in range(3):
            made_by_rest(client, "account", company="acme")
        for path in (PAGE, "/employer/team"):
            browser.get(path)
            with board.statements() as statements:
                browser.get(path)
            counts.append(len(statements))
    assert counts[:2] == counts[2:]
