"""Feeds, the sitemap and a posting as JSON: what is live, all of it, in the listing's order, read by other programs."""

import gzip
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import feedparser
import pytest
import xmlschema
from bs4 import BeautifulSoup
from defusedxml import ElementTree
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.http import http_date

from app.core import clock
from app.core.events import postings_changed
from app.domain.postings.gazetteer import by_slug
from app.domain.postings.models import WORLDWIDE, Posting, PostingStatus, Workplace
from app.domain.postings.services.expiry import stamp_expired
from app.domain.search.filters import Filters
from app.web.feeds import sitemap, streaming
from tests.domain.search.market import NOW, Market
from tests.factories import Board

XSD = Path(__file__).parent / "schemas"
HOSTILE = 'R&D <script>alert(1)</script> ]]> "Ingénieur" \x0b 東京'
SHOWN = HOSTILE.replace("\x0b", "")


def _path(url: str) -> str:
    return urlsplit(url)._replace(scheme="", netloc="").geturl()


def test_other_programs_read_whatever_people_wrote(board: Board, client: FlaskClient) -> None:
    company = board.company("Müller & Söhne <b>", owner="owner@example.org").id
    since = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    text = "<p>R&amp;D ]]&gt; <strong>now</strong></p>"
    posting = board.posting(company, title=HOSTILE, description_html=text, published_at=since)
    for path in ("/jobs.atom", "/jobs.rss"):
        entry = feedparser.parse(client.get(path).data).entries[0]
        assert entry.link == f"http://127.0.0.1:5000{posting.path}"
        assert "alert(1)" in entry.title and "東京" in entry.title
        assert "<strong>now</strong>" in (entry.content[0].value if "content" in entry else entry.description)
        assert entry.published_parsed == since.utctimetuple()
    raw = ElementTree.fromstring(client.get("/jobs.atom").data)
    assert raw.find(".//{*}entry/{*}title").text == f"{SHOWN} – Müller & Söhne <b>"
    item = client.get("/jobs.json").json["items"][0]
    assert item["title"].startswith(SHOWN[:3]) and item["authors"] == [{"name": "Müller & Söhne <b>"}]


@pytest.mark.parametrize("path", ["/jobs.atom", "/jobs.rss", "/jobs.json"])
def test_a_feed_refuses_what_it_does_not_understand(board: Board, client: FlaskClient, path: str) -> None:
    board.posting()
    for query, status in (("salary_min=lots", 422), ("place=qqqqzzzz", 422), ("company=nobody", 422), ("after=x", 400)):
        answer = client.get(f"{path}?{query}")
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert client.get(f"{path}?salary_min=lots").json["errors"][0]["pointer"] == "#/salary_min"
    assert client.get(f"{path}?unknown=1&q=").status_code == 200


LISTINGS = ("/jobs.atom", "/jobs.rss", "/jobs.json")
EACH = (*LISTINGS, "/feeds/indeed.xml", "/sitemap.xml", "/sitemap-0.xml")


@pytest.mark.parametrize("path", EACH)
def test_what_has_not_changed_is_not_sent_again(board: Board, client: FlaskClient, path: str) -> None:
    posting = board.posting()
    path = path.replace("-0.", f"-{_part(posting)}.")
    first = client.get(path)
    assert first.data
    # What is drawn while it is sent has no length to tell; a wrong one, and programs read nothing.
    assert first.headers.get("Content-Length", str(len(first.data))) == str(len(first.data))
    same = {"If-None-Match": first.headers["ETag"]}
    assert client.get(path, headers=same).status_code == 304
    since = {"If-Modified-Since": first.headers.get("Last-Modified", http_date(clock.now() + timedelta(days=1)))}
    whole = path in LISTINGS  # what leaves a listing leaves no later date behind: they tell none
    assert ("Last-Modified" in first.headers) is not whole
    assert client.get(path, headers=since).status_code == (200 if whole else 304)
    with board.writing() as session:
        session.execute(update(Posting).values(frozen_at=clock.now()))
        postings_changed.send("tests", session=session, posting_ids=[posting.id], now=clock.now())
    assert client.get(path, headers=same).data


