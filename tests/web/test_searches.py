"""Saving a search keeps the listing as it was understood, once, for its owner alone."""

import re
from urllib.parse import quote

import pytest
from sqlalchemy import select

from app.core import clock
from app.domain.alerts.models import SavedSearch
from app.domain.alerts.services import MOST_SEARCHES, save_search
from app.domain.search.filters import parse
from tests.factories import PASSWORD, Board
from tests.web.graphql import told
from tests.web.people import Cast
from tests.web.test_api_access import access

HTMX = {"HX-Request": "true"}
WANTED = "q=engineer&type=full_time&place=berlin-de&salary_min=50000&currency=EUR"


@pytest.fixture
def cast(board: Board) -> Cast:
    return Cast(board)


def _saved(board: Board) -> list[tuple[int, str, str]]:
    with board.reading() as session:
        kept = session.scalars(select(SavedSearch).order_by(SavedSearch.id))
        return [(one.user_id, one.name, one.query) for one in kept]


def test_a_search_is_saved_once_by_its_words(board: Board, cast: Cast) -> None:
    answer = cast.post("seeker", f"/me/searches?{WANTED}", HTMX)
    assert answer.status == 200 and "<html" not in answer.text and "/me/searches" in answer.text
    otherwise = "type=full-time&currency=eur&place=Berlin&q=engineer&salary_min=50k&radius_km=50"
    again = cast.post("seeker", f"/me/searches?{otherwise}")
    assert (again.status, again.headers["Location"]) == (303, "/me/searches")
    name = "“engineer” · Full time · Within 50 km of Berlin, Germany · From €50k a year (EUR)"
    query = "q=engineer&type=full_time&place=berlin-de&salary_min=50000&currency=EUR"
    assert _saved(board) == [(cast.seeker.id, name, query)]


def test_the_list_leads_back_and_lets_go(board: Board, cast: Cast) -> None:
    client = cast.as_("seeker")
    assert "No search saved yet" in client.get("/me/searches").get_data(as_text=True)
    cast.post("seeker", "/me/searches?workplace=remote")
    page = client.get("/me/searches").get_data(as_text=True)
    assert 'href="/jobs?workplace=remote">Remote</a>' in page and "/jobs.atom?workplace=remote" in page
    (number,) = re.findall(r'data-search="(\d+)"', page)
    assert cast.post("other", f"/me/searches/{number}/remove").status == 303 and _saved(board)
    for _ in range(2):
        assert cast.post("seeker", f"/me/searches/{number}/remove").status == 303
    assert _saved(board) == []


def test_the_listing_offers_it_where_it_is_narrowed(board: Board, cast: Cast) -> None:
    seeker, anonymous = cast.as_("seeker"), cast.as_("anonymous")
    for path in ("/jobs?workplace=on_site", "/jobs/results?workplace=on_site"):
        shown = seeker.get(path, headers=HTMX).get_data(as_text=True)
        assert 'formaction="/me/searches?workplace=on_site"' in shown
        way = f'href="/sign-in?next={quote("/jobs?workplace=on_site", safe="/")}"'
        assert way in anonymous.get(path, headers=HTMX).get_data(as_text=True)
    assert "Save this search" not in seeker.get("/jobs").get_data(as_text=True)


def test_what_is_not_understood_is_not_saved(board: Board, cast: Cast) -> None:
    assert cast.post("seeker", "/me/searches?salary_min=lots", HTMX).status == 422
    assert cast.post("anonymous", f"/me/searches?{WANTED}").status == 303
    assert _saved(board) == []


def test_a_hundred_searches_are_the_most(board: Board, cast: Cast) -> None:
    with board.writing() as session:
        for number in range(MOST_SEARCHES):
            wanted = parse([("q", f"job{number}")], "USD").filters
            save_search(session, cast.seeker.id, wanted, "a job", clock.now())
    refused = cast.post("seeker", "/me/searches?q=more", HTMX)
    assert refused.status == 422 and "/me/searches" in refused.text
    assert cast.post("seeker", "/me/searches?q=job7", HTMX).status == 200, "it is saved already"
    assert cast.post("other", "/me/searches?q=more", HTMX).status == 200


def test_they_leave_with_their_owner(board: Board, cast: Cast) -> None:
    cast.post("seeker", f"/me/searches?{WANTED}")
    assert cast.post("seeker", "/me/security/close", current_password=PASSWORD).status == 303
    assert _saved(board) == []


def test_programs_read_them(board: Board, cast: Cast) -> None:
    cast.post("seeker", "/me/searches?workplace=remote")
    client = board.app.test_client()
    (found,) = told(client, "{me{searches{name query url}}}", access(client, "seeker@example.org"))["me"]["searches"]
    assert found == {
        "name": "Remote", "query": "workplace=remote", "url": "http://127.0.0.1:5000/jobs?workplace=remote",
    }
