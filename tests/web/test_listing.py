"""The listing: one state in the URL, two addresses, exact counts, pages without gaps."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from app.domain.postings.models import EmploymentType, PostingStatus, Workplace
from app.domain.search.index import dear
from tests.factories import Board

HTMX = {"HX-Request": "true"}


def _soup(client: FlaskClient, path: str, **headers: str) -> BeautifulSoup:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return BeautifulSoup(answer.data, "html.parser")


def _ids(soup: BeautifulSoup) -> list[int]:
    return [int(str(row["data-posting"])) for row in soup.select("#results article[data-posting]")]


def _facet(soup: BeautifulSoup, argument: str) -> dict[str, int]:
    found = soup.select(f'[data-facet="{argument}"]')
    return {str(option["data-value"]): int(str(option["data-count"])) for option in found}


def _total(soup: BeautifulSoup) -> int:
    count = soup.select_one("#count")
    assert isinstance(count, Tag)
    return int(re.sub(r"\D", "", count.text))


@pytest.fixture
def three(board: Board) -> dict[str, int]:
    company = board.company("Northwind", owner="owner@example.org").id
    return {
        "python": board.posting(company, title="Python Engineer").id,
        "nurse": board.posting(company, title="Nurse", type=EmploymentType.PART_TIME).id,
        "remote": board.posting(
            company, title="Designer", workplace=Workplace.REMOTE, salary_min=None, salary_max=12_000_000
        ).id,
    }


def test_every_live_posting_is_there_newest_first(client: FlaskClient, three: dict[str, int]) -> None:
    soup = _soup(client, "/jobs")
    assert _ids(soup) == [three["remote"], three["nurse"], three["python"]]
    assert _total(soup) == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=python", ["python"]), ("type=part_time", ["nurse"]), ("workplace=remote", ["remote"]),
        ("type=part_time&type=full_time&q=nurse", ["nurse"]), ("salary_min=100000&currency=EUR", ["remote"]),
        ("place=berlin-de&q=nurse", ["nurse"]), ("country=FR", []), ("company=northwind&q=designer", ["remote"]),
    ],
)
def test_filters_narrow_page_and_fragment_alike(
    client: FlaskClient, three: dict[str, int], query: str, found: list[str]
) -> None:
    page = _soup(client, f"/jobs?{query}")
    fragment = client.get(f"/jobs/results?{query}", headers=HTMX).get_data(as_text=True)
    assert _ids(page) == [three[name] for name in found]
    assert [int(i) for i in re.findall(r'data-posting="(\d+)"', fragment)] == _ids(page)
    assert _total(page) == len(found)


REGIONS = ("results", "count", "chips", "facets", "sort", "show")


@pytest.mark.parametrize("query", ["", "q=nurse&type=full_time", "q=nirse", "q=zzzz", "category=nope&place=berlin-de"])
def test_the_fragment_brings_every_region_as_the_page_has_it(
    client: FlaskClient, three: dict[str, int], query: str
) -> None:
    page = _soup(client, f"/jobs?{query}")
    fragment = _soup(client, f"/jobs/results?{query}", **HTMX)
    brought = {str(part["hx-target"])[1:]: part.decode_contents() for part in fragment.find_all("hx-partial")}
    for part in fragment.find_all("hx-partial"):
        part.decompose()
    brought["results"] = fragment.decode_contents()
    assert set(brought) == set(REGIONS)
    for region in REGIONS:
        there = page.select_one(f"#{region}")
        assert there is not None
        assert brought[region].split() == there.decode_contents().split(), region


def test_more_of_a_long_facet(board: Board, client: FlaskClient) -> None:
    for number in range(12):
        board.posting(board.company(f"Company {number}", owner=f"owner{number}@example.org").id)
    soup = _soup(client, "/jobs?q=engineer")
    assert len(_facet(soup, "company")) == 10
    more = soup.select_one("#more-company")
    assert more is not None and more.text == "More companies"
    soup = _soup(client, str(more["href"]))
    assert len(_facet(soup, "company")) == 12
    hidden = soup.select_one("#search input[type=hidden][name=more]")
    assert hidden is not None and hidden["value"] == "company"
    fewer = soup.select_one("#more-company")
    assert fewer is not None and (fewer.text, fewer["href"]) == ("Fewer companies", "/jobs?q=engineer")
    answer = client.get("/jobs/results?q=engineer&more=company", headers=HTMX)
    assert answer.headers["HX-Push-Url"] == "/jobs?q=engineer&more=company"
    assert answer.get_data(as_text=True).count('data-facet="company"') == 12
    assert len(_facet(_soup(client, "/jobs?more=nonsense"), "company")) == 10


def test_a_count_says_what_choosing_would_give(client: FlaskClient, three: dict[str, int]) -> None:
    soup = _soup(client, "/jobs?q=nurse")
    assert _facet(soup, "type")["part_time"] == 1
    assert _facet(soup, "type")["full_time"] == 0
    for value, count in _facet(_soup(client, "/jobs?type=part_time"), "type").items():
        assert _total(_soup(client, f"/jobs?type={value}")) == count


def test_the_fragment_opened_directly_leads_to_its_page(client: FlaskClient) -> None:
    answer = client.get("/jobs/results?q=a%20b&type=contract")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/jobs?q=a%20b&type=contract"


def test_a_restored_history_entry_gets_the_page(client: FlaskClient) -> None:
    assert client.get("/jobs/results", headers={"HX-History-Restore-Request": "true"}).status_code == 302


def test_the_fragment_says_the_canonical_address_and_what_it_varies_by(client: FlaskClient) -> None:
    answer = client.get("/jobs/results?q=++nurse+&unknown=1&type=", headers=HTMX)
    assert answer.headers["HX-Push-Url"] == "/jobs?q=nurse"
    assert "HX-Request" in answer.headers["Vary"]


def test_scrolling_answers_rows_alone_and_pushes_nothing(board: Board, client: FlaskClient) -> None:
    company = board.company(owner="owner@example.org").id
    ids = [board.posting(company).id for _ in range(45)]
    met: list[int] = []
    url: str | None = "/jobs"
    pages = 0
    while url:
        soup = _soup(client, url)
        met += _ids(soup)
        link = soup.select_one("a[rel=next]")
        if link is not None and pages == 0:
            rows = client.get(str(link["hx-get"]), headers=HTMX)
            assert "HX-Push-Url" not in rows.headers
            assert 'id="count"' not in rows.get_data(as_text=True)
            assert "hx-partial" not in rows.get_data(as_text=True)
        url = str(link["href"]) if link is not None else None
        pages += 1
    assert met == sorted(ids, reverse=True)
    assert pages == 3


def test_what_is_not_understood_is_told_and_left_out(client: FlaskClient, three: dict[str, int]) -> None:
    soup = _soup(client, "/jobs?salary_min=lots&type=wizard&place=qqqqzzzz&category=nope")
    assert _total(soup) == 3
    for argument in ("salary_min", "type", "place", "category"):
        assert soup.select_one(f"#{argument}-error"), argument


def test_a_phrase_of_words_that_too_many_jobs_have_is_told_and_left_out(
    client: FlaskClient, three: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dear, "MOST_READ", dict.fromkeys(dear.MOST_READ, (0, 1000)))
    monkeypatch.setattr(dear, "_FEW", 0)
    for path, asks in (("/jobs", {}), ("/jobs/results", HTMX)):
        soup = _soup(client, f'{path}?q="python+engineer"&type=part_time', **asks)
        told = soup.select_one("#q-error")
        assert told is not None and "side by side" in told.text
        assert [row["data-posting"] for row in soup.select("article[data-posting]")] == [str(three["nurse"])]
    box = _soup(client, '/jobs?q="python+engineer"').select_one("#q")
    assert box is not None and box["value"] == '"python engineer"'


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%00", "a" * 5000, "é"])
def test_a_made_up_cursor_is_400(client: FlaskClient, cursor: str) -> None:
    assert client.get(f"/jobs?after={cursor}").status_code == 400
    assert client.get(f"/jobs/results?after={cursor}", headers=HTMX).status_code == 400


def test_a_cursor_belongs_to_one_filter_set(board: Board, client: FlaskClient) -> None:
    company = board.company(owner="owner@example.org").id
    for _ in range(25):
        board.posting(company)
    link = _soup(client, "/jobs").select_one("a[rel=next]")
    assert link is not None
    cursor = str(link["href"]).split("after=")[1]
    assert client.get(f"/jobs?after={cursor}").status_code == 200
    assert client.get(f"/jobs?q=backend&after={cursor}").status_code == 400


def test_an_empty_list_says_which_filter_to_loosen(client: FlaskClient, three: dict[str, int]) -> None:
    soup = _soup(client, "/jobs?q=nurse&workplace=remote")
    assert _total(soup) == 0
    hints = [link.text for link in soup.select("#results a.chip")]
    assert any("Remote" in hint and "1 job" in hint for hint in hints), hints


def test_chips_lead_to_the_list_without_them(client: FlaskClient, three: dict[str, int]) -> None:
    soup = _soup(client, "/jobs?q=python&type=full_time")
    links = {str(chip["href"]) for chip in soup.select("#chips a.chip[data-refine]")}
    assert {"/jobs?type=full_time", "/jobs?q=python", "/jobs"} == links


@pytest.mark.parametrize(
    "change",
    [{"status": PostingStatus.PAUSED}, {"frozen_at": True}, {"expires_at": "past"}, {"published_at": "future"}],
)
def test_what_is_not_live_is_in_no_list_and_no_count(board: Board, client: FlaskClient, change: dict[str, Any]) -> None:
    from datetime import timedelta

    from app.core import clock

    now = clock.now()
    times = {"past": now - timedelta(seconds=1), "future": now + timedelta(hours=1), True: now}
    facts = {key: times.get(value, value) for key, value in change.items()}
    if "expires_at" in facts:
        facts["published_at"] = now - timedelta(days=2)
    board.posting(**facts)
    soup = _soup(client, "/jobs")
    assert _ids(soup) == []
    assert set(_facet(soup, "type").values()) == {0}


def test_a_page_asks_the_same_few_questions_of_ten_and_of_forty(board: Board, client: FlaskClient) -> None:
    company = board.company(owner="owner@example.org").id

    def statements(path: str) -> int:
        with board.statements() as seen:
            client.get(path, headers=HTMX)
        return len(seen)

    for _ in range(10):
        board.posting(company)
    statements("/jobs?q=engineer")  # follows the log, and learns the word
    few = statements("/jobs")
    for _ in range(30):
        board.posting(company)
    statements("/jobs?q=engineer")
    assert statements("/jobs") == few <= 6
    assert statements("/jobs") <= 4, "the counts are kept"
    assert statements("/jobs?q=engineer&type=full_time") <= 4
    assert statements("/jobs/results?type=full_time&workplace=on_site&country=DE") <= 3


def test_anonymous_lists_set_no_cookie(client: FlaskClient, three: dict[str, int]) -> None:
    for path in ("/", "/jobs", "/jobs?q=python"):
        assert "Set-Cookie" not in client.get(path).headers


def test_a_misspelled_word_is_answered_in_better_words(client: FlaskClient, three: dict[str, int]) -> None:
    soup = _soup(client, "/jobs?q=nrse&type=part_time")
    assert _ids(soup) == [three["nurse"]]
    assert _total(soup) == 1
    said = soup.select_one(".spelling")
    assert said is not None
    assert " ".join(said.text.split()).startswith("Showing results for nurse. No job says “nrse”.")
    assert [str(link["href"]) for link in said.select("a")] == ["/jobs?q=%22nrse%22&type=part_time"]
    assert [chip.text.split(",")[0].strip() for chip in soup.select("#chips .chip")][:2] == ["“nurse”", "Part time"]
    assert str(soup.select("#chips a.chip")[1]["href"]) == "/jobs?q=nrse"
    assert [str(field["value"]) for field in soup.select("#q")] == ["nrse"]
    fragment = client.get("/jobs/results?q=nrse&type=part_time", headers=HTMX)
    assert fragment.headers["HX-Push-Url"] == "/jobs?q=nrse&type=part_time"
    assert "Showing results for <strong>nurse</strong>" in fragment.get_data(as_text=True)
    for value, count in _facet(_soup(client, "/jobs?q=nrse"), "type").items():
        assert _total(_soup(client, f"/jobs?q=nrse&type={value}")) == count


def test_quotes_insist_on_the_word_as_it_was_typed(client: FlaskClient, three: dict[str, int]) -> None:
    soup = _soup(client, "/jobs?q=%22nrse%22")
    assert _ids(soup) == []
    assert not soup.select(".spelling")
    assert "Did you mean" not in soup.text


def test_a_list_in_better_words_that_a_filter_empties_says_which(client: FlaskClient, three: dict[str, int]) -> None:
    soup = _soup(client, "/jobs?q=nrse&type=contract")
    assert _total(soup) == 0
    assert "Without “Contract”: 1 job" in soup.select_one("#results").text  # type: ignore[union-attr]
    assert "Without “nurse”" not in soup.text
    assert _ids(_soup(client, "/jobs?q=nrse")) == [three["nurse"]]


def test_what_may_have_been_meant_is_offered_where_it_is_not_plain(
    board: Board, client: FlaskClient, three: dict[str, int]
) -> None:
    soup = _soup(client, "/jobs?q=nrse+-python")
    assert _ids(soup) == []
    link = soup.select_one('#results a[href="/jobs?q=nurse+-python"]')
    assert link is not None and link.text == "nurse -python: 1 job"
    assert _ids(_soup(client, str(link["href"]))) == [three["nurse"]]


def test_scrolling_goes_on_in_the_better_words(board: Board, client: FlaskClient) -> None:
    company = board.company(owner="owner@example.org").id
    ids = [board.posting(company, title=f"Nurse {number}").id for number in range(45)]
    met: list[int] = []
    url: str | None = "/jobs?q=nrse"
    while url:
        page = _soup(client, url)
        met += _ids(page)
        assert _total(page) == 45
        link = page.select_one("a[rel=next]")
        url = str(link["href"]) if link is not None else None
        if link is not None:
            rows = client.get(str(link["hx-get"]), headers=HTMX).get_data(as_text=True)
            assert len(re.findall(r'data-posting="(\d+)"', rows)) in (20, 5)
            assert url.startswith("/jobs?q=nrse&after=")
            stolen = str(link["hx-get"]).replace("q=nrse", "q=nurse")
            assert client.get(stolen, headers=HTMX).status_code == 400
    assert met == ids[::-1]


def test_a_word_that_finds_something_costs_no_question_of_spelling(board: Board, client: FlaskClient) -> None:
    board.posting(title="Nurse")
    with board.statements() as statements:
        client.get("/jobs?q=nurse")
        asked = len(statements)
        client.get("/jobs?q=nurse&type=contract")
    assert not [one for one in statements[:asked] if "search_words" in one]
    assert not [one for one in statements if "search_words" in one]


def _card(soup: BeautifulSoup, id_: int) -> Tag:
    card = soup.select_one(f'#results [data-posting="{id_}"]')
    assert isinstance(card, Tag)
    return card


def _marked(card: Tag) -> list[str]:
    return [mark.text for mark in card.select("mark")]


def test_what_was_looked_for_is_marked(board: Board, client: FlaskClient) -> None:
    company = board.company("Łódź Nursing", owner="owner@example.org").id
    said = board.posting(company, title="Night Nurse", description_text="You nurse people.").id
    text = "Work with people. " * 20 + "You are a registered nurse,\n\nat night. " + "And more. " * 30
    hidden = board.posting(title="Carer", description_text=text).id
    soup = _soup(client, "/jobs?q=nurse+night")
    assert _marked(_card(soup, said)) == ["Night", "Nurse", "Nursing"]
    assert not _card(soup, said).select(".job-snippet")
    (snippet,) = _card(soup, hidden).select(".job-snippet")
    assert "You are a registered nurse, at night." in snippet.text
    assert snippet.text.startswith("…") and snippet.text.endswith("…") and len(snippet.text) <= 160
    assert _marked(_card(soup, hidden)) == ["nurse", "night"]
    assert _marked(_card(_soup(client, "/jobs?q=lodz"), said)) == ["Łódź"]
    assert _marked(_card(_soup(client, "/jobs?q=nrse"), said)) == ["Nurse", "Nursing"]
    assert not _soup(client, "/jobs").select("mark, .job-snippet")
    assert not _soup(client, "/jobs?q=-baker").select("mark, .job-snippet")
    rows = client.get("/jobs/results?q=nurse", headers=HTMX).get_data(as_text=True)
    assert "Night <mark>Nurse</mark>" in rows


def test_marks_let_no_markup_through(board: Board, client: FlaskClient) -> None:
    evil = '<script>alert(1)</script><img src=x onerror=alert(2)> & "quoted"'
    company = board.company(f"Evil {evil}", owner="owner@example.org").id
    for title, text in ((evil, "Plain."), ("Baker", f"Words {evil} {evil}")):
        board.posting(company, title=title, description_text=text)
    for q in ("script", "alert", "img", "quoted", "1", "onerror x", "<script>"):
        soup = _soup(client, f"/jobs?q={quote(q)}")
        assert len(_ids(soup)) == 2
        results = soup.select_one("#results")
        assert results is not None and results.select("mark")
        assert not results.select("script, img, [onerror]")
        assert any(heading.text.strip() == evil for heading in results.select(".job-title"))
        assert any(name.text.strip() == f"Evil {evil}" for name in results.select(".company"))


def test_descriptions_are_read_once_and_only_where_words_are_asked(board: Board, client: FlaskClient) -> None:
    company = board.company("Acme", owner="owner@example.org").id
    for number in range(25):
        board.posting(company, title=f"Baker {number}", description_text="You are a nurse.")
    with board.statements() as statements:
        for path, most in (("/jobs", 0), ("/jobs?q=baker", 0), ("/jobs?q=nurse", 1), ("/jobs?type=full_time", 0)):
            statements.clear()
            assert len(_ids(_soup(client, path))) == 20
            assert len([one for one in statements if "description_text" in one]) == most, path
