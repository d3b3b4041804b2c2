"""The employer's table of postings: figures, order, pages, moves and their undo; what counts as a view."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.domain.applications.models import Application, Stage
from app.domain.postings.models import Posting, PostingStatus, PostingViews
from tests.factories import Board
from tests.web.people import Cast
from tests.web.test_postings import HTMX

READER = {"User-Agent": "Mozilla/5.0"}


@pytest.fixture
def cast(board: Board) -> Cast:
    return Cast(board)


def _views(board: Board) -> dict[int, int]:
    with board.reading() as session:
        return dict(session.execute(select(PostingViews.posting_id, PostingViews.views)).all())


def _seen(board: Board, posting_id: int, views: int) -> None:
    with board.writing() as session:
        session.add(PostingViews(posting_id=posting_id, day=clock.now().date(), views=views))


def _status(board: Board, posting_id: int) -> PostingStatus:
    with board.reading() as session:
        return session.get_one(Posting, posting_id).status


def _titles(page: str) -> list[str]:
    return re.findall(r'<td class="primary"[^>]*><a [^>]*>([^<]+)</a>', page)


def test_a_look_counts_once_and_a_program_a_colleague_or_a_head_does_not(cast: Cast) -> None:
    path, posting = cast.posting.path, cast.posting.id
    anonymous = cast.as_("anonymous")
    answer = anonymous.get(path, headers=READER)
    answer.close()
    assert (_views(cast.board), "Set-Cookie" in answer.headers) == ({posting: 1}, False)
    cast.as_("seeker").get(f"/jobs/{posting}/-/panel", headers=READER | HTMX).close()
    assert _views(cast.board) == {posting: 2}
    for agent in ("Googlebot/2.1", "Mozilla/5.0 (compatible; bingbot/2.0)", "facebookexternalhit/1.1", ""):
        anonymous.get(path, headers={"User-Agent": agent}).close()
    anonymous.get(path, headers=READER | {"Sec-Purpose": "prefetch"}).close()
    anonymous.head(path, headers=READER).close()
    for member in ("owner", "reviewer"):
        cast.as_(member).get(path, headers=READER).close()
    anonymous.get(f"/jobs/{posting}/another-slug", headers=READER).close()
    assert _views(cast.board) == {posting: 2}
    with clock.stopped(clock.now() + timedelta(days=1)):
        anonymous.get(path, headers=READER).close()
    with cast.board.reading() as session:
        assert sorted(session.scalars(select(PostingViews.views))) == [1, 2], "a day has a row of its own"


def test_the_rate_names_its_parts_and_says_nothing_of_few_views(cast: Cast) -> None:
    few = cast.board.posting(cast.company.id, title="Few")
    _seen(cast.board, cast.posting.id, 25)
    _seen(cast.board, few.id, 19)
    page = cast.as_("owner").get("/employer/postings").get_data(as_text=True)
    assert '<span title="1 applications ÷ 25 views">4.0%</span>' in page
    assert "0 applications ÷ 19 views: under 20 views a rate says nothing" in page
    assert "(1 open)" in page and "in 29 days" in page


def test_the_address_says_what_is_shown(cast: Cast) -> None:
    now = clock.now()
    board, company = cast.board, cast.company.id
    soon = board.posting(company, title="Ends soon", expires_at=now + timedelta(days=2))
    over = board.posting(
        company, title="Over", published_at=now - timedelta(days=60), expires_at=now - timedelta(days=1)
    )
    board.posting(company, title="Draft of a baker", live=False)
    _seen(board, over.id, 7)
    _seen(board, soon.id, 3)
    browser = cast.as_("owner")

    def shown(query: str) -> list[str]:
        return _titles(browser.get(f"/employer/postings?{query}").get_data(as_text=True))

    everything = ["Draft of a baker", "Over", "Ends soon", "Backend Engineer"]
    assert shown("") == everything
    assert shown("sort=views")[:2] == ["Over", "Ends soon"]
    assert shown("sort=applications")[0] == "Backend Engineer"
    assert shown("sort=expiring")[:2] == ["Ends soon", "Backend Engineer"]
    assert shown("status=expired") == ["Over"] and shown("status=draft") == ["Draft of a baker"]
    assert shown("q=BAKER") == ["Draft of a baker"] and shown("q=%25") == []
    odd = browser.get("/employer/postings?sort=nonsense&status=nonsense").get_data(as_text=True)
    assert _titles(odd) == everything and "not known and was ignored" in odd
    empty = browser.get("/employer/postings?q=nothing").get_data(as_text=True)
    assert "No posting is like this" in empty


@pytest.mark.parametrize("sort", ["newest", "expiring", "applications", "views"])
def test_every_order_pages_without_gap_or_repeat(cast: Cast, sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.web.desk import postings

    monkeypatch.setattr(postings, "PAGE", 3)
    now = clock.now()
    for number in range(8):
        made = cast.board.posting(
            cast.company.id, title=f"Job {number}", expires_at=now + timedelta(days=1 + number % 3),
            live=number != 5,
        ) if number != 5 else cast.board.posting(cast.company.id, title="Job 5", live=False)
        _seen(cast.board, made.id, number % 4)
    browser, path, seen = cast.as_("owner"), f"/employer/postings?sort={sort}", []
    for _ in range(5):
        page = browser.get(path).get_data(as_text=True)
        seen += re.findall(r'<tr id="posting-(\d+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if not following:
            break
        path = following[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 9
    assert browser.get("/employer/postings?sort=newest&after=forged").status_code == 400


def test_a_move_is_taken_back_from_the_toast_with_what_it_told_applicants(cast: Cast) -> None:
    path = f"/employer/postings/{cast.posting.id}"
    version = str(cast.posting.version)
    closed = cast.post("owner", f"{path}/move", HTMX, to="closed", version=version)
    assert closed.status == 200 and f'hx-post="{path}/undo"' in closed.text and 'data-seconds="10"' in closed.text
    found = re.search(rf'action="{path}/undo".*?name="version" value="(\d+)"', closed.text, re.S)
    assert found
    fresh = found[1]
    assert _stage(cast) is Stage.NOT_SELECTED
    assert cast.post("recruiter", f"{path}/undo", HTMX, version=fresh).status == 409, "somebody else's"
    assert cast.post("owner", f"{path}/undo", HTMX, version=version).status == 409, "stale"
    undone = cast.post("owner", f"{path}/undo", HTMX, version=fresh)
    assert undone.status == 200 and ">Published<" in undone.text
    assert (_status(cast.board, cast.posting.id), _stage(cast)) == (PostingStatus.PUBLISHED, Stage.SUBMITTED)
    assert cast.post("owner", f"{path}/undo", HTMX, version=fresh).status == 200, "a second click changes nothing"
    with cast.board.reading() as session:
        assert session.get_one(Posting, cast.posting.id).ended_at is None


def _stage(cast: Cast) -> Stage:
    with cast.board.reading() as session:
        return session.get_one(Application, cast.application.id).stage


def test_ten_seconds_later_or_after_somebody_else_nothing_is_undone(cast: Cast) -> None:
    path, now = f"/employer/postings/{cast.posting.id}", clock.now()
    with clock.stopped(now):
        assert cast.post("owner", f"{path}/move", to="paused", version=str(cast.posting.version)).status == 303
        page = cast.as_("owner").get("/employer/postings").get_data(as_text=True)
        assert "was changed by you just now" in page, "without a script there is a button"
        assert "just now" not in cast.as_("recruiter").get("/employer/postings").get_data(as_text=True)
    with clock.stopped(now + timedelta(seconds=11)):
        assert cast.post("owner", f"{path}/undo", version=str(cast.posting.version + 1)).status == 409
    assert _status(cast.board, cast.posting.id) is PostingStatus.PAUSED


def test_the_undo_of_an_earlier_move_is_not_taken_for_the_last_one(cast: Cast) -> None:
    path, first = f"/employer/postings/{cast.posting.id}", cast.posting.version
    with clock.stopped(clock.now()):
        for version in (first, first + 2):
            assert cast.post("owner", f"{path}/move", to="paused", version=str(version)).status == 303
            assert cast.post("owner", f"{path}/undo", version=str(version + 1)).status == 303
        assert cast.post("owner", f"{path}/undo", version=str(first + 1)).status == 409
    assert _status(cast.board, cast.posting.id) is PostingStatus.PUBLISHED


def test_handing_in_is_not_undone(cast: Cast) -> None:
    draft = cast.board.posting(cast.company.id, live=False)
    moved = cast.post("owner", f"/employer/postings/{draft.id}/move", HTMX, to="pending", version=str(draft.version))
    assert moved.status == 200 and "/undo" not in moved.text
