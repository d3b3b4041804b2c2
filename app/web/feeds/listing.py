"""Every filtered listing as Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1 (https://jsonfeed.org), newest first unless
asked otherwise. What an address asks that cannot be understood is 422: nobody reads a note beside a feed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from functools import cached_property

from flask import Response, request

from app.core import clock
from app.core.db import reading
from app.domain.postings import words
from app.domain.postings.models import Posting
from app.domain.postings.queries import told
from app.domain.search import queries
from app.domain.search.filters import Filters
from app.web.asked import exactly, jobs_url
from app.web.context import board, links, settings
from app.web.documents import company_of, url_of
from app.web.feeds import blueprint as bp
from app.web.feeds import xml
from app.web.policy import PUBLIC, allow

ENTRIES = 50
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}
"""JSON that is markup to nobody, whoever reads it as what."""
_ATOM = "http://www.w3.org/2005/Atom"
_PURL = "http://purl.org/dc/elements/1.1/"


@dataclass(frozen=True)
class Feed:
    """One page of a listing's feed at `path`."""

    path: str
    filters: Filters
    postings: Sequence[Posting]
    after: str | None
    next: str | None

    @property
    def title(self) -> str:
        name = board().site_name
        return f"{self.filters.q} – {name}" if self.filters.q else f"Jobs – {name}"

    @property
    def itself(self) -> str:
        return links().url(jobs_url(self.filters, self.path, after=self.after))

    @property
    def page(self) -> str:
        """The listing that people see."""
        return links().url(jobs_url(self.filters))

    @property
    def following(self) -> str | None:
        return links().url(jobs_url(self.filters, self.path, after=self.next)) if self.next else None

    @cached_property
    def updated(self) -> datetime | None:
        return max((posting.updated_at for posting in self.postings), default=None)


@bp.get("/jobs.atom")
@allow(PUBLIC)
def atom() -> Response:
    """The listing as Atom."""
    feed = _asked("/jobs.atom")
    body = xml.holding(
        "feed", xml.element("title", feed.title), xml.element("id", feed.page),
        xml.element("updated", _iso(feed.updated or clock.now())),
        xml.element("link", rel="self", type="application/atom+xml", href=feed.itself),
        xml.element("link", rel="alternate", type="text/html", href=feed.page),
        xml.element("link", rel="next", href=feed.following) if feed.following else "",
        *map(_atom_entry, feed.postings), xmlns=_ATOM, xml__lang="en",
    )  # fmt: skip
    return _answer(xml.HEAD + body, "application/atom+xml")


def _atom_entry(posting: Posting) -> str:
    url = url_of(posting, links())
    return xml.holding(
        "entry", xml.element("id", url), xml.element("title", _title(posting)),
        xml.element("link", rel="alternate", type="text/html", href=url),
        xml.element("published", _iso(posting.published_at)), xml.element("updated", _iso(posting.updated_at)),
        xml.holding("author", xml.element("name", company_of(posting))),
        *(xml.element("category", term=term, label=label) for term, label in _tags(posting)),
        xml.element("summary", _facts(posting)), xml.element("content", posting.description_html, type="html"),
    )  # fmt: skip


@bp.get("/jobs.rss")
@allow(PUBLIC)
def rss() -> Response:
    """The listing as RSS."""
    feed = _asked("/jobs.rss")
    channel = xml.holding(
        "channel", xml.element("title", feed.title), xml.element("link", feed.page),
        xml.element("description", f"Jobs on {board().site_name}"), xml.element("language", "en"),
        xml.element("lastBuildDate", format_datetime(feed.updated or clock.now())),
        xml.element("atom:link", rel="self", type="application/rss+xml", href=feed.itself),
        xml.element("atom:link", rel="next", href=feed.following) if feed.following else "",
        *map(_rss_item, feed.postings),
    )  # fmt: skip
    body = xml.holding("rss", channel, version="2.0", xmlns__atom=_ATOM, xmlns__dc=_PURL)
    return _answer(xml.HEAD + body, "application/rss+xml")


def _rss_item(posting: Posting) -> str:
    url, published = url_of(posting, links()), posting.published_at
    return xml.holding(
        "item", xml.element("title", _title(posting)), xml.element("link", url),
        xml.element("guid", url, isPermaLink="true"), xml.element("dc:creator", company_of(posting)),
        xml.element("pubDate", format_datetime(published) if published else ""),
        *(xml.element("category", label) for _, label in _tags(posting)),
        xml.element("description", posting.description_html),
    )  # fmt: skip


@bp.get("/jobs.json")
@allow(PUBLIC)
def json_feed() -> Response:
    """The listing as a JSON Feed."""
    feed = _asked("/jobs.json")
    found = {
        "version": "https://jsonfeed.org/version/1.1", "title": feed.title, "home_page_url": feed.page,
        "feed_url": feed.itself, "next_url": feed.following, "language": "en",
        "items": [_json_item(posting) for posting in feed.postings],
    }  # fmt: skip
    return _answer(json.dumps(_stated(found), ensure_ascii=False).translate(_ESCAPES), "application/feed+json")


def _json_item(posting: Posting) -> dict[str, object]:
    url = url_of(posting, links())
    return _stated({
        "id": url, "url": url, "external_url": posting.apply_url, "title": _title(posting),
        "content_html": posting.description_html, "summary": _facts(posting),
        "date_published": _iso(posting.published_at), "date_modified": _iso(posting.updated_at),
        "authors": [{"name": company_of(posting)}], "tags": [label for _, label in _tags(posting)],
    })  # fmt: skip


def _asked(path: str) -> Feed:
    parsed, now, session = exactly(), clock.now(), reading()
    filters = replace(parsed.filters, sort=parsed.filters.sort or "newest").settled()
    with queries.steady(session):
        page = queries.search(session, filters, now, key=settings().key, limit=ENTRIES, after=parsed.after)
    known = told(session, [card.id for card in page.cards])
    return Feed(path, filters, [known[card.id] for card in page.cards], parsed.after, page.next)


def _answer(body: str, mimetype: str) -> Response:
    """Known by its tag alone: what leaves a listing leaves no date behind that would be later."""
    answer = Response(body, mimetype=mimetype)
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _stated(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: fact for name, fact in facts.items() if fact is not None}


def _iso(instant: datetime | None) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z") if instant else ""


def _title(posting: Posting) -> str:
    return f"{posting.title} – {posting.company.name}" if posting.company else posting.title


def _facts(posting: Posting) -> str:
    kinds = (posting.type, posting.workplace)
    told = (posting.place_label, words.pay(posting) or "Pay not stated", *(_words(kind) for kind in kinds if kind))
    return " · ".join(filter(None, told))


def _tags(posting: Posting) -> list[tuple[str, str]]:
    """What a posting is filed under: its machine's name and its words."""
    named = [(posting.category.slug, posting.category.name)] if posting.category else []
    return named + [(kind.value, _words(kind)) for kind in (posting.type, posting.workplace) if kind]


def _words(kind: str) -> str:
    return kind.replace("_", " ").capitalize()