def test_what_a_board_was_known_by_never_says_something_else(board: Board, client: FlaskClient) -> None:
    """Time alone begins one posting and ends two, and then these ends are written down."""
    now, company = clock.now(), board.company(owner="owner@example.org").id
    board.posting(company)
    board.posting(company, published_at=now + timedelta(days=1))
    ends = [board.posting(company, expires_at=now + timedelta(days=days)).id for days in (2, 3)]
    met: set[str] = set()
    for days, live in ((0, 3), (1, 4), (2, 3), (3, 2), (4, 2)):
        with clock.stopped(now + timedelta(days=days)):
            if days == 4:
                with board.writing() as session:
                    assert stamp_expired(session, ends, clock.now()) == 2
            answer = client.get("/feeds/indeed.xml", headers={"If-None-Match": ", ".join(met)})
        assert answer.data.count(b"<job>") == live
        met.add(answer.headers["ETag"])
    assert len(met) == 5


def _part(posting: Any) -> int:
    """The part of the sitemap that leads to a posting, whose number tests before this one have made large."""
    return (posting.id - 1) // sitemap.PART


def _tags(client: FlaskClient, paths: list[str]) -> dict[str, str]:
    answers = {path: client.get(path) for path in paths}
    assert all(answer.data for answer in answers.values())
    return {path: answer.headers.get("ETag", "") for path, answer in answers.items()}


ALL = ("/jobs.atom", "/jobs.rss", "/jobs.json", "/feeds/indeed.xml", "/sitemap-0.xml", "/jobs")


@pytest.mark.parametrize("change", [
    {"frozen_at": NOW}, {"status": PostingStatus.CLOSED}, {"status": PostingStatus.PAUSED}, {"expires_at": None},
])  # fmt: skip
def test_a_dead_posting_leaves_every_one_at_once(board: Board, client: FlaskClient, change: dict[str, Any]) -> None:
    dead, alive = board.posting(), board.posting()
    paths = [path.replace("-0.", f"-{_part(dead)}.") for path in ALL]
    tags = _tags(client, paths)
    assert all(f"/jobs/{dead.id}/" in client.get(path).get_data(as_text=True) for path in paths)
    if "expires_at" in change:
        with board.reading() as session:
            ends = session.get_one(Posting, dead.id).expires_at
        with board.writing() as session:
            session.execute(update(Posting).where(Posting.id == alive.id).values(expires_at=ends + timedelta(days=9)))
            postings_changed.send("tests", session=session, posting_ids=[alive.id], now=clock.now())
        tags, later = _tags(client, paths), ends
    else:
        with board.writing() as session:
            session.execute(update(Posting).where(Posting.id == dead.id).values(**change))
            postings_changed.send("tests", session=session, posting_ids=[dead.id], now=clock.now())
        later = clock.now()
    with clock.stopped(later):
        for path in paths:
            answer = client.get(path, headers={"If-None-Match": tags[path]})
            text = answer.get_data(as_text=True)
            assert answer.status_code == 200 and f"/jobs/{dead.id}/" not in text and f"/jobs/{alive.id}/" in text, path
        assert client.get(f"{dead.path}.json").status_code == 410


