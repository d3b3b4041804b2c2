"""Feeds as admins see and steer them, and the rows that were refused."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import SYSTEM
from app.domain.audit.models import AuditEntry
from app.domain.imports import services
from app.domain.imports.models import ImportProblem, ImportRun, ImportSource
from app.domain.imports.queries import MOST_SOURCES
from app.domain.imports.services import Wish
from tests.factories import Board

HTMX = {"HX-Request": "true"}
HOME = "/admin/imports"
URL = "https://feeds.example.org/jobs.xml?a=<b>"


@pytest.fixture
def admin(board: Board) -> FlaskClient:
    board.admin("admin@example.org")
    return board.sign_in("admin@example.org")


def added(board: Board, number: int = 1, **facts: Any) -> int:
    """A feed in some state."""
    with board.writing() as session:
        source = services.add(session, Wish(f"{URL}&n={number}"), (), SYSTEM, clock.now())
        for name, value in facts.items():
            setattr(source, name, value)
        return source.id


def post(board: Board, admin: FlaskClient, path: str, htmx: bool = True, **fields: Any) -> tuple[int, str]:
    data = {"csrf_token": board.csrf(admin, HOME), **fields}
    answer = admin.post(f"{HOME}/sources{path}", data=data, headers=HTMX if htmx else {})
    return answer.status_code, answer.get_data(as_text=True)


def row(page: str, source_id: int) -> str:
    """What a feed's row says, without markup."""
    found = re.search(rf'<tr id="source-{source_id}".*?</tr>', page, re.S)
    assert found, page
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def sources(board: Board) -> list[ImportSource]:
    with board.reading() as session:
        return list(session.scalars(select(ImportSource).order_by(ImportSource.id)))


def test_without_feeds_the_page_says_how_to_begin(board: Board, admin: FlaskClient) -> None:
    page = admin.get(HOME).get_data(as_text=True)
    assert "No feed yet" in page and "No import yet" in page and 'action="/admin/imports/sources"' in page


@pytest.mark.parametrize("htmx", [True, False])
def test_a_feed_is_added_and_due_at_once(board: Board, admin: FlaskClient, htmx: bool) -> None:
    company = board.company("Northwind")
    fields = {"url": f" {URL} ", "format": "rss", "company": company.slug, "publish": "1", "every_hours": "6"}
    for _ in range(2):
        status, page = post(board, admin, "", htmx, **fields)
        assert status == (200 if htmx else 303)
    (source,) = sources(board)
    assert (source.url, source.format, source.company_id, source.publish) == (URL, "rss", company.id, True)
    assert source.every_hours == 6 and source.due_at <= clock.now() and source.looked_at is None
    shown = page if htmx else admin.get(HOME).get_data(as_text=True)
    assert "a=&lt;b&gt;" in shown and "<b>" not in shown
    said = row(shown, source.id)
    assert "Northwind · published without review · rss" in said and "Every 6 hours" in said
    assert "New" in said and "next within a minute" in said
    with board.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.subject_type == "source")).one()
        assert (entry.action, entry.after) == ("source.add", "feeds.example.org") and entry.actor_id
    log = admin.get("/admin/audit?kind=source").get_data(as_text=True)
    assert "source: add" in log and f"/admin/imports#source-{source.id}" in log


@pytest.mark.parametrize("htmx", [True, False])
def test_what_cannot_be_taken_is_said_beside_its_field_and_stays_typed(
    board: Board, admin: FlaskClient, htmx: bool
) -> None:
    fields = {"url": "http://2130706433/jobs", "format": "", "company": "nobody", "every_hours": "5", "publish": "1"}
    status, page = post(board, admin, "", htmx, **fields)
    assert status == 422 and sources(board) == []
    assert 'id="url-error">2130706433 is not on the open internet.' in page and 'id="company-error"' in page
    assert 'id="every_hours-error"' in page and 'value="http://2130706433/jobs"' in page and 'value="nobody"' in page
    assert page.count("<html") == (0 if htmx else 1) and 'role="alert"' in page
    assert re.search(r'name="publish" value="1" checked', page)


def test_there_are_so_many_feeds_and_no_more(board: Board, admin: FlaskClient) -> None:
    with board.writing() as session:
        session.add_all(
            ImportSource(url=f"https://{n}.example/", url_key=str(n), every_hours=1, created_at=clock.now(),
                         due_at=clock.now())
            for n in range(MOST_SOURCES)
        )  # fmt: skip
    status, page = post(board, admin, "", url=URL, every_hours="24")
    assert status == 422 and "Remove one first" in page and page.count('<tr id="source-') == MOST_SOURCES


