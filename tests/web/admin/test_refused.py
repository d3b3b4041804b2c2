"""What was typed for an act that was refused stands in its field again: to be sent anew or, at the least, copied."""

import re
from html import unescape
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.domain.postings.models import Category
from tests.factories import Board
from tests.web.admin.test_postings import HTMX, act, pending, stored, token

WORDS = 'They ask for <b>money</b> & say "later".\nTwice.'
LONG = WORDS + "x" * 2_001
ROW, QUEUE = {}, {"from": "reviews"}
both = pytest.mark.parametrize("htmx", [True, False])
everywhere = pytest.mark.parametrize("origin", [ROW, QUEUE])


@pytest.fixture
def admin(board: Board) -> FlaskClient:
    """A browser in which an admin is signed in."""
    return board.sign_in(board.admin("admin@example.org").email)


@pytest.fixture
def other(board: Board) -> FlaskClient:
    """The browser of another admin."""
    return board.sign_in(board.user("grace@example.org", name="Grace", is_admin=True).email)


def typed(page: str, attributes: str = ' name="reason"') -> str:
    """The words in the text field of these attributes."""
    found = re.search(rf"<textarea[^>]*{attributes}[^>]*>\n(.*?)</textarea>", page, re.S)
    assert found and "<b>money" not in page
    return unescape(found[1])


def version(page: str) -> int:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return int(found[1])


def send(client: FlaskClient, path: str, htmx: bool, **fields: str) -> TestResponse:
    data = {"version": "1", "csrf_token": token(client)} | fields
    return client.post(path, data=data, headers=HTMX if htmx else {})


@both
@everywhere
@pytest.mark.parametrize("action", ["request-changes", "reject", "remove", "freeze"])
def test_a_stale_act_on_a_posting_keeps_its_reason_and_is_sent_again(
    board: Board, admin: FlaskClient, other: FlaskClient, action: str, origin: dict[str, str], htmx: bool
) -> None:
    posting = pending(board)
    assert act(other, posting, "feature").status_code == 200
    stale = act(admin, posting, action, htmx=htmx, reason=WORDS, **origin)
    page = stale.get_data(as_text=True)
    assert (stale.status_code, "Grace did: feature." in page) == (409, True)
    assert typed(page) == WORDS
    again = act(admin, posting, action, htmx=htmx, version=version(page), reason=typed(page), **origin)
    assert again.status_code == (200 if htmx else 303)
    assert stored(board, posting)[3] > version(page)
    assert "money" not in again.get_data(as_text=True), "what was done needs no field"


@both
@everywhere
@pytest.mark.parametrize("action", ["request-changes", "reject", "remove", "freeze"])
def test_a_reason_that_is_too_long_for_a_posting_stands_whole(
    board: Board, admin: FlaskClient, action: str, origin: dict[str, str], htmx: bool
) -> None:
    refused = act(admin, pending(board), action, htmx=htmx, reason=LONG, **origin)
    page = refused.get_data(as_text=True)
    assert (refused.status_code, "2,000 characters" in page, typed(page)) == (422, True, LONG)


@both
@everywhere
def test_a_reason_for_what_is_no_longer_possible_can_be_copied(
    board: Board, admin: FlaskClient, other: FlaskClient, origin: dict[str, str], htmx: bool
) -> None:
    posting = pending(board)
    assert act(other, posting, "approve").status_code == 200
    for given, status in ((posting.version, 409), (stored(board, posting)[3], 422)):
        late = act(admin, posting, "reject", version=given, htmx=htmx, reason=WORDS, **origin)
        page = late.get_data(as_text=True)
        assert (late.status_code, typed(page, " readonly")) == (status, WORDS)
        assert f'hx-post="/admin/postings/{posting.id}/reject"' not in page


def test_many_refused_at_once_keep_their_reason(board: Board, admin: FlaskClient) -> None:
    posting = pending(board)
    fields = {"action": "reject", "reason": LONG, "chosen": f"{posting.id}:{posting.version}"}
    page = send(admin, "/admin/postings/bulk", htmx=False, **fields).get_data(as_text=True)
    assert ("too long" in page, typed(page, " readonly")) == (True, LONG)


def subject(board: Board, kind: str) -> SimpleNamespace:
    if kind == "users":
        return SimpleNamespace(path=f"/admin/users/{board.user(name='Ada').id}", meanwhile="make-admin")
    return SimpleNamespace(path=f"/admin/companies/{board.company('Acme').id}", meanwhile="trust")


@both
@pytest.mark.parametrize("kind", ["users", "companies"])
def test_a_suspension_that_is_refused_keeps_its_reason(
    board: Board, admin: FlaskClient, other: FlaskClient, kind: str, htmx: bool
) -> None:
    about = subject(board, kind)
    refused = send(admin, f"{about.path}/suspend", htmx, reason=LONG)
    page = refused.get_data(as_text=True)
    assert (refused.status_code, "2,000 characters" in page, typed(page)) == (422, True, LONG)
    assert send(other, f"{about.path}/{about.meanwhile}", htmx=True).status_code == 200
    stale = send(admin, f"{about.path}/suspend", htmx, reason=WORDS)
    page = stale.get_data(as_text=True)
    assert (stale.status_code, "Grace did" in page, typed(page)) == (409, True, WORDS)
    again = send(admin, f"{about.path}/suspend", htmx, version=str(version(page)), reason=typed(page))
    assert again.status_code == (200 if htmx else 303)


@both
@pytest.mark.parametrize("kind", ["users", "companies"])
def test_a_suspension_that_somebody_else_made_leaves_the_words_to_be_copied(
    board: Board, admin: FlaskClient, other: FlaskClient, kind: str, htmx: bool
) -> None:
    about = subject(board, kind)
    assert send(other, f"{about.path}/suspend", htmx=True, reason="Spam.").status_code == 200
    late = send(admin, f"{about.path}/suspend", htmx, reason=WORDS)
    assert (late.status_code, typed(late.get_data(as_text=True), " readonly")) == (409, WORDS)


@both
def test_a_field_of_work_keeps_the_name_it_was_refused_for(board: Board, admin: FlaskClient, htmx: bool) -> None:
    board.category("baking", "Baking")
    with board.reading() as session:
        found = session.scalars(select(Category).where(Category.slug == "baking")).one()
    path, fields = f"/admin/categories/{found.id}/rename", {"slug": "bread", "version": str(found.version)}
    long = send(admin, path, htmx, **fields | {"name": "<b>" + "x" * 81})
    assert (long.status_code, f'value="&lt;b&gt;{"x" * 81}"' in long.get_data(as_text=True)) == (422, True)
    assert send(admin, path, htmx=True, **fields | {"name": "Bread"}).status_code == 200
    late = send(admin, path, htmx, **fields | {"name": "Cakes & bread", "slug": "cakes"})
    page = late.get_data(as_text=True)
    assert (late.status_code, 'value="Cakes &amp; bread"' in page, 'value="cakes"' in page) == (409, True, True)
