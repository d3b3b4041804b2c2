"""The sitemap (https://www.sitemaps.org/protocol.html): an index of parts, each of a range of ids, and robots.txt."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from flask import Response

from app.core import clock
from app.core.db import reading
from app.core.errors import NotFound
from app.core.links import Links
from app.domain.postings.queries import Page, hiring, live_pages, live_ranges
from app.web.context import links
from app.web.documents import url_of
from app.web.feeds import blueprint as bp
from app.web.feeds import xml
from app.web.feeds.streaming import drawn, streamed
from app.web.policy import PUBLIC, allow

PART = 50_000
"""Addresses a part may have by the protocol; ids that one spans here."""
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PAGES = ("/", "/jobs", "/companies")
_CLOSED = (
    "/admin", "/employer", "/me", "/files", "/api/v1", "/graphql", "/jobs/results", "/jobs/suggest", "/jobs/*/-/",
)  # fmt: skip


@bp.get("/robots.txt")
@allow(PUBLIC)
def robots() -> Response:
    """What crawlers may read: what everybody may."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _CLOSED), f"Sitemap: {links().url('/sitemap.xml')}"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@bp.get("/sitemap.xml")
@allow(PUBLIC)
def sitemap() -> Response:
    """The index."""
    now = clock.now()
    return streamed(lambda: [_index(now)], now)


@bp.get("/sitemap-pages.xml")
@allow(PUBLIC)
def sitemap_pages() -> Response:
    """The board's own pages and those of companies that hire."""
    now = clock.now()
    return streamed(lambda: _urlset(_pages(now)), now)


@bp.get("/sitemap-<int:part>.xml")
@allow(PUBLIC)
def sitemap_part(part: int) -> Response:
    """The live postings of a range of ids."""
    if part > 10**12:
        raise NotFound
    now = clock.now()
    here = links()
    until_id = (part + 1) * PART
    urls = drawn(
        lambda after_id, limit: live_pages(reading(), after_id, limit, now, until_id),
        lambda page: _url(page, here), part * PART,
    )  # fmt: skip
    return streamed(lambda: _urlset(urls), now)


def _index(now: datetime) -> str:
    parts = [_listed("pages"), *(_listed(part, updated) for part, updated in live_ranges(reading(), PART, now))]
    return xml.HEAD + xml.holding("sitemapindex", *parts, xmlns=_SPACE)


def _pages(now: datetime) -> list[str]:
    paths = [*_PAGES, *(f"/companies/{slug}" for slug in hiring(reading(), now, PART - len(_PAGES)))]
    return [xml.holding("url", xml.element("loc", links().url(path))) for path in paths]


def _listed(part: int | str, updated: datetime | None = None) -> str:
    address = xml.element("loc", links().url(f"/sitemap-{part}.xml"))
    return xml.holding("sitemap", address, xml.element("lastmod", updated.isoformat()) if updated else "")


def _urlset(urls: Iterable[str]) -> Iterator[str]:
    yield xml.HEAD + xml.opening("urlset", xmlns=_SPACE)
    yield from urls
    yield "</urlset>\n"


def _url(page: Page, links: Links) -> str:
    address = xml.element("loc", url_of(page, links))
    return xml.holding("url", address, xml.element("lastmod", page.updated_at.isoformat()))