@pytest.mark.parametrize(
    ("facts", "badge", "acts"),
    [
        ({}, "New", "Look now Pause"),
        ({"looked": 1, "outcome": "Read: 3 new."}, "Fine", "Look now Pause"),
        ({"paused": 1, "looked": 1}, "Paused", "Resume"),
        ({"claimed": 1, "looked": 1}, "Looking now", "Look now Pause"),
        ({"looked": 1, "failures": 1}, "Failed", "Look now Pause"),
        ({"looked": 1, "failures": 3, "outcome": "It did not answer."}, "Failed 3 times in a row", "Look now Pause"),
        ({"looked": 1, "held_back": True}, "Held back", "Look now Pause Believe it"),
    ],
)
def test_a_row_tells_the_state_and_what_may_be_done(
    board: Board, admin: FlaskClient, facts: dict[str, Any], badge: str, acts: str
) -> None:
    now = clock.now()
    moments = {"looked": {"looked_at": now, "changed_at": now}, "paused": {"paused_at": now},
               "claimed": {"claimed_until": now + timedelta(minutes=5)}}  # fmt: skip
    more = {key: value for name in moments.keys() & facts.keys() for key, value in moments[name].items()}
    plain = {name: value for name, value in facts.items() if name not in moments}
    source_id = added(board, due_at=now + timedelta(hours=3), **plain, **more)
    page = admin.get(HOME).get_data(as_text=True)
    said = row(page, source_id)
    assert f" {badge} " in said and facts.get("outcome", "") in said
    buttons = re.findall(r'<button class="btn btn-small" id="[a-z-]+-\d+">([^<]+)', page)
    assert " ".join(buttons) == acts
    due = "next try in 3 hours" if facts.get("failures") else "next in 3 hours"
    assert (due in said) is not ("paused" in facts)


@pytest.mark.parametrize("htmx", [True, False])
def test_acts_answer_with_all_feeds_and_are_audited_once(board: Board, admin: FlaskClient, htmx: bool) -> None:
    source_id = added(board, due_at=clock.now() + timedelta(hours=5), etag='"1"', held_back=True)
    other = added(board, 2)
    for act in ("pause", "pause", "resume", "resume", "look", "count-missing", "remove", "remove"):
        status, page = post(board, admin, f"/{source_id}/{act}", htmx)
        assert status == (200 if htmx else 303)
        if htmx:
            assert 'id="sources"' in page and "#toasts" in page and f"source-{other}" in page
            assert (f"source-{source_id}" in page) is (act != "remove")
            assert ("data-focus" in page) is (act == "remove"), "what acted keeps the focus, or the heading takes it"
        if act == "count-missing":
            source = sources(board)[0]
            assert source.believes_next and source.due_at <= clock.now() and source.etag is None
    with board.reading() as session:
        entries = select(AuditEntry.action).where(AuditEntry.subject_id == source_id, AuditEntry.actor_id.is_not(None))
        done = [action.split(".")[1] for action in session.scalars(entries.order_by(AuditEntry.id))]
    assert done == ["pause", "resume", "look", "look", "remove"]
    assert [source.id for source in sources(board)] == [other]


@pytest.mark.parametrize("htmx", [True, False])
def test_who_comes_too_late_is_told(board: Board, admin: FlaskClient, htmx: bool) -> None:
    source_id = added(board, paused_at=clock.now())
    status, page = post(board, admin, f"/{source_id}/look", htmx)
    assert status == 409 and "This feed is paused. Resume it, then look." in page and 'role="alert"' in page
    status, page = post(board, admin, "/999/pause", htmx)
    assert status == 404 and "not looked at any more" in page and f"source-{source_id}" in page


def test_nothing_changes_by_a_link_or_without_the_forms_token(board: Board, admin: FlaskClient) -> None:
    source_id = added(board)
    for act in ("look", "pause", "resume", "count-missing", "remove"):
        assert admin.get(f"{HOME}/sources/{source_id}/{act}").status_code == 405
        assert admin.post(f"{HOME}/sources/{source_id}/{act}").status_code == 400
    assert admin.post(f"{HOME}/sources", data={"url": URL, "every_hours": "24"}).status_code == 400
    assert post(board, admin, f"/{source_id}/explode")[0] == 404
    assert len(sources(board)) == 1


def test_rows_refused_at_the_last_look_are_shown_page_by_page(board: Board, admin: FlaskClient) -> None:
    with board.writing() as session:
        run = ImportRun(name=URL, format="rss", fingerprint="0" * 64, started_at=clock.now(), rejected=45)
        session.add(run)
        session.flush()
        session.add_all(ImportProblem(run_id=run.id, line=n, reason=f"No <b> title {n}.") for n in range(1, 46))
        run_id = run.id
    source_id = added(board, run_id=run_id, looked_at=clock.now())
    page = admin.get(HOME).get_data(as_text=True)
    assert "Why 45 rows were refused" in row(page, source_id) and f'href="/admin/imports/{run_id}"' in page
    first = admin.get(f"{HOME}/{run_id}").get_data(as_text=True)
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following and first.count("No &lt;b&gt; title") == 40
    assert admin.get(following[1].replace("&amp;", "&")).get_data(as_text=True).count("No &lt;b&gt; title") == 5


def test_the_page_asks_the_same_however_many_feeds_there_are(
    board: Board, admin: FlaskClient, queries: Callable[[Callable[[], object]], int]
) -> None:
    company = board.company("Northwind")
    with board.writing() as session:
        run = ImportRun(name=URL, format="rss", fingerprint="0" * 64, started_at=clock.now(), rejected=1)
        session.add(run)
        session.flush()
        run_id = run.id
    added(board, 0, company_id=company.id, run_id=run_id)
    admin.get(HOME)
    few = queries(lambda: admin.get(HOME))
    for number in range(1, 12):
        added(board, number, company_id=company.id, run_id=run_id)
    assert queries(lambda: admin.get(HOME)) == few
    with board.reading() as session:
        assert session.scalar(select(func.count(ImportSource.id))) == 12
