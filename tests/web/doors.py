"""The doors that list postings, each read as its own readers do: one page of ids, and the cursor behind it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import feedparser
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from app.domain.search.filters import REPEATABLE, parse
from tests.web.graphql import told

Asked = Sequence[tuple[str, str]]
"""A listing's arguments, in canonical words."""
Page = tuple[list[int], str | None]
Door = Callable[[FlaskClient, Asked, str | None], Page]


def html(client: FlaskClient, asked: Asked, after: str | None) -> Page:
    """What people see, and its plain link to more."""
    soup = BeautifulSoup(client.get(_address("/jobs", asked, after)).data, "html.parser")
    link = soup.select_one("a[rel=next]")
    rows = soup.select("#results article[data-posting]")
    return [int(str(row["data-posting"])) for row in rows], _cursor(str(link["href"]), asked) if link else None


def rest(client: FlaskClient, asked: Asked, after: str | None) -> Page:
    found = client.get(_address("/api/v1/postings?limit=37", asked, after)).json
    return [item["id"] for item in found["items"]], found["next"]


def atom(client: FlaskClient, asked: Asked, after: str | None) -> Page:
    return _subscribed(client, "/jobs.atom", asked, after)


def rss(client: FlaskClient, asked: Asked, after: str | None) -> Page:
    return _subscribed(client, "/jobs.rss", asked, after)


def json_feed(client: FlaskClient, asked: Asked, after: str | None) -> Page:
    feed = json.loads(client.get(_address("/jobs.json", asked, after)).data)
    return [_id(item["url"]) for item in feed["items"]], _cursor(feed.get("next_url"), asked)


LISTED = """query($filter: PostingFilter, $sort: PostingSort, $after: String) {
  postings(filter: $filter, sort: $sort, first: 41, after: $after) {
    edges { cursor node { id } } pageInfo { hasNextPage endCursor }
  }
}"""
NUMBERS = {"radius_km": "radiusKm", "salary_min": "salaryMin", "posted_within": "postedWithin"}
"""Arguments that GraphQL takes as numbers, and what it calls them."""


def graphql(client: FlaskClient, asked: Asked, after: str | None) -> Page:
    wanted: dict[str, Any] = {}
    for argument, value in asked:
        if argument in NUMBERS:
            wanted[NUMBERS[argument]] = int(value)
        elif argument in REPEATABLE:
            wanted.setdefault(argument, []).append(value)
        elif argument != "sort":
            wanted[argument] = value
    found = told(client, LISTED, filter=wanted, sort=dict(asked).get("sort"), after=after)["postings"]
    ends, last = found["pageInfo"]["endCursor"], [edge["cursor"] for edge in found["edges"][-1:]]
    assert found["pageInfo"]["hasNextPage"] is (ends is not None) and ends in (None, *last)
    return [int(edge["node"]["id"]) for edge in found["edges"]], ends


DOORS: dict[str, Door] = {
    "HTML": html, "REST": rest, "GraphQL": graphql, "Atom": atom, "RSS": rss, "JSON": json_feed,
}


def walked(client: FlaskClient, door: Door | Sequence[Door], asked: Asked) -> list[int]:
    """A whole listing, page behind page; of several doors each goes on from the cursor of the one before."""
    turns = cycle(door if isinstance(door, Sequence) else [door])
    ids, after = next(turns)(client, asked, None)
    while after:
        more, after = next(turns)(client, asked, after)
        assert more, "a cursor that leads to nothing"
        ids += more
    return ids


def _subscribed(client: FlaskClient, path: str, asked: Asked, after: str | None) -> Page:
    feed = feedparser.parse(client.get(_address(path, asked, after)).data)
    assert not feed.bozo, feed.bozo_exception
    following = next((link.href for link in feed.feed.links if link.rel == "next"), None)
    return [_id(entry.link) for entry in feed.entries], _cursor(following, asked)


def _address(path: str, asked: Asked, after: str | None) -> str:
    query = urlencode([*asked, *([("after", after)] if after else [])])
    return f"{path}{'&' if '?' in path else '?'}{query}"


def _cursor(url: str | None, asked: Asked) -> str | None:
    """That of a link to more, which must ask for the same listing; where no order was stated it may state its own."""
    if not url:
        return None
    linked = parse_qsl(urlsplit(url).query)
    here, there = (parse(args, "USD").filters for args in (asked, linked))
    assert there == (here if here.sort or "sort" in dict(asked) else replace(here, sort=there.sort)), url
    return dict(linked)["after"]


def _id(url: str) -> int:
    return int(urlsplit(url).path.split("/")[2])
