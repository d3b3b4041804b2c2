"""The admin's table of postings: one request acts on one row."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.core import clock
from app.domain.audit.models import AuditEntry
from app.domain.mail.models import OutboxMail
from app.domain.postings.models import Posting, PostingStatus
from tests.factories import Board

HTMX = {"HX-Request": "true"}


@pytest.fixture
def admin(board: Board) -> FlaskClient:
    """A browser in which an admin is signed in."""
    return board.sign_in(board.admin("admin@example.org").email)


def pending(board: Board, **facts: Any) -> SimpleNamespace:
    return board.posting(live=False, status=PostingStatus.PENDING, submitted_at=clock.now(), **facts)


def token(client: FlaskClient) -> str:
    return client.get("/admin").get_data(as_text=True).split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def act(
    client: FlaskClient, posting: SimpleNamespace, action: str, *, version: int | None = None, htmx: bool = True,
    **fields: str,
) -> TestResponse:
    given = posting.version if version is None else version
    data = {"version": str(given), "csrf_token": token(client)} | fields
    return client.post(f"/admin/postings/{posting.id}/{action}", data=data, headers=HTMX if htmx else {})


def stored(board: Board, posting: SimpleNamespace) -> tuple[str, bool, bool, int]:
    with board.reading() as session:
        row = session.get_one(Posting, posting.id)
        return row.status.value, row.frozen, row.featured, row.version


def audited(board: Board) -> list[str]:
    with board.reading() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def rows(page: str) -> list[int]:
    return [int(id_) for id_ in re.findall(r'<tr id="posting-\d+" data-posting="(\d+)"', page)]


@pytest.mark.parametrize(
    ("action", "reason", "after"),
    [
        ("approve", "", "published"),
        ("request-changes", "Say where.", "changes_requested"),
        ("reject", "Not a job.", "rejected"),
        ("remove", "Fraud.", "removed"),
    ],
)
def test_a_decision_swaps_its_one_row(
    board: Board, admin: FlaskClient, action: str, reason: str, after: str
) -> None:
    posting = pending(board)
    answer = act(admin, posting, action, reason=reason)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert rows(page) == [posting.id]
    assert page.lstrip().startswith("<tr")
    assert 'hx-target="#toasts"' in page
    assert f"/admin/postings/{posting.id}/undo" in page
    assert stored(board, posting)[0] == after
    assert audited(board) == [f"posting.{after}"]


@pytest.mark.parametrize(("on", "off", "flag"), [("freeze", "unfreeze", 1), ("feature", "unfeature", 2)])
def test_a_flag_goes_on_and_off(board: Board, admin: FlaskClient, on: str, off: str, flag: int) -> None:
    posting = board.posting()
    assert act(admin, posting, on).status_code == 200
    assert stored(board, posting)[flag] is True
    assert act(admin, posting, off, version=stored(board, posting)[3]).status_code == 200
    assert stored(board, posting)[flag] is False
    assert audited(board) == [f"posting.{on}", f"posting.{off}"]


def test_a_frozen_posting_is_gone_from_its_page_at_once(board: Board, admin: FlaskClient, client: FlaskClient) -> None:
    posting = board.posting()
    assert client.get(posting.path).status_code == 200
    act(admin, posting, "freeze")
    assert client.get(posting.path).status_code == 410


@pytest.mark.parametrize("action", ["request-changes", "reject", "remove"])
def test_a_refusal_without_a_reason_asks_for_it_within_the_row(
    board: Board, admin: FlaskClient, action: str
) -> None:
    posting = pending(board)
    answer = act(admin, posting, action, reason="  ")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert rows(page) == [posting.id]
    assert f'action="/admin/postings/{posting.id}/{action}"' in page
    assert 'name="reason"' in page
    assert stored(board, posting) == ("pending", False, False, posting.version)
    assert audited(board) == []


def test_without_scripts_the_reason_is_asked_for_on_a_page_and_the_way_leads_back(
    board: Board, admin: FlaskClient
) -> None:
    posting = pending(board)
    back = "/admin/postings?status=pending"
    asked = act(admin, posting, "reject", htmx=False, next=back)
    assert asked.status_code == 422
    assert "<!doctype html>" in asked.get_data(as_text=True)
    assert 'name="reason"' in asked.get_data(as_text=True)
    done = act(admin, posting, "reject", htmx=False, reason="No.", next=back)
    assert (done.status_code, done.headers["Location"]) == (303, back)
    assert "Undo" in admin.get(back).get_data(as_text=True)


def test_a_stale_version_gets_the_fresh_row_and_who_changed_it(board: Board, admin: FlaskClient) -> None:
    posting = pending(board)
    other = board.sign_in(board.user("grace@example.org", name="Grace Hopper", is_admin=True).email)
    assert act(other, posting, "approve").status_code == 200
    answer = act(admin, posting, "reject", reason="No.")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert rows(page) == [posting.id]
    assert "Grace Hopper" in page
    assert "Published" in page
    assert stored(board, posting)[0] == "published"
    assert audited(board) == ["posting.published"]


def test_an_illegal_act_is_refused_with_a_sentence(board: Board, admin: FlaskClient) -> None:
    posting = board.posting()
    answer = act(admin, posting, "approve", version=posting.version)
    assert answer.status_code == 200, "what is so already is no error"
    answer = act(admin, posting, "reject", reason="No.")
    assert answer.status_code == 422
    assert "cannot become rejected" in answer.get_data(as_text=True)
    assert audited(board) == []


def test_the_same_act_again_is_the_same_answer_and_one_line_in_the_log(board: Board, admin: FlaskClient) -> None:
    posting = pending(board)
    first, second = act(admin, posting, "approve"), act(admin, posting, "approve")
    assert (first.status_code, second.status_code) == (200, 200)
    assert audited(board) == ["posting.published"]
    with board.reading() as session:
        assert session.scalar(select(func.count(OutboxMail.id))) == 1


def test_undo_restores_what_was_and_is_logged(board: Board, admin: FlaskClient) -> None:
    posting = pending(board)
    act(admin, posting, "reject", reason="No.")
    answer = act(admin, posting, "undo", version=stored(board, posting)[3])
    assert answer.status_code == 200
    assert stored(board, posting)[0] == "pending"
    assert audited(board) == ["posting.rejected", "posting.undo"]
    with board.reading() as session:
        assert [str(status) for status in session.scalars(select(OutboxMail.status))] == ["cancelled"]


def test_undo_is_over_after_ten_seconds(board: Board, admin: FlaskClient) -> None:
    posting = board.posting()
    act(admin, posting, "freeze")
    with clock.stopped(clock.now() + timedelta(seconds=11)):
        assert act(admin, posting, "undo", version=stored(board, posting)[3]).status_code == 409
    assert stored(board, posting)[1] is True


def test_no_other_admin_undoes_it(board: Board, admin: FlaskClient) -> None:
    posting = board.posting()
    act(admin, posting, "freeze")
    other = board.sign_in(board.admin("other@example.org").email)
    assert act(other, posting, "undo", version=stored(board, posting)[3]).status_code == 409
    assert stored(board, posting)[1] is True


def test_a_posting_or_an_act_that_is_not_there(board: Board, admin: FlaskClient) -> None:
    posting = board.posting()
    assert act(admin, SimpleNamespace(id=10**18, version=1), "freeze").status_code == 404
    assert act(admin, posting, "publish").status_code == 404
    assert act(admin, posting, "freeze", version=10**23).status_code == 422
    assert admin.get(f"/admin/postings/{posting.id}/freeze").status_code == 405


def test_the_table_searches_titles_and_companies_by_every_word(board: Board, admin: FlaskClient) -> None:
    northwind, acme = board.company("Northwind"), board.company("Acme 100%")
    first = board.posting(northwind.id, title="Senior Baker")
    second = board.posting(acme.id, title="Baker")
    search = lambda q: set(rows(admin.get("/admin/postings", query_string={"q": q}).get_data(as_text=True)))  # noqa: E731
    assert search("baker") == {first.id, second.id}
    assert search("baker north") == {first.id}
    assert search("100%") == {second.id}
    assert search("10%0") == set()
    assert search("_") == set()


def test_states_are_those_the_clock_makes(board: Board, admin: FlaskClient) -> None:
    running, frozen = board.posting(), board.posting(frozen_at=clock.now())
    waiting = pending(board)
    over = board.posting(
        published_at=clock.now() - timedelta(days=9), expires_at=clock.now() - timedelta(seconds=1)
    )
    state = lambda s: set(rows(admin.get(f"/admin/postings?status={s}").get_data(as_text=True)))  # noqa: E731
    assert state("published") == {running.id, frozen.id}
    assert state("expired") == {over.id}
    assert state("frozen") == {frozen.id}
    assert state("pending") == {waiting.id}
    assert state("nonsense") == {running.id, frozen.id, waiting.id, over.id}


@pytest.mark.parametrize("sort", ["newest", "changed", "title"])
def test_pages_meet_every_posting_once_and_the_address_is_the_state(
    board: Board, admin: FlaskClient, sort: str
) -> None:
    company = board.company()
    made = [board.posting(company.id, title=f"Job {number % 5}").id for number in range(85)]
    path, seen, pages = f"/admin/postings?q=job&sort={sort}", [], 0
    while path:
        page = admin.get(path).get_data(as_text=True)
        seen += rows(page)
        pages += 1
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert (sorted(seen), pages) == (made, 3)


def test_a_cursor_of_another_list_is_refused(board: Board, admin: FlaskClient) -> None:
    company = board.company()
    for _ in range(41):
        board.posting(company.id)
    found = re.search(r'rel="next" href="[^"]*after=([^"&]+)', admin.get("/admin/postings").get_data(as_text=True))
    assert found
    assert admin.get(f"/admin/postings?after={found[1]}").status_code == 200
    assert admin.get(f"/admin/postings?sort=title&after={found[1]}").status_code == 400
    assert admin.get(f"/admin/audit?after={found[1]}").status_code == 400
    assert admin.get(f"/admin/postings?after={found[1]}x").status_code == 400


def test_queries_do_not_grow_with_the_table(board: Board, admin: FlaskClient, queries: Any) -> None:
    for _ in range(3):
        pending(board)
    paths = ["/admin", "/admin/postings", "/admin/reviews", "/admin/companies", "/admin/users", "/admin/audit"]
    few = {path: queries(lambda path=path: admin.get(path)) for path in paths}
    for _ in range(9):
        act(admin, board.posting(), "freeze")
        pending(board)
    many = {path: queries(lambda path=path: admin.get(path)) for path in paths}
    assert many["/admin/postings"] <= few["/admin/postings"] + 2  # what was just done, to be undone
    assert {path: number for path, number in many.items() if number > (20 if path == "/admin/reviews" else 12)} == {}


@pytest.mark.parametrize("pair", [("freeze", "freeze"), ("feature", "feature"), ("approve", "reject")])
def test_of_two_admins_at_once_one_wins_and_the_log_has_one_line(board: Board, pair: tuple[str, str]) -> None:
    names = ("first", "second")
    clients = [board.sign_in(board.user(f"{n}@example.org", name=n.title(), is_admin=True).email) for n in names]
    tokens = [token(client) for client in clients]
    make = pending if pair[0] == "approve" else board_posting
    with ThreadPoolExecutor(2) as pool:
        for round_ in range(20):
            posting = make(board)
            before = len(audited(board))

            def send(side: int, posting: SimpleNamespace = posting) -> TestResponse:
                data = {"version": str(posting.version), "csrf_token": tokens[side], "reason": "Because."}
                path = f"/admin/postings/{posting.id}/{pair[side]}"
                return clients[side].post(path, data=data, headers=HTMX)

            answers = list(pool.map(send, (0, 1)))
            statuses = [answer.status_code for answer in answers]
            assert sorted(statuses) == [200, 409], round_
            winner, loser = statuses.index(200), statuses.index(409)
            fresh = answers[loser].get_data(as_text=True)
            assert rows(fresh) == [posting.id]
            assert names[winner].title() in fresh
            assert f'data-version="{stored(board, posting)[3]}"' in fresh
            assert len(audited(board)) == before + 1


def board_posting(board: Board) -> SimpleNamespace:
    return board.posting()
