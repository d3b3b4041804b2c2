"""The fragment of suggestions: groups of links for a script, the listing for whoever opens it."""

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.factories import Board

HTMX = {"HX-Request": "true"}


def _offered(client: FlaskClient, query: str) -> dict[str, list[tuple[str, str]]]:
    answer = client.get(f"/jobs/suggest?{query}", headers=HTMX)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    soup = BeautifulSoup(answer.data, "html.parser")
    groups = {}
    for group in soup.select("[role=group]"):
        (heading,) = soup.select(f"#{group['aria-labelledby']}")
        options = group.select("a[role=option]")
        groups[heading.text] = [(" ".join(one.text.split()), str(one["href"])) for one in options]
    return groups


@pytest.fixture
def wards(board: Board) -> None:
    company = board.company("Nurses & Sons", owner="owner@example.org").id
    for title in ("Night Nurse", "Nurse", "Nurse"):
        board.posting(company, title=title, description_text="Nursing.")
    board.posting(company, title="<b>Nursery</b> & <script>alert(1)</script>", description_text="")


def test_suggestions_lead_to_listings(client: FlaskClient, wards: None) -> None:
    offered = _offered(client, "q=nurse")
    assert offered["Companies"] == [("Nurses & Sons 4 jobs", "/jobs?company=nurses-sons")]
    assert offered["Jobs"][0] == ("Nurse 4 jobs", "/jobs?q=Nurse")
    for group in offered.values():
        for label, address in group:
            page = BeautifulSoup(client.get(address).data, "html.parser")
            assert f"{len(page.select('#results article'))} job" in label
    assert _offered(client, "q=nurse&place=berlin-de&box=q")["Jobs"][0][1] == "/jobs?q=Nurse&place=berlin-de"
    assert _offered(client, "q=nurse&place=ber&box=place") == {
        "Places": [("Berlin, Germany 4 jobs", "/jobs?q=nurse&place=berlin-de")]
    }


def test_titles_are_written_out_and_not_run(client: FlaskClient, wards: None) -> None:
    html = client.get("/jobs/suggest?q=nursery", headers=HTMX).get_data(as_text=True)
    assert "Nursery" in html
    assert "<b>" not in html and "<script" not in html


def test_opened_directly_it_is_the_listing(client: FlaskClient) -> None:
    answer = client.get("/jobs/suggest?q=nurse&type=contract")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/jobs?q=nurse&type=contract")
    assert client.get("/jobs/suggest").headers["Location"] == "/jobs"


@pytest.mark.parametrize("q", ["", "x" * 5000, "%F0%9F%92%A9", "%01%02", "%22%22%22", "-%2A", "%E2%80%AE", "a" * 301])
def test_what_nobody_types_is_answered_with_nothing(client: FlaskClient, wards: None, q: str) -> None:
    assert _offered(client, f"q={q}") == _offered(client, f"place={q}&box=place") == {}