def test_indeed_reads_every_live_posting(board: Board, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BATCH", 2)
    company = board.company("Müller & Söhne", owner="owner@example.org").id
    ids = [board.posting(company, title=f"{HOSTILE} {number}").id for number in range(4)]
    remote = board.posting(company, workplace=Workplace.REMOTE, source="x", source_id="R-1")
    packed = client.get("/feeds/indeed.xml", headers={"Accept-Encoding": "gzip"})
    assert packed.content_encoding == "gzip"
    plain = client.get("/feeds/indeed.xml")
    root = ElementTree.fromstring(gzip.decompress(packed.data))
    assert root.tag == "source" and root.findtext("publisherurl") == "http://127.0.0.1:5000"
    jobs = root.findall("job")
    assert [int(job.findtext("referencenumber")) for job in jobs] == [*ids, remote.id]
    first, last = jobs[0], jobs[-1]
    assert first.findtext("title") == f"{SHOWN} 0" and first.findtext("company") == "Müller & Söhne"
    assert (first.findtext("city"), first.findtext("country")) == ("Berlin", "DE")
    assert first.findtext("salary") == "€60k – €80k a year" and first.findtext("jobtype") == "fulltime"
    assert first.find("remotetype") is None and last.findtext("remotetype") == "Fully remote"
    assert (last.findtext("requisitionid"), first.findtext("requisitionid")) == ("R-1", str(ids[0]))
    assert packed.headers["ETag"] != plain.headers["ETag"] and "Accept-Encoding" in packed.headers["Vary"]
    xmlschema.validate(plain.data.decode(), XSD / "indeed.xsd")


def test_indeed_is_told_where_and_by_whom(market: Market, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BATCH", 40)
    jobs = ElementTree.fromstring(client.get("/feeds/indeed.xml").data).findall("job")
    facts = sorted(market.listed(Filters()), key=lambda fact: fact.id)
    assert [int(job.findtext("referencenumber")) for job in jobs] == [fact.id for fact in facts]
    for job, fact in zip(jobs, facts, strict=True):
        first = by_slug(fact.cities[0]) if fact.cities else None
        country = first.country if first else min(fact.countries - {WORLDWIDE}, default="")
        place = tuple(job.findtext(name) for name in ("city", "state", "country"))
        assert place == (first.city if first else "", first.region if first else "", country), fact
        assert job.findtext("company") == market.companies.get(fact.company or 0, "Company not named")
        assert job.findtext("category") == (market.categories[fact.category].title() if fact.category else None)


@pytest.mark.parametrize("path", ["/feeds/indeed.xml", "/sitemap-0.xml"])
def test_a_batch_asks_one_question(
    board: Board, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    company = board.company(owner="owner@example.org").id
    postings = [board.posting(company) for _ in range(9)]
    path = path.replace("-0.", f"-{_part(postings[0])}.")
    numbers = []
    for size in (10, 5, 3):
        monkeypatch.setattr(streaming, "BATCH", size)
        with board.statements() as asked:
            assert client.get(path).data.count(b"/jobs/") == 9
        numbers.append(len([one for one in asked if one.startswith("SELECT posting")]))
    assert numbers == [1, 2, 4]


def test_the_sitemap_leads_to_every_live_posting(
    board: Board, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "PART", 4)
    monkeypatch.setattr(streaming, "BATCH", 3)
    company = board.company("Acme", owner="owner@example.org")
    live = [board.posting(company.id) for _ in range(7)]
    board.posting(company.id, live=False)
    index = client.get("/sitemap.xml").data.decode()
    xmlschema.validate(index, XSD / "siteindex.xsd")
    parts = [element.text for element in ElementTree.fromstring(index).iterfind(".//{*}loc")]
    met: list[str] = []
    for part in parts:
        body = client.get(_path(part)).data.decode()
        xmlschema.validate(body, XSD / "sitemap.xsd")
        met += [element.text for element in ElementTree.fromstring(body).iterfind(".//{*}loc")]
    assert len(met) == len(set(met))
    assert {f"http://127.0.0.1:5000{posting.path}" for posting in live} <= set(met)
    assert f"http://127.0.0.1:5000/companies/{company.slug}" in met
    assert len(met) == 7 + 4
    robots = client.get("/robots.txt").get_data(as_text=True)
    assert "Sitemap: http://127.0.0.1:5000/sitemap.xml" in robots and "Disallow: /employer" in robots
    assert client.get("/sitemap-99999999999999999999.xml").status_code == 404


def test_a_posting_as_json(board: Board, client: FlaskClient) -> None:
    posting = board.posting(salary_min=None)
    found = client.get(f"{posting.path}.json")
    assert found.json["salary"] == {
        "min": None, "max": 80_000, "currency": "EUR", "period": "year", "year_min": None, "year_max": 80_000,
    }  # fmt: skip
    assert found.json["place"]["city"] == "Berlin" and found.json["url"] == f"http://127.0.0.1:5000{posting.path}"
    assert client.get(f"/jobs/{posting.id}/other.json").location == f"{posting.path}.json"
    assert client.get(f"{posting.path}.json", headers={"If-None-Match": found.headers["ETag"]}).status_code == 304
    draft = board.posting(live=False)
    assert client.get(f"/jobs/{draft.id}/job.json").status_code == 404


def test_a_listing_says_where_its_feeds_are(board: Board, client: FlaskClient) -> None:
    board.posting()
    soup = BeautifulSoup(client.get("/jobs?q=engineer&type=full_time&sort=salary").data, "html.parser")
    feeds = {str(link["type"]): str(link["href"]) for link in soup.select("link[rel=alternate]")}
    assert feeds.keys() == {"application/atom+xml", "application/rss+xml", "application/feed+json"}
    for href in feeds.values():
        asked = dict(parse_qsl(urlsplit(href).query))
        assert asked == {"q": "engineer", "type": "full_time", "sort": "salary", "currency": "USD"}
        assert client.get(href).status_code == 200
    assert re.search(r"Subscribe", soup.text)


def test_a_feed_asks_the_same_few_questions_of_ten_and_of_forty(board: Board, client: FlaskClient) -> None:
    company = board.company(owner="owner@example.org").id
    numbers = []
    for more in (10, 30):
        for _ in range(more):
            board.posting(company)
        client.get("/jobs.atom")
        with board.statements() as asked_:
            client.get("/jobs.atom")
        numbers.append(len(asked_))
    assert numbers[0] == numbers[1] <= 8
