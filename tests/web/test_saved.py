"""Saving a posting swaps one button; the list keeps what is over, and says so."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.domain.alerts.models import SavedPosting
from app.domain.alerts.services import save
from app.domain.postings.models import Posting, PostingStatus
from tests.factories import Board
from tests.web.people import Cast

HTMX = {"HX-Request": "true"}


@pytest.fixture
def cast(board: Board) -> Cast:
    return Cast(board)


def _saved(board: Board) -> list[int]:
    with board.reading() as session:
        return list(session.scalars(select(SavedPosting.posting_id)))


def test_one_button_is_swapped(board: Board, cast: Cast) -> None:
    path = f"/jobs/{cast.posting.id}"
    answer = cast.post("other", f"{path}/save", HTMX)
    assert (answer.status, _saved(board)) == (200, [cast.posting.id])
    assert 'aria-pressed="true"' in answer.text and f"{path}/unsave" in answer.text and "<html" not in answer.text
    assert cast.post("other", f"{path}/save", HTMX).status == 200
    answer = cast.post("other", f"{path}/unsave", HTMX)
    assert 'aria-pressed="false"' in answer.text
    assert _saved(board) == []


def test_without_a_script_one_goes_back_where_one_was(cast: Cast) -> None:
    answer = cast.post("other", f"/jobs/{cast.posting.id}/save", next="/jobs?q=x")
    assert (answer.status, answer.headers["Location"]) == (303, "/jobs?q=x")
    answer = cast.post("other", f"/jobs/{cast.posting.id}/unsave", next="https://evil.example")
    assert answer.headers["Location"] == cast.posting.path


def test_the_anonymous_are_led_to_signing_in(board: Board, cast: Cast) -> None:
    answer = cast.post("anonymous", f"/jobs/{cast.posting.id}/save", {"Referer": f"http://127.0.0.1:5000{cast.posting.path}"})
    assert (answer.status, answer.headers["Location"]) == (303, f"/sign-in?next={cast.posting.path}")
    answer = cast.post("anonymous", f"/jobs/{cast.posting.id}/save", HTMX)
    assert (answer.status, answer.headers["HX-Redirect"][:8]) == (401, "/sign-in")
    assert _saved(board) == []
    assert cast.as_("anonymous").get("/me/saved").status_code == 303


def test_what_is_over_or_never_was_cannot_be_saved(board: Board, cast: Cast) -> None:
    over = board.posting(cast.company.id, status=PostingStatus.CLOSED)
    draft = board.posting(cast.company.id, live=False)
    assert cast.post("other", f"/jobs/{over.id}/save").status == 410
    for missing in (draft.id, 999_999, "9" * 23):
        assert cast.post("other", f"/jobs/{missing}/save").status == 404
        assert cast.post("other", f"/jobs/{missing}/unsave").status == 404
    assert cast.as_("other").get(f"/jobs/{cast.posting.id}/save").status_code in (301, 404, 405)
    assert _saved(board) == []


def test_the_list_shows_ones_own_page_by_page(board: Board, cast: Cast) -> None:
    client, person = cast.as_("seeker"), cast.seeker
    assert "Nothing saved yet" in client.get("/me/saved").get_data(as_text=True)
    at = clock.now()
    ids = [board.posting(cast.company.id, title=f"Job {n}").id for n in range(23)]
    for n, posting_id in enumerate(ids):
        with board.writing() as session:
            save(session, person.id, posting_id, at + timedelta(seconds=n))
    with board.writing() as session:
        session.get_one(Posting, ids[22]).status = PostingStatus.CLOSED
    first = client.get("/me/saved").get_data(as_text=True)
    assert "No longer open" in first
    assert first.count("data-posting=") == 20
    following = first.split('rel="next" href="')[1].split('"')[0]
    second = client.get(following).get_data(as_text=True)
    assert second.count("data-posting=") == 3
    assert 'rel="next"' not in second
    assert client.get("/me/saved?after=forged").status_code == 400
    assert cast.as_("other").get(following).status_code == 400
    assert "Job 0" not in cast.as_("other").get("/me/saved").get_data(as_text=True)
